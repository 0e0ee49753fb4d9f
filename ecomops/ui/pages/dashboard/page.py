"""The dashboard: is everything in, does it tie out, what needs somebody."""

from __future__ import annotations

import reflex as rx

from ecomops.ui import routes
from ecomops.ui.components.blanks import skeleton_list
from ecomops.ui.components.cards import card
from ecomops.ui.layouts.activity import Activity
from ecomops.ui.layouts.counts import TableCounts
from ecomops.ui.layouts.onboarding import Onboarding
from ecomops.ui.layouts.shell import shell
from ecomops.ui.layouts.sources import Sources
from ecomops.ui.layouts.sync_button import run_sync_button
from ecomops.ui.pages.dashboard import answers, parts
from ecomops.ui.pages.dashboard.state import DashboardState
from ecomops.ui.registry import page


def actions() -> list[rx.Component]:
    """What the top bar offers."""
    return [run_sync_button("primary")]


@page(
    routes.DASHBOARD,
    "Dashboard",
    "connections.view",
    layout=shell(actions),
    on_load=(
        Onboarding.load_onboarding, DashboardState.load_insights, TableCounts.load_counts,
        Activity.load_jobs, Sources.load_sources,
    ),
)  # fmt: skip
def dashboard() -> rx.Component:
    """The checklist until it is done, the figures once there are any, and what goes on."""
    known = Onboarding.onboarding_loaded | (Onboarding.onboarding_problem != "")
    unfinished = known & ~Onboarding.all_done
    empty = known & ~Onboarding.has_data
    return rx.el.div(
        rx.cond(unfinished, parts.checklist()),
        parts.running(),
        rx.cond(empty, None, _figures()),
        rx.el.div(
            parts.latest_syncs(),
            rx.cond(unfinished & ~Sources.any_source, None, parts.sources()),
            class_name="columns",
        ),
        parts.counts(),
        class_name="stack",
    )


def _figures() -> rx.Component:
    """Tiles and charts, with the answers that they are looked at for beside them."""
    some = DashboardState.currency != ""
    drawn = rx.fragment(
        rx.el.div(answers.volume(), answers.needs(), class_name="columns"),
        rx.el.div(answers.arrivals(), answers.ties(), class_name="columns"),
    )
    quiet = rx.el.div(
        card("Volume and fees by day", rx.el.p(
            "No payments and no payouts in the last 30 days.", class_name="muted list-row",
        ), class_name="list"),
        answers.needs(),
        class_name="columns",
    )  # fmt: skip
    waiting = rx.el.div(
        card("Volume and fees by day", rx.el.div(skeleton_list(5), class_name="chart-waits")),
        answers.needs(),
        class_name="columns",
    )
    return rx.fragment(
        answers.currency_choice(),
        answers.tiles(),
        rx.cond(
            DashboardState.insights_problem != "",
            None,
            rx.cond(DashboardState.insights_loaded, rx.cond(some, drawn, quiet), waiting),
        ),
    )
