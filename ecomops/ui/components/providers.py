"""How each provider is shown."""

import reflex as rx

from ecomops.ui.components.values import Text

NAMES = {"stripe": "Stripe", "shopify": "Shopify", "netsuite": "NetSuite"}
"""Name on screen of each provider."""


def provider_mark(provider: Text, name: Text, *, tiny: bool = False) -> rx.Component:
    """The provider's square with its initial; its name stands beside it."""
    size = "tiny " if tiny else ""
    return rx.el.span(
        name[:1], class_name=f"provider-mark {size}{provider}", custom_attrs={"aria-hidden": "true"}
    )
