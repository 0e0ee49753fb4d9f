"""Downloads from a table's page: the Export menu and its dialogs."""

from __future__ import annotations

from typing import Any

import reflex as rx

from ecomops.ui import routes
from ecomops.ui.components.buttons import button, link_button
from ecomops.ui.components.dialogs import dialog
from ecomops.ui.components.fields import choice
from ecomops.ui.components.icons import icon
from ecomops.ui.layouts.permitted import permitted
from ecomops.ui.pages.tables.exporting_state import WITHOUT_EXCEL, Exporting

MENU = "export-menu"
WHICH = "all that match"


def export_menu() -> rx.Component:
    """Files of all rows that match the filters."""
    opener = button(
        "Export",
        icon_name="download",
        kind="primary",
        class_name="menu-anchor",
        custom_attrs={"popoverTarget": MENU, "aria-haspopup": "menu"},
    )
    excel_hint = rx.cond(_lacks_excel(), "Pro", WHICH)
    excel = _item("Excel", "file-spreadsheet", Exporting.export_excel, excel_hint)
    menu = rx.el.div(
        _item("CSV", "file-text", Exporting.export_csv, WHICH),
        permitted(
            "exports.excel", rx.el.div(excel, class_name=rx.cond(_lacks_excel(), "locked", ""))
        ),
        _item("More options…", "settings-2", Exporting.open_options, ""),
        id=MENU,
        role="menu",
        class_name="menu",
        custom_attrs={"popover": "auto"},
    )
    return permitted("exports.csv", opener, menu, _options(), _upgrade())


def _lacks_excel() -> rx.Var[bool]:
    lacking: Any = rx.Var.create(WITHOUT_EXCEL)
    return lacking.contains(Exporting.plan_name)


def _item(label: str, icon_name: str, on_click: Any, hint: Any) -> rx.Component:
    return rx.el.button(
        icon(icon_name),
        label,
        rx.el.span(hint, class_name="hint"),
        type="button",
        role="menuitem",
        class_name="menu-item",
        on_click=on_click,
        custom_attrs={"popoverTarget": MENU, "popoverTargetAction": "hide"},
    )


def _options() -> rx.Component:
    form = rx.el.form(
        _formats(),
        _choices(
            "Columns",
            choice("columns", "all", "All columns", "In the order of the data model.", chosen=True),
            choice("columns", "screen", "As on screen", "Those you see, in their order."),
        ),
        rx.cond(Exporting.options_format == "csv", _mark()),
        _choices(
            "When",
            choice("when", "now", "Now", "The download starts at once.", chosen=True),
            choice("when", "background", "Prepare in the background",
                   "You find the file on the Exports page, for 7 days."),
        ),
        rx.el.div(
            button("Cancel", on_click=Exporting.close_options),
            button("Export", kind="primary", type="submit"),
            class_name="dialog-foot",
        ),
        class_name="form",
        on_submit=Exporting.export_with_options,
    )  # fmt: skip
    return dialog(
        "Export",
        rx.cond(Exporting.options_open, form),
        name="export-options",
        shown=Exporting.options_open,
        on_close=Exporting.close_options,
    )


def _choices(legend: str, *choices: rx.Component) -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(legend), rx.el.div(*choices, class_name="choices two"), class_name="choose"
    )


def _formats() -> rx.Component:
    excel_hint = rx.cond(
        _lacks_excel(), "Part of the Pro plan.", f"Times are those of {Exporting.timezone}."
    )
    return _choices(
        "Format",
        _format("csv", "CSV", "For any program; times are UTC."),
        permitted("exports.excel", _format("xlsx", "Excel", excel_hint)),
    )


def _format(value: str, label: str, hint: Any) -> rx.Component:
    box = rx.el.input(
        type="radio",
        name="format",
        value=value,
        checked=Exporting.options_format == value,
        on_change=Exporting.choose_format(value),
    )
    return rx.el.label(
        box,
        rx.el.span(label, class_name="strong"),
        rx.el.span(hint, class_name="hint"),
        class_name="choice",
    )


def _mark() -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", name="bom"),
        rx.el.span("Begin with a byte order mark", class_name="strong"),
        rx.el.span("Excel then reads é and € right when the file is opened by a double click.",
                   class_name="hint"),
        class_name="choice",
    )  # fmt: skip


def _upgrade() -> rx.Component:
    return dialog(
        "Upgrade to Pro for Excel exports",
        rx.el.p(
            "Workbooks with typed cells, currency formats and filters are part of the Pro plan. "
            "CSV files with the same rows stay available on every plan."
        ),
        rx.el.div(
            button("Not now", on_click=Exporting.close_upgrade),
            link_button("Upgrade", routes.PLAN, kind="primary"),
            class_name="dialog-foot",
        ),
        name="upgrade-for-excel",
        shown=Exporting.upgrade_open,
        on_close=Exporting.close_upgrade,
    )
