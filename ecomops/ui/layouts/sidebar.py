"""The sidebar: where one can go, whose workspace this is, and who one is."""

from __future__ import annotations

import reflex as rx

from ecomops.domains.tables.catalog import TABLES
from ecomops.ui import routes
from ecomops.ui.components.blanks import bone
from ecomops.ui.components.brand import workspace_mark
from ecomops.ui.components.buttons import icon_button
from ecomops.ui.components.icons import icon
from ecomops.ui.components.links import link
from ecomops.ui.components.themes import other_theme
from ecomops.ui.components.values import Text
from ecomops.ui.layouts.activity import Activity
from ecomops.ui.layouts.counts import TableCounts
from ecomops.ui.layouts.frame import Frame
from ecomops.ui.layouts.palette import opening_entry
from ecomops.ui.layouts.permitted import permitted
from ecomops.ui.layouts.places import TABLES_PLACE, Place, places
from ecomops.ui.native_form import native_form

SIDEBAR = "sidebar"


def sidebar(route: str) -> rx.Component:
    """The sidebar of the page at ``route``. On a phone it is a popover that a button opens."""
    return rx.el.aside(
        _workspace(),
        opening_entry(),
        rx.el.nav(*_entries(route), class_name="nav", aria_label="Main"),
        rx.el.div(_theme_toggle(), _person(), class_name="sidebar-foot"),
        id=SIDEBAR,
        class_name="sidebar",
        custom_attrs={"popover": "auto"},
    )


def menu_button() -> rx.Component:
    """Opens the sidebar where there is no room for it."""
    return icon_button(
        "Menu", "menu", class_name="menu-button", custom_attrs={"popoverTarget": SIDEBAR}
    )


def _workspace() -> rx.Component:
    return rx.el.div(
        workspace_mark(Frame.initial),
        rx.el.div(
            rx.el.div(_once_known(Frame.workspace_name, "104px"), class_name="workspace-name"),
            link(
                Frame.plan_line,
                to=routes.PLAN,
                class_name="workspace-plan",
                data_tone=Frame.plan_tone,
                title="See plans",
            ),
            class_name="workspace-text",
        ),
        class_name="workspace",
    )


def _once_known(name: Text, width: str) -> rx.Component:
    return rx.cond(name != "", name, bone(width))


def _entries(route: str) -> list[rx.Component]:
    return [entry for place in places() for entry in _entries_of(place, route)]


def _entries_of(place: Place, route: str) -> list[rx.Component]:
    """The place itself and, below Tables while inside them, each table."""
    inside_tables = place == TABLES_PLACE and place.holds(route)
    entry = link(
        icon(place.icon),
        rx.el.span(place.label),
        *([_running()] if place.route == routes.JOBS else []),
        to=place.route,
        class_name="nav-item within" if inside_tables else "nav-item",
        **_current(place.holds(route) and not inside_tables),
    )
    tables = [_table_entry(name, route) for name in TABLES] if inside_tables else []
    return [permitted(place.permission, entry) if place.permission else entry, *tables]


def _running() -> rx.Component:
    return rx.cond(
        Activity.live.length() > 0,
        rx.el.span(rx.el.span("a job is running", class_name="visually-hidden"), class_name="live"),
    )


def _table_entry(name: str, route: str) -> rx.Component:
    to = routes.table(name)
    return link(
        rx.el.span(TABLES[name].label),
        rx.el.span(TableCounts.counts[name], class_name="count"),
        to=to,
        class_name="nav-item sub",
        **_current(to == route),
    )


def _current(here: bool) -> dict[str, dict[str, str]]:
    return {"custom_attrs": {"aria-current": "page"}} if here else {}


def _theme_toggle() -> rx.Component:
    return rx.el.button(
        *other_theme(),
        type="button",
        class_name="nav-item",
        on_click=rx.toggle_color_mode,
    )


def _person() -> rx.Component:
    sign_out = native_form(
        rx.el.button(
            icon("log-out"),
            type="submit",
            class_name="button quiet icon-only",
            title="Sign Out",
            aria_label="Sign Out",
        ),
        action=routes.POST_LOGOUT,
        method="post",
    )
    return rx.el.div(
        icon("circle-user-round"),
        rx.el.div(
            rx.el.div(_once_known(Frame.person_name, "120px"), class_name="strong"),
            rx.el.div(Frame.role_line, class_name="small muted"),
            class_name="person-text",
            title=Frame.email,
        ),
        sign_out,
        class_name="person",
    )
