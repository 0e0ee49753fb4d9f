"""How each provider is shown."""

import reflex as rx

from ecomops.ui.components.icons import icon
from ecomops.ui.components.values import Text

NAMES = {"stripe": "Stripe", "shopify": "Shopify", "netsuite": "NetSuite"}
"""Name on screen of each provider."""


ICONS = {"stripe": "credit-card", "shopify": "shopping-bag", "netsuite": "book-open-text"}
"""What stands for each provider; two of them begin with the same letter."""


def provider_mark(provider: Text, name: Text, *, tiny: bool = False) -> rx.Component:
    """The provider's square with its icon; its name stands beside it, and shows on hover."""
    size = 11 if tiny else 18
    drawn = rx.match(
        provider,
        *[(it, icon(name_of_icon, size=size)) for it, name_of_icon in ICONS.items()],
        icon("landmark", size=size),
    )
    return rx.el.span(
        drawn,
        class_name=f"provider-mark {'tiny ' if tiny else ''}{provider}",
        title=name,
        custom_attrs={"aria-hidden": "true"},
    )
