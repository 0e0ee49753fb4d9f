"""The pages of the app, each registered where it is defined."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from ecomops.ui import pages
from ecomops.ui.handlers import Rule, rule_from

Component = Callable[[], rx.Component]
Layout = Callable[["Page"], rx.Component]


@dataclass(frozen=True)
class Page:
    """One page: its address, its title, who may see it, its content, what to load first."""

    route: str
    title: str
    rule: Rule
    content: Component
    layout: Layout | None
    on_load: tuple[Any, ...]

    def component(self) -> rx.Component:
        """The whole page, its layout around its content."""
        return self.layout(self) if self.layout else self.content()


PAGES: dict[str, Page] = {}


def page(
    route: str,
    title: str,
    permission: Rule | str,
    *,
    layout: Layout | None = None,
    on_load: Sequence[Any] = (),
) -> Callable[[Component], Component]:
    """Register the decorated function as the content of the page at ``route``.

    ``permission`` is a permission's name, ``SIGNED_IN`` or ``PUBLIC``. It decides who is sent to
    the sign-in page; what the page shows is guarded by the rules of the handlers that load it.
    Raises ValueError if another page has the route.
    """

    def register(content: Component) -> Component:
        if route in PAGES:
            raise ValueError(f"Two pages want the address {route}.")
        PAGES[route] = Page(route, title, rule_from(permission), content, layout, tuple(on_load))
        return content

    return register


def load_pages() -> dict[str, Page]:
    """Import every module below ``ecomops.ui.pages`` and return the pages they registered."""
    for module in pkgutil.walk_packages(pages.__path__, f"{pages.__name__}."):
        importlib.import_module(module.name)
    return PAGES
