"""Links: within the app they are followed without loading the page anew."""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.inline import A
from reflex_components_core.react_router.dom import ReactRouterLink

from ecomops.ui.components.values import Text


def link(*children: Any, to: Text, **props: Any) -> rx.Component:
    """An anchor to another page, or to this page with another query."""
    return ReactRouterLink.create(*children, to=to, **props)


def plain_link(*children: Any, href: Text, **props: Any) -> rx.Component:
    """An anchor that the browser itself follows: downloads, places on this page, other sites."""
    return A.create(*children, href=href, **props)
