"""The way through a long list: how many rows at once, back and on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import reflex as rx

from ecomops.ui.components.buttons import button, link_button
from ecomops.ui.components.values import Text


def rows_per_page(sizes: Sequence[int], value: Text, on_change: Any) -> rx.Component:
    """The choice of how many rows a page has."""
    return rx.el.label(
        rx.el.span("Rows per page"),
        rx.el.select(
            *[rx.el.option(str(size), value=str(size)) for size in sizes],
            value=value,
            on_change=on_change,
            class_name="select",
            aria_label="Rows per page",
        ),
        class_name="per-page",
    )


def step(label: str, icon_name: str, to: Text) -> rx.Component:
    """Previous or Next, a link where there is such a page."""
    return rx.cond(
        to != "",
        link_button(label, to, icon_name=icon_name, class_name="small"),
        button(label, icon_name=icon_name, class_name="small", disabled=True),
    )
