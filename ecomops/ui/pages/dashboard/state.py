"""The figures of the dashboard, as text; in one currency at a time, chosen in the address."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from ecomops.domains.insights.attention import get_attention
from ecomops.domains.insights.queries import get_insights
from ecomops.domains.insights.schemas import AskInsights, Insights
from ecomops.ui import routes
from ecomops.ui.handlers import handler
from ecomops.ui.layouts.activity import AFTER_A_JOB
from ecomops.ui.operation import current_path, query
from ecomops.ui.pages.dashboard import money, needs
from ecomops.ui.pages.dashboard.money import ArrivalDay, MoneyDay, Part, Tile
from ecomops.ui.pages.dashboard.needs import Difference, Need, Verdict
from ecomops.ui.pages.dashboard.scale import Tick
from ecomops.ui.problems import shown_on_page
from ecomops.ui.registry import PAGES
from ecomops.ui.session import perform
from ecomops.ui.state import AppState


class DashboardState(AppState):
    """Charts of one currency, and what needs somebody."""

    insights_loaded: bool = False
    insights_problem: str = ""
    insights_reference: str = ""

    currency: str = ""
    currencies: list[str] = []  # noqa: RUF012 - Reflex copies the default for each State
    days_of: str = ""
    tiles: list[Tile] = []  # noqa: RUF012
    money_days: list[MoneyDay] = []  # noqa: RUF012
    volume_ticks: list[Tick] = []  # noqa: RUF012
    fee_ticks: list[Tick] = []  # noqa: RUF012
    arrival_days: list[ArrivalDay] = []  # noqa: RUF012
    arrival_ticks: list[Tick] = []  # noqa: RUF012
    arrival_parts: list[Part] = []  # noqa: RUF012
    needs: list[Need] = []  # noqa: RUF012
    verdicts: list[Verdict] = []  # noqa: RUF012
    differences: list[Difference] = []  # noqa: RUF012
    ties_capped: bool = False

    @handler("tables.view")
    async def load_insights(self) -> None:
        """Show the figures, in the currency that the address asks for or the busiest one."""
        with shown_on_page(self, "insights"):
            found = await perform(get_insights, AskInsights())
            attention = await perform(get_attention, AskInsights())
            self._show_money(found)
            self._show_ties(found)
            self.needs = [
                *needs.needs_of(attention, found.tie_out, found.timezone),
                *needs.trial_need(self.trial_days_left, expired=self.expired,
                                  address=routes.PLAN if routes.PLAN in PAGES else ""),
            ]  # fmt: skip
            self.insights_loaded = True

    @handler("tables.view")
    async def look_again(self) -> Any:
        """Load them once more if the page that shows them is open."""
        here = urlsplit(current_path()).path.rstrip("/") == routes.DASHBOARD
        return DashboardState.load_insights if here else None

    def _show_money(self, found: Insights) -> None:
        self.currencies = currencies_of(found)
        wanted = query("currency")
        known = wanted in self.currencies
        self.currency = wanted if known else next(iter(self.currencies), "")
        shown = money.in_currency(found, self.currency)
        arrivals = [it for it in found.arrivals if it.currency == self.currency]
        self.days_of = found.timezone
        self.money_days = money.money_days(shown)
        self.volume_ticks, self.fee_ticks = money.volume_ticks(shown), money.fee_ticks(shown)
        self.arrival_days = money.arrival_days(arrivals, self.currency, found.today)
        self.arrival_ticks = money.arrival_ticks(arrivals)
        self.arrival_parts = money.parts_of(arrivals, self.currency)
        self.tiles = [
            *money.tiles(shown, arrivals, found.today),
            needs.tie_tile(found.tie_out, found.today),
        ]

    def _show_ties(self, found: Insights) -> None:
        self.verdicts = needs.verdicts_of(found.tie_out, found.today)
        self.differences = needs.differences_of(found.tie_out)
        self.ties_capped = found.tie_out.capped


def currencies_of(found: Insights) -> list[str]:
    """All that have money in the charts, the busiest first."""
    paid_out = sorted({it.currency for it in found.arrivals})
    return list(dict.fromkeys([*(it.currency for it in found.money), *paid_out]))


AFTER_A_JOB.append(DashboardState.look_again)
