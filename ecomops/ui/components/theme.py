"""Light and dark."""

import reflex as rx

from ecomops.ui.components.icons import icon


def other_theme() -> list[rx.Component]:
    """Icon and words of the theme that is not on; what holds them switches to it."""
    return [
        icon("moon", class_name="when-light"),
        icon("sun", class_name="when-dark"),
        rx.el.span("Dark theme", class_name="when-light"),
        rx.el.span("Light theme", class_name="when-dark"),
    ]
