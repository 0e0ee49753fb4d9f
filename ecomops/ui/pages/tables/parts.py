"""Header, cells, filters and foot of a table's page."""

from __future__ import annotations

import reflex as rx

from ecomops.domains.tables.catalog import Column, TableSpec
from ecomops.ui.components.badges import status_badge
from ecomops.ui.components.blanks import blank, failure
from ecomops.ui.components.buttons import button, link_button
from ecomops.ui.components.chips import chip
from ecomops.ui.components.icons import icon
from ecomops.ui.components.links import link
from ecomops.ui.components.paging import rows_per_page, step
from ecomops.ui.components.providers import provider_mark
from ecomops.ui.components.values import Flag, Text
from ecomops.ui.layouts.sync_button import run_sync_button
from ecomops.ui.pages.tables.address import SIZES
from ecomops.ui.pages.tables.state import StatusChoice, TablesState

NUMERIC = frozenset({"money", "number"})
SKELETON_ROWS = 14
FILTERS = "filters"


def is_loaded(spec: TableSpec) -> Flag:
    """Whether what the State holds is of this table, and not of the one shown before it."""
    return TablesState.table == spec.name


def toolbar(spec: TableSpec) -> rx.Component:
    """The Filters button, the filters that are on, and the way to rows that are new."""
    opener = button(
        "Filters",
        icon_name="sliders-horizontal",
        on_click=TablesState.toggle_filters,
        custom_attrs={
            "aria-expanded": rx.cond(TablesState.filters_open, "true", "false"),
            "aria-controls": FILTERS,
        },
    )
    clear = link(
        "Clear all", to=TablesState.clear_address, class_name="button quiet", replace=False
    )
    refresh = button(
        "New rows: Refresh",
        icon_name="refresh-cw",
        class_name="small fresh",
        on_click=TablesState.load_table,
    )
    return rx.el.div(
        opener,
        rx.cond(is_loaded(spec), rx.foreach(TablesState.chips, chip)),
        rx.cond(is_loaded(spec) & TablesState.filtered, clear),
        rx.cond(is_loaded(spec) & TablesState.outdated, refresh),
        class_name="toolbar",
    )


def filters(spec: TableSpec) -> rx.Component:
    """The panel of filters. It is made anew for each address, so it shows what is on."""
    statuses = rx.el.fieldset(
        rx.el.legend("Status"),
        rx.el.div(rx.foreach(TablesState.statuses, _status_choice), class_name="pills"),
    )
    dates = rx.el.div(
        _date("from", "From", TablesState.date_from),
        _date("to", "To", TablesState.date_to),
        class_name="dates",
    )
    form = rx.el.form(
        statuses,
        dates,
        button("Apply Filters", kind="primary", type="submit"),
        id=FILTERS,
        class_name="filters",
        key=TablesState.shown_address,
        on_submit=TablesState.apply_filters,
    )
    return rx.cond(is_loaded(spec) & TablesState.filters_open, form)


def _status_choice(choice: StatusChoice) -> rx.Component:
    box = rx.el.input(type="checkbox", name=f"status:{choice.value}", default_checked=choice.chosen)
    return rx.el.label(box, choice.words, class_name="pill")


def _date(name: str, label: str, value: Text) -> rx.Component:
    field = rx.el.input(
        type="date", id=name, name=name, default_value=value, class_name="input short"
    )
    return rx.el.div(rx.el.label(label, html_for=name), field, class_name="field")


def header(spec: TableSpec) -> rx.Component:
    """Column names; a click sorts ascending, then descending, then not at all."""
    return rx.el.thead(rx.el.tr(*[_column(column) for column in spec.columns]))


def _align(column: Column) -> str:
    return "num" if column.kind in NUMERIC else ""


def _column(column: Column) -> rx.Component:
    order = TablesState.sort_order.get(column.name, "none")
    sort = link(
        column.label,
        icon("arrow-up", size=13),
        to=TablesState.sort_address.get(column.name, ""),
        class_name="sort",
    )
    return rx.el.th(
        sort,
        scope="col",
        class_name=_align(column),
        custom_attrs={"aria-sort": order},
    )


def body(spec: TableSpec) -> rx.Component:
    """The rows, or bones in their place until those of this table are there."""
    rows = rx.foreach(
        TablesState.rows,
        lambda row: rx.el.tr(*[_cell(column, row[at]) for at, column in enumerate(spec.columns)]),
    )
    bones = [_bones(spec) for _ in range(SKELETON_ROWS)]
    return rx.cond(
        is_loaded(spec),
        rx.el.tbody(rows, aria_busy=~rx.State.is_hydrated),
        rx.el.tbody(*bones, aria_busy=True),
    )


def _bones(spec: TableSpec) -> rx.Component:
    return rx.el.tr(*[_bone(column) for column in spec.columns])


def _bone(column: Column) -> rx.Component:
    return rx.el.td(rx.el.span(class_name="bone", data_kind=column.kind), class_name=_align(column))


def _cell(column: Column, text: rx.Var[str]) -> rx.Component:
    if column.kind in NUMERIC:
        return rx.el.td(text, class_name="num")
    if column.kind == "status":
        return rx.el.td(rx.cond(text != "", status_badge(text)))
    if column.name == "source":
        mark = provider_mark(text.to(str).lower(), text, tiny=True)
        return rx.el.td(rx.el.span(mark, rx.el.span(text), class_name="source"))
    if column.kind in ("id", "text"):
        return rx.el.td(rx.el.span(text, class_name=column.kind, title=text))
    return rx.el.td(text)


def below(spec: TableSpec) -> rx.Component:
    """What stands under the header when there are no rows, and why."""
    nothing = rx.cond(
        TablesState.filtered,
        blank(
            "No rows match these filters.",
            "Remove a filter to see more.",
            link_button("Clear filters", TablesState.clear_address),
            icon_name="filter-x",
        ),
        blank(
            "",
            "No data yet. Run a sync to populate this table.",
            run_sync_button(),
            icon_name="table-2",
        ),
    )
    failed = failure(
        TablesState.table_problem,
        TablesState.table_reference,
        rx.cond(
            TablesState.first_address != "",
            link_button("First page", TablesState.first_address),
            button("Try again", icon_name="rotate-cw", on_click=TablesState.load_table),
        ),
    )
    empty = is_loaded(spec) & (TablesState.rows.length() == 0)
    shown = rx.cond(TablesState.table_problem != "", failed, rx.cond(empty, nothing))
    return rx.el.div(shown, class_name="below-table")


def foot(spec: TableSpec) -> rx.Component:
    """How many rows there are, how many are shown at once, and the way on."""
    per_page = rows_per_page(SIZES, TablesState.size, TablesState.change_size)
    return rx.el.div(
        rx.el.div(rx.cond(is_loaded(spec), TablesState.total, ""), role="status"),
        rx.el.div(
            per_page,
            step("Previous", "chevron-left", TablesState.previous_address),
            step("Next", "chevron-right", TablesState.next_address),
            class_name="toolbar-end",
        ),
        class_name="table-foot",
    )
