"""The mark of a workspace and of the product."""

import reflex as rx

from ecomops.ui.components.values import Text


def workspace_mark(initial: Text) -> rx.Component:
    """The workspace's initial in a square."""
    return rx.el.span(initial, class_name="mark", custom_attrs={"aria-hidden": "true"})


def product_mark(size: int = 28) -> rx.Component:
    """The product's mark; decorative, its name stands beside it."""
    return rx.el.img(src="/favicon.svg", alt="", width=size, height=size)
