"""The layout of every page for people who are signed in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import reflex as rx

from ecomops.ui import routes
from ecomops.ui.components.blanks import blank, notice
from ecomops.ui.components.links import link, plain_link
from ecomops.ui.components.toasts import toast_channel
from ecomops.ui.layouts.sidebar import menu_button, sidebar
from ecomops.ui.registry import Layout, Page
from ecomops.ui.state import AppState, may

CONTENT = "content"
Actions = Callable[[], Sequence[rx.Component]]


def shell(actions: Actions = tuple, *, flush: bool = False) -> Layout:
    """A layout with the sidebar, and a top bar with the page's title and ``actions``.

    ``flush``: the content fills the window and scrolls by itself, as a table does.
    """

    def layout(page: Page) -> rx.Component:
        main = rx.el.main(
            _permitted(page),
            id=CONTENT,
            tab_index=-1,
            class_name="content flush" if flush else "content",
        )
        return rx.el.div(
            plain_link("Skip to the content", href=f"#{CONTENT}", class_name="skip-link"),
            toast_channel(),
            sidebar(page.route),
            rx.el.div(_top_bar(page.title, actions()), _read_only(), main, class_name="main"),
            class_name="app",
        )

    return layout


def _top_bar(title: str, actions: Sequence[rx.Component]) -> rx.Component:
    return rx.el.header(
        menu_button(),
        rx.el.h1(title),
        rx.el.div(*actions, class_name="topbar-actions"),
        class_name="topbar",
    )


def _read_only() -> rx.Component:
    """Said on every page once a trial has ended; what may be done no more is disabled."""
    said = rx.el.p("Your trial has ended, so this workspace is read-only. ",
                   link("See plans", to=routes.PLAN))  # fmt: skip
    return rx.cond(AppState.expired, rx.el.div(notice(said, tone="warn"), class_name="banner"))


def _permitted(page: Page) -> rx.Component:
    content = page.content()
    if not page.rule.permission:
        return content
    refused = (AppState.role != "") & ~may(page.rule.permission)
    return rx.cond(refused, _denied(), content)


def _denied() -> rx.Component:
    return blank(
        "This page is not open to your role",
        "Ask an admin of your workspace if you need it.",
        icon_name="lock",
    )
