"""``/settings/account``: what everybody changes about themselves."""

from __future__ import annotations

from typing import Any

import reflex as rx

from ecomops.ui import routes
from ecomops.ui.components.badges import tag
from ecomops.ui.components.blanks import notice
from ecomops.ui.components.buttons import busy_button, button
from ecomops.ui.components.cards import card
from ecomops.ui.components.fields import field
from ecomops.ui.components.themes import theme_choice
from ecomops.ui.handlers import SIGNED_IN
from ecomops.ui.layouts.shell import shell
from ecomops.ui.native_form import native_form
from ecomops.ui.pages.settings.account_state import AccountState, Browser
from ecomops.ui.pages.settings.frame import framed, loaded
from ecomops.ui.registry import page


@page(
    routes.ACCOUNT, "Account", SIGNED_IN, layout=shell(), on_load=[AccountState.load_account]
)  # fmt: skip
def account() -> rx.Component:
    """Name, password, browsers, theme."""
    return framed(
        routes.ACCOUNT,
        loaded(
            AccountState.account_loaded,
            AccountState.account_problem,
            AccountState.account_reference,
            AccountState.load_account,
            card("You", _name()),
            card("Password", _password()),
            _browsers(),
            card("Theme", theme_choice()),
        ),
    )


def _name() -> rx.Component:
    save = busy_button(
        "Save Name",
        busy=AccountState.saving,
        busy_label="Saving",
        kind="primary",
        type="submit",
    )
    return rx.el.form(
        field(
            "name",
            "Name",
            AccountState.name_error,
            hint=f"You sign in as {AccountState.email}.",
            default_value=AccountState.person_name,
            auto_complete="name",
            max_length=200,
        ),
        rx.el.div(save, class_name="form-foot"),
        class_name="form",
        no_validate=True,
        on_submit=AccountState.save_name,
    )


def _password() -> rx.Component:
    """Posted by the browser itself: hashing has a line of its own, away from the pages."""
    problem, done = AccountState.password_problem, AccountState.password_done
    return native_form(
        rx.cond(problem != "", notice(rx.el.p(problem), tone="error")),
        rx.cond(done != "", notice(rx.el.p(done))),
        rx.el.input(
            type="email",
            name="email",
            value=AccountState.email,
            auto_complete="username",
            read_only=True,
            hidden=True,
        ),
        _secret("current_password", "Current Password", "current-password"),
        _secret(
            "password", "New Password", "new-password",
            hint="12 to 256 characters. A few unrelated words are easy to remember. "
            "Your other browsers are signed out.",
        ),
        rx.el.div(
            button("Change Password", kind="primary", type="submit"), class_name="form-foot"
        ),
        action=routes.POST_PASSWORD,
        method="post",
        no_validate=True,
        class_name="form",
        custom_attrs={"data-posts-once": ""},
    )  # fmt: skip


def _secret(name: str, label: str, auto_complete: str, **props: Any) -> rx.Component:
    error = AccountState.password_errors[name]
    return field(name, label, error, type="password", auto_complete=auto_complete, **props)


def _browsers() -> rx.Component:
    others = button(
        "Sign Out All Others", class_name="small", on_click=AccountState.sign_out_others
    )
    return card(
        "Signed-in browsers",
        rx.el.ul(rx.foreach(AccountState.browsers, _browser)),
        actions=[rx.cond(AccountState.has_others, others)],
        class_name="list",
    )


def _browser(browser: Browser) -> rx.Component:
    leave = button(
        "Sign Out",
        class_name="small",
        aria_label=f"Sign out {browser.words}",
        on_click=AccountState.sign_out_one(browser.id),
    )
    text = rx.el.div(
        rx.el.div(browser.words),
        rx.el.div(browser.told, class_name="small muted"),
        class_name="grow",
    )
    return rx.el.li(
        text,
        rx.cond(browser.current, tag("This browser"), leave),
        class_name="list-row",
        key=browser.id,
    )
