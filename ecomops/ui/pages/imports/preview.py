"""The preview: what is in a file, how it is read, what is wrong with it, and the button."""

from __future__ import annotations

import reflex as rx

from ecomops.ui import routes
from ecomops.ui.components.blanks import blank, failure, notice, skeleton_list
from ecomops.ui.components.buttons import busy_button, button, link_button
from ecomops.ui.components.cards import card
from ecomops.ui.layouts.activity import Activity
from ecomops.ui.layouts.shell import shell
from ecomops.ui.pages.imports.preview_forms import account_form, columns_form, reading_form
from ecomops.ui.pages.imports.preview_rows import Cell, LineRow, ProblemRow
from ecomops.ui.pages.imports.preview_state import PreviewState
from ecomops.ui.registry import page


def actions() -> list[rx.Component]:
    """What the top bar offers."""
    return [link_button("Back to Imports", routes.IMPORTS, icon_name="arrow-left")]


@page(
    routes.IMPORT_PREVIEW,
    "Import preview",
    "imports.run",
    layout=shell(actions),
    on_load=(PreviewState.load_preview, Activity.load_jobs),
)
def preview() -> rx.Component:
    """What is in the file first, then how it is read."""
    again = button("Try again", icon_name="rotate-cw", on_click=PreviewState.load_preview)
    failed = failure(PreviewState.preview_problem, PreviewState.preview_reference, again)
    shown = rx.cond(PreviewState.gone, _gone(), _file())
    return rx.el.div(
        rx.cond(
            PreviewState.preview_problem != "",
            rx.el.section(failed, class_name="card"),
            rx.cond(PreviewState.preview_loaded, shown, card("Reading", skeleton_list(4))),
        ),
        class_name="stack",
    )


def _gone() -> rx.Component:
    back = link_button("Go to Imports", routes.IMPORTS)
    text = "It was imported already, or its hour is over. Upload the file again if you need to."
    return rx.el.section(
        blank("This upload is not there any more", text, back, icon_name="file-x"),
        class_name="card",
    )


def _file() -> rx.Component:
    bank = PreviewState.kind == "bank"
    return rx.fragment(
        _head(),
        rx.cond(PreviewState.problems.length() > 0, _problems()),
        rx.cond(PreviewState.lines.length() > 0, _first_lines()),
        rx.el.div(
            rx.el.div(
                reading_form(),
                rx.cond(bank, account_form()),
                class_name="column",
            ),
            columns_form(),
            class_name="columns",
        ),
    )


def _head() -> rx.Component:
    wrong = rx.cond(PreviewState.error != "", notice(rx.el.p(PreviewState.error), tone="error"))
    asked = rx.el.div(rx.foreach(PreviewState.questions, lambda it: rx.el.p(it)))
    facts = rx.el.ul(
        rx.foreach(PreviewState.facts, lambda it: rx.el.li(it)), class_name="import-facts"
    )
    return rx.el.section(
        rx.el.div(
            rx.el.div(
                rx.el.h2(PreviewState.file_name, class_name="ellipsis"),
                rx.el.div(PreviewState.layout, class_name="small muted"),
                class_name="names",
            ),
            _buttons(),
            class_name="import-head",
        ),
        facts,
        wrong,
        rx.cond(PreviewState.questions.length() > 0, notice(asked, tone="warn")),
        class_name="card",
        aria_busy=PreviewState.reading,
    )


def _buttons() -> rx.Component:
    run = busy_button(
        PreviewState.import_label,
        busy=PreviewState.importing | PreviewState.reading,
        busy_label=rx.cond(PreviewState.importing, "Importing", "Reading"),
        icon_name="check",
        kind="primary",
        locked=PreviewState.expired | ~PreviewState.ready,
        on_click=PreviewState.import_it,
    )
    return rx.el.div(
        button("Discard", on_click=PreviewState.discard), run, class_name="import-buttons"
    )


def _problems() -> rx.Component:
    named = (("Line", "num"), ("Column", ""), ("What is there", ""), ("Mistake", ""))
    heads = [rx.el.th(name, scope="col", class_name=kind) for name, kind in named]
    table = rx.el.table(
        rx.el.thead(rx.el.tr(*heads)),
        rx.el.tbody(rx.foreach(PreviewState.problems, _problem)),
        class_name="data-table",
    )
    return card(
        f"{PreviewState.problem_count}: nothing is imported until every line is right",
        _scrolling(table, "Mistakes"),
    )


def _problem(row: ProblemRow) -> rx.Component:
    return rx.el.tr(
        rx.el.td(row.line, class_name="num"),
        rx.el.td(row.column),
        rx.el.td(row.text, class_name="mono"),
        rx.el.td(row.message),
    )


def _first_lines() -> rx.Component:
    table = rx.el.table(
        rx.el.thead(
            rx.el.tr(
                rx.el.th("Line", scope="col", class_name="num"),
                rx.foreach(PreviewState.columns, _column),
            )
        ),
        rx.el.tbody(rx.foreach(PreviewState.lines, _line)),
        class_name="data-table",
    )
    how = rx.cond(PreviewState.is_raw, "as they stand in the file", "as they are read")
    return card(f"The first lines, {how}", _scrolling(table, "First lines"))


def _column(cell: Cell) -> rx.Component:
    return rx.el.th(cell.text, scope="col", class_name=rx.cond(cell.number, "num", ""))


def _line(row: LineRow) -> rx.Component:
    return rx.el.tr(rx.el.td(row.number, class_name="num"), rx.foreach(row.cells, _cell))


def _cell(cell: Cell) -> rx.Component:
    return rx.el.td(cell.text, class_name=rx.cond(cell.number, "num", ""))


def _scrolling(table: rx.Component, label: str) -> rx.Component:
    return rx.el.div(
        table, class_name="table-region import-table", role="region", aria_label=label, tab_index=0
    )
