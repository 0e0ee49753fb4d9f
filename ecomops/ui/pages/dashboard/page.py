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
    """Figures above; below, the syncs, and the checklist until it is done."""
    return rx.el.div(
        parts.figures(),
        parts.running(),
        rx.el.div(
            parts.latest_syncs(),
            rx.cond(Onboarding.all_done, parts.sources(), parts.checklist()),
            class_name="columns",
        ),
        class_name="stack",
    )
