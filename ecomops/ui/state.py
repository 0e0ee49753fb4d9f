"""The State that every page's State extends: who is signed in, as the shell shows it."""

from __future__ import annotations

from typing import Any, cast

import reflex as rx

from ecomops.domains.identity.queries import get_shell
from ecomops.ui.handlers import SIGNED_IN, handler
from ecomops.ui.session import context, perform


class AppState(rx.State):
    """What the shell shows of the person and the workspace; loaded as each page opens.

    Whatever is not ``_private`` here or in a subclass is sent to the browser. Functions that are
    not ``_private`` are events that any browser can send: each needs ``@handler``.
    """

    workspace_name: str = ""
    plan_name: str = ""
    trial_days_left: int | None = None
    expired: bool = False
    timezone: str = "UTC"
    person_name: str = ""
    email: str = ""
    role: str = ""
    permissions: list[str] = []  # noqa: RUF012 - Reflex copies the default for each State

    # Whose state this is; see ecomops.ui.ownership.
    _owner: str = ""

    @handler(SIGNED_IN)
    async def load_shell(self) -> None:
        """Fill in what the shell shows."""
        shell = await perform(get_shell)
        self.workspace_name = shell.workspace_name
        self.plan_name = shell.plan_name
        self.trial_days_left = shell.trial_days_left
        self.expired = shell.expired
        self.timezone = shell.timezone
        self.person_name = shell.person_name
        self.email = shell.email
        self.role = shell.role
        self.permissions = sorted((await context()).permissions)


def may(permission: str) -> rx.Var[bool]:
    """Whether to show what needs the permission. Shows or hides only; services decide."""
    permissions: Any = AppState.permissions
    return cast("rx.Var[bool]", permissions.contains(permission))
