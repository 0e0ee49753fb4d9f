"""One export in its row, and the question before it is deleted."""

from __future__ import annotations

import reflex as rx

from ecomops.ui.components.badges import status_badge
from ecomops.ui.components.buttons import button, icon_button
from ecomops.ui.components.dialogs import dialog
from ecomops.ui.components.icons import icon
from ecomops.ui.components.links import plain_link
from ecomops.ui.components.progress import progress_bar
from ecomops.ui.job_rows import JobRow
from ecomops.ui.layouts.activity import Activity
from ecomops.ui.pages.exports.rows import ExportRow
from ecomops.ui.pages.exports.state import ExportsState

HEADS = ("Export", "Format", "Rows", "Size", "Requested", "Expires", "Status")


def head() -> rx.Component:
    """The names of the columns."""
    names = [rx.el.th(name, scope="col", class_name=_align(name)) for name in HEADS]
    last = rx.el.th(rx.el.span("Actions", class_name="visually-hidden"), scope="col")
    return rx.el.thead(rx.el.tr(*names, last))


def _align(name: str) -> str:
    return "num" if name in ("Rows", "Size") else ""


def row(it: ExportRow) -> rx.Component:
    """What was exported, how far it is, and what can be done with it."""
    return rx.el.tr(
        rx.el.th(
            rx.el.div(it.table, class_name="strong"),
            rx.el.div(it.filters, class_name="small muted export-filters", title=it.filters),
            rx.cond(it.error != "", _reason(it)),
            scope="row",
        ),
        rx.el.td(it.format, class_name="export-format"),
        rx.el.td(it.rows, class_name="num export-rows"),
        rx.el.td(it.size, class_name="num export-size"),
        rx.el.td(
            rx.el.div(it.when, title=it.moment),
            rx.el.div(it.who, class_name="small muted ellipsis", title=it.who),
            class_name="export-who",
        ),
        rx.el.td(it.expires, class_name="export-expires"),
        rx.el.td(status_badge(it.status), _progress(it), class_name="export-status"),
        rx.el.td(_actions(it), class_name="export-actions"),
        key=it.id,
    )


def _reason(it: ExportRow) -> rx.Component:
    reference = rx.el.div("Reference ", rx.el.span(it.reference, class_name="mono"))
    return rx.el.div(it.error, reference, class_name="export-error")


def _progress(it: ExportRow) -> rx.Component:
    """Of the job that prepares it, while that runs."""

    def shown(job: JobRow) -> rx.Component:
        bar = rx.el.div(
            progress_bar(f"Progress of {it.name}", job.percent),
            rx.el.div(job.figures, class_name="small muted"),
            class_name="export-progress",
        )
        return rx.cond(job.id == it.job_id, bar)

    return rx.foreach(Activity.live, shown)


def _actions(it: ExportRow) -> rx.Component:
    download = plain_link(
        icon("download"),
        rx.el.span("Download"),
        href=it.download,
        download=True,
        aria_label=f"Download {it.name}",
        class_name="button small",
    )
    again = button(
        "Try again",
        icon_name="rotate-cw",
        class_name="small",
        on_click=ExportsState.try_again(it.id),
    )
    cancel = button("Cancel", class_name="small", on_click=ExportsState.cancel_export(it.id))
    delete = icon_button(
        f"Delete {it.name}", "trash-2", on_click=ExportsState.ask_to_delete(it.id, it.name)
    )
    return rx.el.div(
        rx.cond(it.download != "", download),
        rx.cond(it.retry, again),
        rx.cond(it.removable, rx.cond(it.status == "Preparing", cancel, delete)),
    )


def delete_dialog() -> rx.Component:
    """A file that is gone cannot be brought back, so it is asked for twice."""
    return dialog(
        "Delete this export?",
        rx.el.p(f"{ExportsState.delete_name} and its file go for good. The table stays as it is."),
        rx.el.div(
            button("Keep it", on_click=ExportsState.keep_export),
            button("Delete export", kind="danger", on_click=ExportsState.delete_export),
            class_name="dialog-foot",
        ),
        name="delete-export",
        shown=ExportsState.delete_id != "",
        on_close=ExportsState.keep_export,
    )
