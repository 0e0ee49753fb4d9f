"""Lucide icons at the one size of the interface."""

from typing import Any

import reflex as rx


def icon(name: str, size: int = 16, **props: Any) -> rx.Component:
    """A decorative icon; the word beside it, or the button's label, says what it means."""
    return rx.icon(name, size=size, custom_attrs={"aria-hidden": "true"}, **props)
