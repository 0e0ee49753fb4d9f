"""Where one can go: one list for the sidebar and the command palette.

A place is shown once its page is registered, and to whoever may see the page.
"""

from __future__ import annotations

from dataclasses import dataclass

from ecomops.domains.tables.catalog import TABLES
from ecomops.ui import routes
from ecomops.ui.registry import PAGES


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the sidebar. ``route`` is a page's; ``within`` is where its own pages lie."""

    label: str
    icon: str
    route: str
    within: str = ""

    @property
    def permission(self) -> str:
        """What its page needs; empty when being signed in is enough."""
        return PAGES[self.route].rule.permission or ""

    def holds(self, route: str) -> bool:
        """Whether the page at ``route`` is this place's."""
        return route == self.route or route.startswith(f"{self.within or self.route}/")


TABLES_PLACE = Place("Tables", "table-2", routes.table(next(iter(TABLES))), routes.TABLES)
ORDER = (
    Place("Dashboard", "layout-dashboard", routes.DASHBOARD),
    TABLES_PLACE,
    Place("Connections", "plug", routes.CONNECTIONS),
    Place("Jobs", "activity", routes.JOBS),
    Place("Exports", "file-down", "/exports"),
    Place("Imports", "file-up", "/imports"),
    Place("Audit Log", "scroll-text", "/audit"),
    Place("Settings", "settings", "/settings"),
)
"""In the order in which they stand."""


def places() -> list[Place]:
    """Those whose page there is."""
    return [place for place in ORDER if place.route in PAGES]


def table_places() -> list[Place]:
    """The tables."""
    return [Place(spec.label, "table-2", routes.table(name)) for name, spec in TABLES.items()]
