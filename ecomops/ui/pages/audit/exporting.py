"""Downloads of the audit log, each with its proof."""

from __future__ import annotations

import reflex as rx

from ecomops.ui.components.buttons import button
from ecomops.ui.components.copy import copy_icon
from ecomops.ui.components.icons import icon
from ecomops.ui.components.links import plain_link
from ecomops.ui.components.values import Text
from ecomops.ui.layouts.permitted import permitted
from ecomops.ui.pages.audit.state import AuditState

VERIFY_COMMAND = "python -m ecomops audit verify FILE"


def export_menu() -> rx.Component:
    """Downloads of all events that match the filters, and how to check a file later."""
    name = "export-menu"
    opener = button(
        "Export",
        icon_name="download",
        kind="primary",
        class_name="menu-anchor",
        custom_attrs={"popoverTarget": name, "aria-haspopup": "true"},
    )
    hint = rx.el.div(
        rx.el.p("Each file carries its proof. Anybody can check it, without this server:"),
        rx.el.div(
            rx.el.code(VERIFY_COMMAND, class_name="mono"),
            copy_icon("Copy the command", VERIFY_COMMAND, "Command copied"),
            class_name="command",
        ),
        class_name="menu-note",
    )
    menu = rx.el.div(
        _item("CSV", "file-text", "for spreadsheets", AuditState.csv_address),
        _item("NDJSON", "file-json-2", "for programs", AuditState.ndjson_address),
        hint,
        id=name,
        class_name="menu",
        custom_attrs={"popover": "auto"},
    )
    return permitted("audit.view", opener, menu)


def _item(label: str, icon_name: str, hint: str, address: Text) -> rx.Component:
    return plain_link(
        icon(icon_name),
        label,
        rx.el.span(hint, class_name="hint"),
        href=address,
        download=True,
        class_name="menu-item",
    )
