"""Records that could not be read."""

from __future__ import annotations

from dataclasses import dataclass

from ecomops.domains.sync.queries import list_rejects
from ecomops.domains.sync.schemas import ListRejects, RejectView
from ecomops.ui import format as fmt
from ecomops.ui.handlers import handler
from ecomops.ui.problems import shown_on_page
from ecomops.ui.session import perform
from ecomops.ui.state import AppState


@dataclass
class RejectRow:
    """One record, as text."""

    id: str
    source_id: str
    stream: str
    message: str
    payload: str
    where: str
    when: str


class RejectsState(AppState):
    """The newest records that could not be read."""

    rejects: list[RejectRow] = []  # noqa: RUF012 - Reflex copies the default for each State
    rejects_loaded: bool = False
    rejects_problem: str = ""
    rejects_reference: str = ""

    @handler("jobs.view")
    async def load_rejects(self) -> None:
        """Show them."""
        with shown_on_page(self, "rejects"):
            views = await perform(list_rejects, ListRejects())
            self.rejects = [_row(view, self.timezone) for view in views]
            self.rejects_loaded = True


def _row(view: RejectView, zone: str) -> RejectRow:
    return RejectRow(
        id=str(view.id),
        source_id=view.source_id or "without an id",
        stream=fmt.words(view.stream),
        message=view.message,
        payload=view.payload,
        where=view.connection_label,
        when=fmt.moment(view.created_at, zone),
    )
