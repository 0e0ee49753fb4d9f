"""The dashboard: what is there, what runs, what to do next."""

from __future__ import annotations

import reflex as rx

from ecomops.ui import routes
from ecomops.ui.layouts.activity import Activity
from ecomops.ui.layouts.counts import TableCounts
from ecomops.ui.layouts.onboarding import Onboarding
from ecomops.ui.layouts.shell import shell
from ecomops.ui.layouts.sources import Sources
from ecomops.ui.layouts.sync_button import run_sync_button
from ecomops.ui.pages.dashboard import parts
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
        Onboarding.load_onboarding, TableCounts.load_counts, Activity.load_jobs,
        Sources.load_sources,
    ),
)  # fmt: skip
def dashboard() -> rx.Component:
    """Figures above; below, the syncs, the checklist until it is done, and how fresh it all is."""
    known = Onboarding.onboarding_loaded | (Onboarding.onboarding_problem != "")
    unfinished = known & ~Onboarding.all_done
    return rx.el.div(
        parts.figures(),
        parts.running(),
        rx.el.div(
            parts.latest_syncs(),
            rx.el.div(
                rx.cond(unfinished, parts.checklist()),
                rx.cond(unfinished & ~Sources.any_source, None, parts.sources()),
                class_name="column",
            ),
            class_name="columns",
        ),
        class_name="stack",
    )
