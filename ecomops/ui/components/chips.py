"""Active filters above a table."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx

from ecomops.ui.components.icons import icon
from ecomops.ui.components.links import link


@dataclass
class Chip:
    """An active filter, and the address without it."""

    text: str
    without: str


def chip(it: Chip) -> rx.Component:
    """The filter in words; a click removes it alone."""
    return link(
        it.text,
        icon("x", size=13),
        rx.el.span("remove this filter", class_name="visually-hidden"),
        to=it.without,
        class_name="chip",
    )
