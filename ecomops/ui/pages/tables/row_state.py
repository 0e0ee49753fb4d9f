"""The row that is open beside its table."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ecomops.domains.tables.detail import get_row, list_row_events
from ecomops.domains.tables.makeup import get_makeup
from ecomops.domains.tables.schemas import RowAddress
from ecomops.ui.components.json_view import Token, json_text, tokens
from ecomops.ui.handlers import handler
from ecomops.ui.operation import current_path
from ecomops.ui.pages.tables import address
from ecomops.ui.pages.tables.row_facts import (
    EventLine,
    MakeupFacts,
    RowFacts,
    event_line,
    makeup_facts,
    row_facts,
)
from ecomops.ui.problems import shown_on_page
from ecomops.ui.session import perform
from ecomops.ui.state import AppState


class OpenRow(AppState):
    """What the panel shows of the row in the page's address; nothing while none is open."""

    row_id: str = ""
    row_table: str = ""
    row: RowFacts | None = None
    raw: list[Token] = []  # noqa: RUF012 - Reflex copies the default for each State
    raw_text: str = ""
    events: list[EventLine] = []  # noqa: RUF012
    makeup: MakeupFacts | None = None
    row_problem: str = ""
    row_reference: str = ""

    @handler("tables.view")
    async def load_row(self) -> Any:
        """Open the row that the page's address names, or close the one that is open."""
        view = address.view_at(current_path())
        at = RowAddress(view.table, view.row) if view and view.row else None
        if at is None:
            self.row_id, self.row = "", None
            return None
        with shown_on_page(self, "row"):
            detail = await perform(get_row, at)
            self.row = row_facts(detail, self.timezone)
        if self.row_problem:
            self.row = None
        self.row_table, self.row_id = at.table, str(at.row_id)
        self.raw, self.raw_text, self.events, self.makeup = [], "", [], None
        if self.row is None:
            return None
        follow: list[Any] = [OpenRow.load_makeup] if at.table == "payouts" else []
        return follow + ([OpenRow.load_events] if "audit.view" in self.permissions else [])

    @handler("tables.view")
    async def load_makeup(self) -> None:
        """Show what the open payout is made of."""
        if self.row and self.row_table == "payouts":
            found = await perform(get_makeup, UUID(self.row_id))
            self.makeup = makeup_facts(found, self.row.source_id)

    @handler("audit.view")
    async def load_events(self) -> None:
        """Show what the audit log says of how the open row came in."""
        if self.row_id:
            found = await perform(list_row_events, self._at())
            self.events = [event_line(event, self.timezone) for event in found]

    @handler("tables.view")
    async def show_raw(self) -> None:
        """Show what exactly the provider sent of the open row."""
        if not self.row_id:
            return
        detail = await perform(get_row, self._at())
        self.raw, self.raw_text = tokens(detail.raw), json_text(detail.raw)

    def _at(self) -> RowAddress:
        return RowAddress(self.row_table, UUID(self.row_id))
