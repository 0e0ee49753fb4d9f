"""One event in full, beside the list."""

from __future__ import annotations

from uuid import UUID

from ecomops.domains.audit.queries import get_event
from ecomops.domains.audit.schemas import EventDetail
from ecomops.kit.settings import get_settings
from ecomops.ui import format as fmt
from ecomops.ui import routes
from ecomops.ui.components.json_view import Token, json_text, tokens
from ecomops.ui.handlers import handler
from ecomops.ui.operation import current_path
from ecomops.ui.pages.audit import address
from ecomops.ui.pages.audit.facts import Fact, document, facts, sealed
from ecomops.ui.pages.audit.rows import EventLine, event_line
from ecomops.ui.problems import shown_on_page
from ecomops.ui.session import perform
from ecomops.ui.state import AppState


class EventState(AppState):
    """The event that the address names; none while ``event_id`` is empty."""

    event_id: str = ""
    event_action: str = ""
    event_category: str = ""
    event_status: str = ""
    event_correlation: str = ""
    event_facts: list[Fact] = []  # noqa: RUF012 - Reflex copies the default for each State
    event_payload: list[Token] = []  # noqa: RUF012
    event_json: str = ""
    event_link: str = ""
    event_sealed: str = ""
    related: list[EventLine] = []  # noqa: RUF012
    more_related: bool = False
    open_prefix: str = ""
    close_address: str = ""
    event_problem: str = ""
    event_reference: str = ""

    @handler("audit.view")
    async def load_event(self) -> None:
        """Show the event that the address names, or none."""
        view = address.parse(current_path())
        listed = address.page_address(address.list_of(view))
        self.close_address = listed
        self.open_prefix = f"{listed}{'&' if '?' in listed else '?'}event="
        if view.event:
            with shown_on_page(self, "event"):
                self._show(await perform(get_event, UUID(view.event)))
        self.event_id = view.event

    def _show(self, event: EventDetail) -> None:
        row, zone = event.event, self.timezone
        self.event_action, self.event_correlation = row.action, row.correlation_id
        self.event_category, self.event_status = fmt.words(row.category), fmt.words(row.status)
        self.event_facts, self.event_sealed = facts(event, zone), sealed(event, zone)
        self.event_payload = tokens(event.payload) if event.payload is not None else []
        self.event_json = json_text(document(event))
        self.event_link = f"{get_settings().origin}{routes.audit_event(str(row.id))}"
        self.related = [event_line(it, zone) for it in event.related]
        self.more_related = event.more_related
