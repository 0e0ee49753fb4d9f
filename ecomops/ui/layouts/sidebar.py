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
from ecomops.ui.components.values import Text
from ecomops.ui.layouts.activity import Activity
from ecomops.ui.layouts.counts import TableCounts
from ecomops.ui.layouts.frame import Frame
from ecomops.ui.layouts.permitted import permitted
from ecomops.ui.native_form import native_form

SIDEBAR = "sidebar"


def sidebar(route: str) -> rx.Component:
    """The sidebar of the page at ``route``. On a phone it is a popover that a button opens."""
    return rx.el.aside(
        _workspace(),
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
            rx.el.div(Frame.plan_line, class_name="workspace-plan", data_tone=Frame.plan_tone),
            class_name="workspace-text",
        ),
        class_name="workspace",
    )


def _once_known(name: Text, width: str) -> rx.Component:
    return rx.cond(name != "", name, bone(width))


def _entries(route: str) -> list[rx.Component]:
    inside_tables = route.startswith(f"{routes.TABLES}/")
    tables = [_table_entry(name, route) for name in TABLES] if inside_tables else []
    running = rx.cond(
        Activity.live.length() > 0,
        rx.el.span(rx.el.span("a job is running", class_name="visually-hidden"), class_name="live"),
    )
    return [
        _entry("Dashboard", "layout-dashboard", routes.DASHBOARD, route),
        _entry(
            "Tables",
            "table-2",
            routes.table(next(iter(TABLES))),
            route,
            class_name="nav-item within" if inside_tables else "nav-item",
            current=False,
        ),
        *tables,
        _entry("Connections", "plug", routes.CONNECTIONS, route),
        _entry("Jobs", "activity", routes.JOBS, route, running),
        permitted("imports.run", _entry("Imports", "file-up", routes.IMPORTS, route)),
    ]


def _entry(
    label: str,
    icon_name: str,
    to: str,
    route: str,
    *extra: rx.Component,
    class_name: str = "nav-item",
    current: bool | None = None,
) -> rx.Component:
    here = to == route or route.startswith(f"{to}/") if current is None else current
    return link(
        icon(icon_name), rx.el.span(label), *extra, to=to, class_name=class_name, **_current(here)
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
        icon("moon", class_name="when-light"),
        icon("sun", class_name="when-dark"),
        rx.el.span("Dark theme", class_name="when-light"),
        rx.el.span("Light theme", class_name="when-dark"),
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
