"""Progress of long work."""

import reflex as rx

from ecomops.ui.components.values import Text, Whole


def progress_bar(label: Text, percent: Whole) -> rx.Component:
    """A bar for 0-100 percent; a negative ``percent`` means that the total is not known."""
    known = percent >= 0
    return rx.el.div(
        rx.el.div(style={"width": rx.cond(known, f"{percent}%", "40%")}),
        class_name=rx.cond(known, "progress", "progress unknown"),
        role="progressbar",
        aria_label=label,
        aria_valuemin=0,
        aria_valuemax=100,
        aria_valuenow=rx.cond(known, percent, rx.Var("undefined")),
    )
