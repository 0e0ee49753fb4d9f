"""The Views menu: filters that somebody kept, and the dialogs that keep and delete one."""

from __future__ import annotations

import reflex as rx

from ecomops.ui.components.badges import tag
from ecomops.ui.components.buttons import button, icon_button
from ecomops.ui.components.dialogs import dialog
from ecomops.ui.components.fields import choice, field
from ecomops.ui.components.icons import icon
from ecomops.ui.components.links import link
from ecomops.ui.pages.audit.state import AuditState
from ecomops.ui.pages.audit.views_state import AuditViews, ViewLine

MENU = "views-menu"


def views_menu() -> rx.Component:
    """Opens a saved view, and keeps the filters that are on."""
    opener = button(
        "Views",
        icon_name="bookmark",
        class_name="views-anchor",
        custom_attrs={"popoverTarget": MENU, "aria-haspopup": "true"},
    )
    none = rx.el.p(
        rx.cond(
            AuditViews.views_problem != "",
            AuditViews.views_problem,
            "Filters that you need again and again can be kept here.",
        ),
        class_name="menu-empty",
    )
    listed = rx.el.ul(rx.foreach(AuditViews.views, _line))
    save = button(
        "Save view…",
        icon_name="plus",
        kind="quiet",
        class_name="small",
        disabled=AuditViews.expired,
        on_click=AuditViews.begin_saving,
    )
    menu = rx.el.div(
        rx.cond(AuditViews.views.length() > 0, listed, none),
        rx.el.div(save, class_name="menu-end"),
        id=MENU,
        key=AuditState.shown_address,  # closed once a view has been opened
        class_name="menu views",
        custom_attrs={"popover": "auto"},
    )
    return rx.fragment(opener, menu, _save_dialog(), _delete_dialog())


def _line(view: ViewLine) -> rx.Component:
    current = AuditState.shown_address == view.address
    opened = link(
        rx.cond(current, icon("check"), icon("bookmark")),
        rx.el.span(view.name, class_name="ellipsis"),
        rx.cond(view.shared, tag("Shared")),
        to=view.address,
        class_name="menu-item",
        custom_attrs={"aria-current": rx.cond(current, "page", "false")},
    )
    delete = icon_button(
        f"Delete {view.name}",
        "trash-2",
        disabled=AuditViews.expired,
        on_click=AuditViews.ask_to_delete(view.id, view.name),
    )
    return rx.el.li(opened, rx.cond(view.mine | view.shared, delete), key=view.id)


def _save_dialog() -> rx.Component:
    whose = rx.el.fieldset(
        rx.el.legend("Who sees it"),
        choice("whose", "private", "Only me", "It stands in your own menu.", chosen=True),
        choice("whose", "shared", "The workspace", "Every admin finds it, and may delete it."),
    )
    form = rx.el.form(
        field(
            "view_name",
            "Name",
            AuditViews.name_error,
            hint="The filters and the order are kept, and dates as they are.",
            auto_complete="off",
            max_length=80,
        ),
        whose,
        rx.el.div(
            button("Cancel", on_click=AuditViews.stop_saving),
            button("Save View", kind="primary", type="submit"),
            class_name="dialog-foot",
        ),
        class_name="form",
        no_validate=True,
        on_submit=AuditViews.save,
    )
    return dialog(
        "Save view",
        rx.cond(AuditViews.saving, form),
        name="save-view",
        shown=AuditViews.saving,
        on_close=AuditViews.stop_saving,
    )


def _delete_dialog() -> rx.Component:
    return dialog(
        "Delete this view?",
        rx.el.p(f"{AuditViews.delete_name} goes from the menu. The events stay, of course."),
        rx.el.div(
            button("Keep view", on_click=AuditViews.keep_view),
            button("Delete view", kind="danger", on_click=AuditViews.delete),
            class_name="dialog-foot",
        ),
        name="delete-view",
        shown=AuditViews.delete_id != "",
        on_close=AuditViews.keep_view,
    )
