"""The Exports page: files that were prepared in the background, for a week."""

from __future__ import annotations

import reflex as rx

from ecomops.domains.exports.service import KEPT
from ecomops.ui import routes
from ecomops.ui.components.blanks import blank, failure, skeleton_list
from ecomops.ui.components.buttons import button, link_button
from ecomops.ui.components.cards import card
from ecomops.ui.layouts.activity import Activity
from ecomops.ui.layouts.shell import shell
from ecomops.ui.pages.exports import parts
from ecomops.ui.pages.exports.state import ExportsState
from ecomops.ui.registry import page


@page(
    routes.EXPORTS,
    "Exports",
    "tables.view",
    layout=shell(),
    on_load=(ExportsState.load_exports, Activity.load_jobs),
)
def exports() -> rx.Component:
    """The newest first."""
    again = button("Try again", icon_name="rotate-cw", on_click=ExportsState.load_exports)
    failed = failure(ExportsState.exports_problem, ExportsState.exports_reference, again)
    return rx.el.div(
        rx.cond(
            ExportsState.exports_problem != "",
            rx.el.section(failed, class_name="card"),
            rx.cond(ExportsState.exports_loaded, _loaded(), card("Files", skeleton_list(4))),
        ),
        parts.delete_dialog(),
        class_name="stack",
    )


def _loaded() -> rx.Component:
    body = rx.el.tbody(rx.foreach(ExportsState.exports, parts.row))
    table = rx.el.table(parts.head(), body, class_name="exports-table", aria_label="Exports")
    note = rx.el.p(
        f"Each file is kept for {KEPT.days} days, for the person who asked for it.",
        class_name="small muted",
    )
    return rx.cond(ExportsState.exports.length() > 0, card("Files", table, actions=[note]), _none())


def _none() -> rx.Component:
    return rx.el.section(
        blank(
            "No exports yet",
            "Open a table, then choose Export and More options to have a file prepared in the "
            f"background. It waits here for {KEPT.days} days.",
            link_button("Open Payouts", routes.table("payouts"), icon_name="table-2"),
            icon_name="file-down",
        ),
        class_name="card",
    )
