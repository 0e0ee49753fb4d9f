"""``/register``: Create Workspace."""

from __future__ import annotations

import reflex as rx

from ecomops.ui import routes
from ecomops.ui.components.links import link
from ecomops.ui.handlers import PUBLIC
from ecomops.ui.pages.auth.parts import card, field, form, new_password
from ecomops.ui.pages.auth.state import AuthState
from ecomops.ui.registry import page


@page(routes.REGISTER, "Create a workspace", PUBLIC, on_load=[AuthState.open_form])
def register() -> rx.Component:
    """A new workspace and its first admin."""
    return card(
        "Create a workspace",
        form(
            routes.POST_REGISTER,
            field(
                "organization_name",
                "Organization Name",
                auto_complete="organization",
                auto_focus=True,
                max_length=200,
            ),
            _slug(),
            field("name", "Your Name", auto_complete="name", max_length=200),
            field("email", "Admin Email", type="email", auto_complete="username"),
            new_password(),
            submit="Create Workspace",
        ),
        below=rx.fragment("Already have one? ", link("Sign in", to=routes.LOGIN)),
    )


def _slug() -> rx.Component:
    return field(
        "slug",
        "URL Slug",
        hint="3 to 63 of a-z, 0-9 and hyphens. It names your workspace in addresses.",
        auto_complete="off",
        max_length=63,
        spell_check=False,
        custom_attrs={"autocapitalize": "none", "data-slug-from": "organization_name"},
    )
