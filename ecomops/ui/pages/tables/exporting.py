"""Downloads from a table's page."""

from __future__ import annotations

import reflex as rx

from ecomops.ui.components.buttons import button
from ecomops.ui.components.icons import icon
from ecomops.ui.components.links import plain_link
from ecomops.ui.layouts.permitted import permitted
from ecomops.ui.pages.tables.state import TablesState


def export_menu() -> rx.Component:
    """Downloads of all rows that match the filters."""
    name = "export-menu"
    opener = button(
        "Export",
        icon_name="download",
        kind="primary",
        class_name="menu-anchor",
        custom_attrs={"popoverTarget": name, "aria-haspopup": "menu"},
    )
    csv = plain_link(
        icon("file-text"),
        "CSV",
        rx.el.span("all rows", class_name="hint"),
        href=TablesState.csv_address,
        download=True,
        role="menuitem",
        class_name="menu-item",
    )
    menu = rx.el.div(csv, id=name, role="menu", class_name="menu", custom_attrs={"popover": "auto"})
    return permitted("exports.csv", opener, menu)
