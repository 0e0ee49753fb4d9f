"""``/welcome``: what a one-time link leads to: joining a workspace, or a new password."""

from __future__ import annotations

import reflex as rx

from ecomops.domains.identity.errors import LinkGoneError
from ecomops.domains.identity.joining import see_link
from ecomops.kit.settings import get_settings
from ecomops.runtime.link_cookies import link_token_in
from ecomops.ui import operation, routes
from ecomops.ui.components.blanks import notice
from ecomops.ui.components.links import link
from ecomops.ui.handlers import PUBLIC, handler
from ecomops.ui.pages.auth.parts import card, field, form, new_password
from ecomops.ui.pages.auth.state import AuthState
from ecomops.ui.problems import shown_on_page
from ecomops.ui.registry import page
from ecomops.ui.session import perform_for_anybody
from ecomops.ui.state import AppState


class WelcomeState(AppState):
    """What the link is for: ``kind`` is invitation, known, password, or gone once it leads nowhere.

    ``known`` is an invitation of somebody who has an account.
    """

    kind: str = ""
    invited_to: str = ""
    invited_email: str = ""
    invited_name: str = ""
    link_problem: str = ""
    link_reference: str = ""

    @handler(PUBLIC)
    async def see_link(self) -> None:
        """Look the link up, without using it up."""
        with shown_on_page(self, "link"):
            token = link_token_in(operation.cookie_header(), get_settings())
            try:
                if token is None:
                    raise LinkGoneError
                seen = await perform_for_anybody(see_link, token)
            except LinkGoneError:
                self.kind = "gone"
                return
            self.kind = "known" if seen.known else seen.kind
            self.invited_to, self.invited_email = seen.workspace_name, seen.email
            self.invited_name = seen.name


@page(
    routes.WELCOME, "Welcome", PUBLIC, on_load=[AuthState.open_form, WelcomeState.see_link]
)  # fmt: skip
def welcome() -> rx.Component:
    """One card, as for signing in."""
    return card(
        "Welcome",
        rx.cond(
            WelcomeState.link_problem != "",
            notice(rx.el.p(WelcomeState.link_problem), tone="error"),
        ),
        rx.match(
            WelcomeState.kind,
            ("invitation", _join()),
            ("known", _join_as_known()),
            ("password", _choose_password()),
            ("gone", notice(rx.el.p(str(LinkGoneError())), tone="warn")),
            rx.fragment(),
        ),
        below=rx.fragment("You have an account? ", link("Sign in", to=routes.LOGIN)),
    )


def _join() -> rx.Component:
    typed = AuthState.typed["name"]
    return rx.fragment(
        rx.el.p(f"You are invited to the workspace {WelcomeState.invited_to}."),
        form(
            routes.POST_WELCOME,
            _email(),
            field(
                "name",
                "Your Name",
                default_value=rx.cond(typed != "", typed, WelcomeState.invited_name),
                auto_complete="name",
                max_length=200,
            ),
            new_password(),
            submit="Join Workspace",
        ),
    )


def _join_as_known() -> rx.Component:
    return rx.fragment(
        rx.el.p(
            f"You are invited to the workspace {WelcomeState.invited_to}. "
            "You have an account already: join with its password."
        ),
        form(
            routes.POST_WELCOME,
            _email(),
            field("password", "Password", type="password", auto_complete="current-password"),
            submit="Join Workspace",
        ),
    )


def _choose_password() -> rx.Component:
    return rx.fragment(
        rx.el.p("Choose a new password. All your browsers are signed out, and this one is in."),
        form(routes.POST_WELCOME, _email(), new_password("New Password"), submit="Save Password"),
    )


def _email() -> rx.Component:
    """Whose account it is: to be read, and for the browser to keep with the password."""
    return rx.el.div(
        rx.el.label("Email", html_for="email"),
        rx.el.input(
            id="email",
            name="email",
            type="email",
            class_name="input",
            value=WelcomeState.invited_email,
            read_only=True,
            auto_complete="username",
        ),
        class_name="field",
    )
