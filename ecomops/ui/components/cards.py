"""Panels."""

from typing import Any

import reflex as rx

from ecomops.ui.components.values import Text


def card(
    title: Text,
    *children: Any,
    actions: list[rx.Component] | None = None,
    class_name: str = "",
) -> rx.Component:
    """A titled panel, with optional actions at the end of its head."""
    head = rx.el.div(rx.el.h2(title), *(actions or []), class_name="card-head")
    return rx.el.section(head, *children, class_name=f"card {class_name}".strip())
