"""Toolbar, rows and foot of a table's page."""

from __future__ import annotations

import reflex as rx

from ecomops.domains.tables.catalog import TableSpec
from ecomops.domains.tables.counted import COUNTED
from ecomops.ui.components.blanks import blank, failure
from ecomops.ui.components.buttons import button, link_button
from ecomops.ui.components.chips import chip
from ecomops.ui.components.grid import columns_menu, grid
from ecomops.ui.components.icons import icon
from ecomops.ui.components.links import link
from ecomops.ui.components.paging import rows_per_page, step
from ecomops.ui.components.values import Flag
from ecomops.ui.layouts.sync_button import run_sync_button
from ecomops.ui.pages.tables.address import SIZES
from ecomops.ui.pages.tables.filter_panel import FILTERS
from ecomops.ui.pages.tables.row_state import OpenRow
from ecomops.ui.pages.tables.state import TablesState
from ecomops.ui.pages.tables.views_menu import views_menu


def is_loaded(spec: TableSpec) -> Flag:
    """Whether what the State holds is of this table, and not of the one shown before it."""
    return TablesState.table == spec.name


def toolbar(spec: TableSpec) -> rx.Component:
    """The Filters button, the search, the filters that are on, and how the rows are shown."""
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
        _search(spec),
        rx.el.div(
            rx.cond(is_loaded(spec), rx.foreach(TablesState.chips, chip)),
            rx.cond(is_loaded(spec) & TablesState.filtered, clear),
            rx.cond(is_loaded(spec) & TablesState.outdated, refresh),
            class_name="chips",
        ),
        rx.el.div(views_menu(), columns_menu(spec.columns), class_name="toolbar-end"),
        class_name="toolbar",
    )


def _search(spec: TableSpec) -> rx.Component:
    """Finds an id or a reference by how it begins, on Enter."""
    field = rx.el.input(
        type="search",
        name="q",
        placeholder="Search IDs",
        aria_label="Find by ID",
        default_value=rx.cond(is_loaded(spec), TablesState.form.search, ""),
        class_name="input",
        auto_complete="off",
        custom_attrs={"spellCheck": "false"},
    )
    return rx.el.form(
        icon("search", size=15),
        field,
        role="search",
        class_name="find",
        key=TablesState.form.search,
        on_submit=TablesState.search,
    )


def rows(spec: TableSpec) -> rx.Component:
    """The rows, or bones in their place until those of this table are there."""
    return grid(
        below(spec),
        label=spec.label,
        columns=spec.columns,
        rows=TablesState.rows,
        loaded=is_loaded(spec),
        asked=TablesState.asked,
        on_row=OpenRow.load_row,
        on_layout=TablesState.follow_layout,
    )


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
        rx.cond(TablesState.filtered, link_button("Clear filters", TablesState.clear_address)),
    )
    empty = is_loaded(spec) & (TablesState.rows.length() == 0)
    shown = rx.cond(TablesState.table_problem != "", failed, rx.cond(empty, nothing))
    return rx.el.div(shown, class_name="below-table")


def foot(spec: TableSpec) -> rx.Component:
    """How many rows there are, what they come to, how many are shown at once, and the way on."""
    count = rx.cond(
        TablesState.capped,
        button(
            rx.cond(TablesState.counting, "Counting…", TablesState.total),
            kind="quiet",
            class_name="small",
            title="Count exactly",
            disabled=TablesState.counting,
            on_click=TablesState.count_exactly,
        ),
        TablesState.total,
    )
    sums = rx.cond(
        TablesState.sums_offered,
        button("Show sums", kind="quiet", class_name="small", on_click=TablesState.load_sums),
        rx.el.ul(
            rx.foreach(TablesState.sums, rx.el.li), class_name="sums", aria_label="Sum of amounts"
        ),
    )
    counted = COUNTED.get(spec.name)
    left_out = f"without {counted.without}" if counted else ""
    summed = is_loaded(spec) & (TablesState.sums.length() > 0)
    return rx.el.div(
        rx.el.div(rx.cond(is_loaded(spec), count), role="status"),
        rx.cond(is_loaded(spec), sums),
        rx.el.span(rx.cond(summed, left_out, ""), class_name="small"),
        rx.el.div(
            rows_per_page(SIZES, TablesState.size, TablesState.change_size),
            step("Previous", "chevron-left", TablesState.previous_address),
            step("Next", "chevron-right", TablesState.next_address),
            class_name="toolbar-end",
        ),
        class_name="table-foot",
    )
