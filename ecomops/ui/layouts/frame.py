"""What the shell says in words of its own."""

from __future__ import annotations

import reflex as rx

from ecomops.ui import format as fmt
from ecomops.ui.state import AppState

ROLE_WORDS = {"admin": "Admin", "finance": "Finance", "ops": "Operations", "readonly": "Read-only"}
"""Name on screen of each role."""
SOON_DAYS = 7


class Frame(AppState):
    """The person and the workspace, in words; empty until they are known."""

    @rx.var
    def initial(self) -> str:
        """The letter of the workspace's mark."""
        return fmt.initial(self.workspace_name)

    @rx.var
    def plan_line(self) -> str:
        """The plan, and how long a trial still lasts."""
        if not self.plan_name:
            return ""
        return fmt.plan_line(self.plan_name, self.trial_days_left, self.expired)

    @rx.var
    def plan_tone(self) -> str:
        """``warn`` when the trial is over or nearly so."""
        left = self.trial_days_left
        return "warn" if self.expired or (left is not None and left < SOON_DAYS) else ""

    @rx.var
    def role_line(self) -> str:
        """The role's name."""
        return ROLE_WORDS.get(self.role, "")
