"""The way from what a plan does not include to the plans."""

from __future__ import annotations

import reflex as rx

from ecomops.ui import routes
from ecomops.ui.components.links import link


def wrong_or_over_plan(message: rx.Var[str]) -> rx.Component:
    """What is wrong with a form; where it is the plan, with the way to the plans."""
    over = message.contains("Upgrade") | message.contains("Your plan")
    return rx.el.p(message, rx.cond(over, rx.fragment(" ", link("See plans", to=routes.PLAN))))
