"""The page at every address that has none."""

from __future__ import annotations

import reflex as rx

from ecomops.ui import routes
from ecomops.ui.components.blanks import blank
from ecomops.ui.components.brand import product_mark
from ecomops.ui.components.links import link


def missing() -> rx.Component:
    """Says so, and leads home."""
    return rx.el.main(
        rx.el.div(
            rx.el.div(product_mark(), rx.el.span("ecomops"), class_name="auth-brand"),
            blank(
                "There is no such page",
                "The address may be mistyped, or the page may have moved.",
                link("Go to the dashboard", to=routes.DASHBOARD, class_name="button primary"),
                icon_name="compass",
                whole_page=True,
            ),
            class_name="auth-card",
        ),
        class_name="auth",
    )
