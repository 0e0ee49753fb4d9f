"""The Views menu of a table's page, and the dialogs that it opens."""

from __future__ import annotations

from typing import Any

import reflex as rx

from ecomops.ui.components.buttons import button
from ecomops.ui.components.dialogs import dialog
from ecomops.ui.components.fields import choice, field
from ecomops.ui.components.links import link
from ecomops.ui.pages.tables.saved_views import SavedViews, ViewRow
from ecomops.ui.state import may

MENU = "views-menu"
_CURRENT: Any = SavedViews.current


def views_menu() -> rx.Component:
    """Screens that were kept: pick, save, update, delete, open with."""
    opener = button(
        rx.cond(_CURRENT, _CURRENT.name, "Views"),
        icon_name="bookmark",
        class_name="on-phone-icon views-opener",
        on_click=SavedViews.load_views,
        custom_attrs={"popoverTarget": MENU, "aria-haspopup": "dialog"},
    )
    panel = rx.el.div(
        rx.el.ul(
            rx.el.li(link("As it comes", to=SavedViews.plain_address, class_name="menu-item")),
            rx.foreach(SavedViews.views, _entry),
            aria_label="Views",
        ),
        rx.el.hr(),
        button("Save view…", kind="quiet", icon_name="plus", on_click=SavedViews.begin_saving,
               disabled=SavedViews.expired, class_name="menu-item"),
        rx.cond(_CURRENT, _of_current()),
        id=MENU,
        role="dialog",
        aria_label="Views",
        class_name="menu wide",
        custom_attrs={"popover": "auto"},
    )  # fmt: skip
    return rx.el.div(opener, panel, _save(), _delete(), class_name="menu-of-views")


def _entry(row: ViewRow) -> rx.Component:
    is_current = _CURRENT.id == row.id
    return rx.el.li(
        link(
            rx.el.span(row.name, class_name="ellipsis"),
            rx.cond(row.is_default, rx.el.span("Opens first", class_name="hint")),
            rx.cond(row.shared, rx.el.span("Shared", class_name="tag")),
            to=row.address,
            class_name="menu-item",
            custom_attrs={"aria-current": rx.cond(is_current, "true", "false")},
        )
    )


def _of_current() -> rx.Component:
    first = rx.el.label(
        rx.el.input(
            type="checkbox",
            checked=_CURRENT.is_default,
            disabled=SavedViews.expired,
            on_change=SavedViews.toggle_default,
        ),
        "Open with this view",
        class_name="menu-item",
    )
    changes = rx.fragment(
        button(rx.el.span("Update ", _CURRENT.name), kind="quiet", icon_name="save",
               on_click=SavedViews.update_view, disabled=SavedViews.expired,
               class_name="menu-item"),
        button(rx.el.span("Delete ", _CURRENT.name), kind="quiet", icon_name="trash-2",
               on_click=SavedViews.begin_deleting, disabled=SavedViews.expired,
               class_name="menu-item"),
    )  # fmt: skip
    return rx.fragment(first, rx.cond(_CURRENT.mine | may("tenant.manage"), changes))


def _save() -> rx.Component:
    form = rx.el.form(
        field("name", "Name", SavedViews.name_error, auto_complete="off", max_length=80),
        rx.el.fieldset(
            rx.el.legend("Who sees it"),
            choice("whose", "private", "Only me", "", chosen=True),
            choice("whose", "shared", "The workspace", "Only you and admins can change it."),
            class_name="choices",
        ),
        rx.el.p(
            "Filters, order and columns are kept, as they are now.",
            class_name="hint",
        ),
        rx.el.div(
            button("Cancel", on_click=SavedViews.stop_saving),
            button("Save View", kind="primary", type="submit"),
            class_name="dialog-foot",
        ),
        class_name="form",
        on_submit=SavedViews.save_view,
    )
    return dialog(
        "Save view", form, name="save-view", shown=SavedViews.saving,
        on_close=SavedViews.stop_saving,
    )  # fmt: skip


def _delete() -> rx.Component:
    asked = rx.el.p(
        "Are you sure you want to delete the view ",
        rx.el.span(_CURRENT.name, class_name="strong"),
        "? No row is deleted with it.",
    )
    return dialog(
        "Delete view",
        asked,
        rx.el.div(
            button("Cancel", on_click=SavedViews.stop_deleting),
            button("Delete View", kind="danger", on_click=SavedViews.delete_view),
            class_name="dialog-foot",
        ),
        name="delete-view",
        shown=SavedViews.deleting,
        on_close=SavedViews.stop_deleting,
    )
