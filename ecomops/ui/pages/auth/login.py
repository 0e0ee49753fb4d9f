"""``/login``: Sign In."""

from __future__ import annotations

import reflex as rx

from ecomops.ui import routes
from ecomops.ui.components.blanks import notice
from ecomops.ui.components.links import link
from ecomops.ui.handlers import PUBLIC
from ecomops.ui.pages.auth.parts import card, field, form
from ecomops.ui.pages.auth.state import AuthState
from ecomops.ui.registry import page

SESSION_ENDED = "Your session has ended. Please sign in again."


@page(routes.LOGIN, "Sign in", PUBLIC, on_load=[AuthState.open_form])
def login() -> rx.Component:
    """Email and password, and on to where the person came from."""
    return card(
        "Sign in",
        rx.cond(AuthState.session_ended, notice(rx.el.p(SESSION_ENDED))),
        form(
            routes.POST_LOGIN,
            rx.el.input(type="hidden", name="next", value=AuthState.next_path, read_only=True),
            field("email", "Email", type="email", auto_complete="username", auto_focus=True),
            field("password", "Password", type="password", auto_complete="current-password"),
            submit="Sign In",
        ),
        below=rx.fragment("New to ecomops? ", link("Create a workspace", to=routes.REGISTER)),
    )
