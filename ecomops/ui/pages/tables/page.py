"""The eight tables: one page each, all alike."""

from __future__ import annotations

import reflex as rx

from ecomops.domains.tables.catalog import TABLES, TableSpec
from ecomops.ui import routes
from ecomops.ui.layouts.activity import Activity
from ecomops.ui.layouts.counts import TableCounts
from ecomops.ui.layouts.shell import shell
from ecomops.ui.layouts.sync_button import run_sync_button
from ecomops.ui.pages.tables import parts
from ecomops.ui.pages.tables.exporting import export_menu
from ecomops.ui.pages.tables.filter_panel import filter_panel
from ecomops.ui.pages.tables.row_panel import row_panel
from ecomops.ui.pages.tables.row_state import OpenRow
from ecomops.ui.pages.tables.state import TablesState
from ecomops.ui.registry import page


def table_page(spec: TableSpec) -> rx.Component:
    """Filters above, rows that scroll by themselves, count and paging below; a row beside them."""
    table = rx.el.div(
        parts.toolbar(spec),
        filter_panel(spec, parts.is_loaded(spec)),
        parts.rows(spec),
        parts.foot(spec),
        class_name="list-side",
    )
    return rx.el.div(table, row_panel(spec), class_name="beside")


def actions() -> list[rx.Component]:
    """What the top bar offers."""
    return [run_sync_button(class_name="on-phone-icon"), export_menu()]


def _register(spec: TableSpec) -> None:
    @page(
        routes.table(spec.name),
        spec.label,
        "tables.view",
        layout=shell(actions, flush=True),
        on_load=(
            *(TablesState.load_table, OpenRow.load_row),
            *(TableCounts.load_counts, Activity.load_jobs),
        ),
    )
    def content() -> rx.Component:
        return table_page(spec)


for _spec in TABLES.values():
    _register(_spec)
