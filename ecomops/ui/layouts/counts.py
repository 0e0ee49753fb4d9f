"""How many rows each table has, for the sidebar and the dashboard."""

from __future__ import annotations

from ecomops.domains.tables.queries import table_counts
from ecomops.ui.format import capped
from ecomops.ui.handlers import handler
from ecomops.ui.problems import shown_on_page
from ecomops.ui.session import perform
from ecomops.ui.state import AppState


class TableCounts(AppState):
    """Table → its number of rows, as text; empty until loaded."""

    counts: dict[str, str] = {}  # noqa: RUF012 - Reflex copies the default for each State

    counts_problem: str = ""
    counts_reference: str = ""

    @handler("tables.view")
    async def load_counts(self) -> None:
        """Count the rows of all tables."""
        with shown_on_page(self, "counts"):
            found = await perform(table_counts)
            self.counts = {name: capped(count.value, count.capped) for name, count in found.items()}
