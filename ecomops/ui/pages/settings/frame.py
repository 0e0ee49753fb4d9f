"""What the pages of the settings have in common: the way from one to another."""

from __future__ import annotations

from typing import Any

import reflex as rx

from ecomops.ui import routes
from ecomops.ui.components.blanks import failure
from ecomops.ui.components.buttons import button
from ecomops.ui.components.icons import icon
from ecomops.ui.components.links import link
from ecomops.ui.components.values import Text
from ecomops.ui.handlers import SIGNED_IN
from ecomops.ui.layouts.permitted import permitted
from ecomops.ui.layouts.shell import shell
from ecomops.ui.pages.settings.sections import SECTIONS, Section
from ecomops.ui.registry import page


def framed(route: str, *children: Any) -> rx.Component:
    """The content of the section at ``route``, beside the way to the others."""
    entries = [_shown(section, _entry(section, section.route == route)) for section in SECTIONS]
    return rx.el.div(
        rx.el.nav(*entries, class_name="settings-nav", aria_label="Settings"),
        rx.el.div(*children, class_name="settings-body"),
        class_name="settings",
    )


def loaded(
    is_loaded: rx.Var[bool], problem: Text, reference: Text, again: Any, *children: rx.Component
) -> rx.Component:
    """``children`` once their data is there, or what went wrong in their place."""
    retry = button("Try again", icon_name="rotate-cw", on_click=again)
    failed = rx.el.section(failure(problem, reference, retry), class_name="card")
    waiting = rx.el.div(class_name="card settings-waiting", aria_busy=True)
    return rx.cond(problem != "", failed, rx.cond(is_loaded, rx.fragment(*children), waiting))


@page(routes.SETTINGS, "Settings", SIGNED_IN, layout=shell())
def settings() -> rx.Component:
    """All sections that are open to the person, with what is there."""
    rows = [_shown(section, _row(section)) for section in SECTIONS]
    return rx.el.div(
        rx.el.section(rx.el.nav(*rows, aria_label="Settings"), class_name="card list"),
        class_name="stack narrow",
    )


def _shown(section: Section, entry: rx.Component) -> rx.Component:
    return permitted(section.permission, entry) if section.permission else entry


def _entry(section: Section, here: bool) -> rx.Component:
    current = {"custom_attrs": {"aria-current": "page"}} if here else {}
    return link(
        icon(section.icon),
        rx.el.span(section.label),
        to=section.route,
        class_name="nav-item",
        **current,
    )


def _row(section: Section) -> rx.Component:
    return link(
        icon(section.icon, size=18),
        rx.el.span(
            rx.el.span(section.label, class_name="strong"),
            rx.el.span(section.told, class_name="small muted"),
            class_name="two-lines grow",
        ),
        icon("chevron-right"),
        to=section.route,
        class_name="list-row settings-row",
    )
