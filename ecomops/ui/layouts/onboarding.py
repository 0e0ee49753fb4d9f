"""How far the workspace has come: known here, so that the end of a sync can tick it."""

from __future__ import annotations

from ecomops.domains.connections.queries import get_onboarding
from ecomops.ui.handlers import handler
from ecomops.ui.problems import shown_on_page
from ecomops.ui.session import perform
from ecomops.ui.state import AppState


class Onboarding(AppState):
    """The onboarding checklist, ticked by what is in the database."""

    onboarding_loaded: bool = False
    onboarding_problem: str = ""
    onboarding_reference: str = ""
    has_netsuite: bool = False
    has_source: bool = False
    has_data: bool = False
    all_done: bool = False

    @handler("connections.view")
    async def load_onboarding(self) -> None:
        """Tick what is done."""
        with shown_on_page(self, "onboarding"):
            done = await perform(get_onboarding)
            self.has_netsuite, self.has_source = done.netsuite, done.source
            self.has_data = done.data
            self.all_done = done.netsuite and done.source and done.data
            self.onboarding_loaded = True
