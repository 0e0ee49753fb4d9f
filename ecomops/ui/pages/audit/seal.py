"""provisional"""

import reflex as rx


def seal_strip() -> rx.Component:
    """x"""
    return rx.fragment()
