"""What stands where data will be: nothing yet, loading, not allowed, not possible."""

import reflex as rx

from ecomops.ui.components.icons import icon
from ecomops.ui.components.values import Text


def blank(
    title: str,
    text: Text,
    *actions: rx.Component,
    icon_name: str,
    whole_page: bool = False,
) -> rx.Component:
    """An empty state: what is (not) here, and what to do next.

    ``whole_page``: there is nothing else, so its title is that of the page.
    """
    heading = rx.el.h1 if whole_page else rx.el.h2
    return rx.el.div(
        rx.el.div(icon(icon_name, size=20), class_name="picture"),
        heading(title) if title else rx.fragment(),
        rx.el.p(text),
        *actions,
        class_name="blank",
    )


def bone(width: str, height: str = "10px") -> rx.Component:
    """A pulsing bar in the place of text that is still loading."""
    return rx.el.span(class_name="bone", style={"width": width, "height": height})


def skeleton_list(rows: int = 3) -> rx.Component:
    """The shape of a list that is still loading."""
    widths = ("38%", "52%", "44%", "58%")
    lines = [
        rx.el.div(bone(widths[row % len(widths)]), bone("12%"), class_name="list-row skeleton")
        for row in range(rows)
    ]
    return rx.el.div(
        *lines, rx.el.span("Loading", class_name="visually-hidden"), aria_busy=True, role="status"
    )


def notice(*children: rx.Component | Text, tone: str = "") -> rx.Component:
    """A message in the page; ``tone`` is empty, ``warn`` or ``error``."""
    return rx.el.div(
        icon("info" if not tone else "circle-alert"),
        *children,
        class_name=f"notice {tone}".strip(),
        role="alert" if tone == "error" else "status",
    )


def failure(message: Text, reference: Text, *actions: rx.Component) -> rx.Component:
    """What went wrong, what to try, and the id under which the log tells more."""
    return rx.el.div(
        rx.el.div(icon("circle-alert", size=20), class_name="picture error"),
        rx.el.h2("This could not be loaded"),
        rx.el.p(message),
        rx.cond(
            reference != "",
            rx.el.p("Reference ", rx.el.span(reference, class_name="mono"), class_name="small"),
        ),
        *actions,
        class_name="blank",
        role="alert",
    )
