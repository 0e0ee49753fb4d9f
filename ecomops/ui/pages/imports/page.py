"""The Imports page: bring a file, and see what was brought."""

from __future__ import annotations

import reflex as rx

from ecomops.ui import routes
from ecomops.ui.components.badges import status_badge
from ecomops.ui.components.blanks import blank, failure, notice, skeleton_list
from ecomops.ui.components.buttons import button, link_button
from ecomops.ui.components.cards import card
from ecomops.ui.components.dialogs import dialog
from ecomops.ui.components.links import link
from ecomops.ui.layouts.activity import Activity
from ecomops.ui.layouts.shell import shell
from ecomops.ui.pages.imports.drop_zone import drop_zone
from ecomops.ui.pages.imports.state import ImportRow, ImportsState
from ecomops.ui.registry import page


def actions() -> list[rx.Component]:
    """What the top bar offers."""
    return [link_button("Bank Lines", routes.BANK_LINES, icon_name="landmark")]


@page(
    routes.IMPORTS,
    "Imports",
    "imports.run",
    layout=shell(actions),
    on_load=(ImportsState.load_imports, Activity.load_jobs),
)
def imports() -> rx.Component:
    """The drop zone above, past imports below."""
    again = button("Try again", icon_name="rotate-cw", on_click=ImportsState.load_imports)
    failed = failure(ImportsState.imports_problem, ImportsState.imports_reference, again)
    return rx.el.div(
        drop_zone(),
        rx.cond((ImportsState.waiting_name != "") & ~ImportsState.expired, _waiting()),
        rx.cond(
            ImportsState.imports_problem != "",
            rx.el.section(failed, class_name="card"),
            rx.cond(ImportsState.imports_loaded, _loaded(), card("Imported", skeleton_list(3))),
        ),
        _undo_dialog(),
        class_name="stack",
    )


def _waiting() -> rx.Component:
    """An upload whose preview was left: it is not imported by itself."""
    return notice(
        rx.el.p(
            f"'{ImportsState.waiting_name}' is not imported yet. "
            f"It is kept until {ImportsState.waiting_until}, or your next upload. ",
            link("Go on with it", to=ImportsState.waiting_address),
        )
    )


def _loaded() -> rx.Component:
    rows = rx.el.ul(rx.foreach(ImportsState.imports, _import))
    return rx.cond(
        ImportsState.imports.length() > 0, card("Imported", rows, class_name="list"), _none()
    )


def _import(row: ImportRow) -> rx.Component:
    undo = button(
        "Undo",
        icon_name="undo-2",
        class_name="small",
        disabled=ImportsState.expired,
        aria_label=f"Undo {row.file_name}",
        on_click=ImportsState.ask_to_undo(row.id, row.file_name),
    )
    return rx.el.li(
        rx.el.div(
            rx.el.div(row.file_name, class_name="strong ellipsis", title=row.file_name),
            rx.el.div(row.kind, " · ", row.about, class_name="small muted"),
            rx.el.div(row.counts, class_name="small muted"),
            class_name="grow",
        ),
        rx.el.div(
            rx.el.div(row.sums, class_name="figures"),
            rx.el.div(row.by, " · ", rx.el.span(row.when, title=row.moment),
                      class_name="small muted"),
            class_name="import-end",
        ),
        status_badge(row.status),
        rx.el.div(rx.cond(row.undoable, undo), class_name="import-undo"),
        class_name="list-row import",
        key=row.id,
    )  # fmt: skip


def _none() -> rx.Component:
    return rx.el.section(
        blank(
            "Nothing imported yet",
            "Bring the statement of the bank account that payouts arrive on, "
            "or a payout report where you cannot give an API key.",
            icon_name="file-up",
        ),
        class_name="card",
    )


def _undo_dialog() -> rx.Component:
    """Lines go, so it is asked for twice."""
    return dialog(
        "Undo this import?",
        rx.el.p(
            f"The bank lines that only '{ImportsState.undo_name}' told are removed. "
            "Lines that another statement tells as well stay."
        ),
        rx.el.div(
            button("Keep", on_click=ImportsState.keep),
            button("Undo import", kind="danger", on_click=ImportsState.undo),
            class_name="dialog-foot",
        ),
        name="undo-import",
        shown=ImportsState.undo_id != "",
        on_close=ImportsState.keep,
    )
