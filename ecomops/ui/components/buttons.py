"""Buttons and links that look like buttons."""

from typing import Any, Literal

import reflex as rx

from ecomops.ui.components.icons import icon
from ecomops.ui.components.links import link
from ecomops.ui.components.values import Flag, Text

Kind = Literal["plain", "primary", "danger", "quiet"]


def _classes(kind: Kind, extra: str) -> str:
    return " ".join(part for part in ("button", kind, extra) if part)


def _content(label: Text, icon_name: str | None) -> list[rx.Component]:
    icons = [icon(icon_name)] if icon_name else []
    return [*icons, rx.el.span(label)]


def button(
    label: Text,
    *,
    icon_name: str | None = None,
    kind: Kind = "plain",
    class_name: str = "",
    **props: Any,
) -> rx.Component:
    """A button; ``type="submit"`` inside a form, else it does its ``on_click``."""
    props.setdefault("type", "button")
    return rx.el.button(*_content(label, icon_name), class_name=_classes(kind, class_name), **props)


def busy_button(
    label: str,
    *,
    busy: Flag,
    busy_label: str,
    icon_name: str | None = None,
    locked: rx.Var[bool] | None = None,
    **props: Any,
) -> rx.Component:
    """A button that says what it is doing, and cannot be pressed again, while ``busy``.

    It cannot be pressed at all while ``locked``.
    """
    resting = [icon(icon_name)] if icon_name else []
    waiting = icon("loader-circle", class_name="spinner")
    kind: Kind = props.pop("kind", "plain")
    props.setdefault("type", "button")
    return rx.el.button(
        rx.cond(busy, waiting, rx.fragment(*resting)),
        rx.el.span(rx.cond(busy, busy_label, label)),
        class_name=_classes(kind, props.pop("class_name", "")),
        disabled=busy if locked is None else busy | locked,
        **props,
    )


def icon_button(label: str, icon_name: str, **props: Any) -> rx.Component:
    """A button without a visible word; ``label`` is its name for screen readers and on hover."""
    extra = f"icon-only {props.pop('class_name', '')}".strip()
    return rx.el.button(
        icon(icon_name),
        class_name=_classes("quiet", extra),
        type="button",
        title=label,
        aria_label=label,
        **props,
    )


def link_button(
    label: str,
    to: Text,
    *,
    icon_name: str | None = None,
    kind: Kind = "plain",
    class_name: str = "",
    **props: Any,
) -> rx.Component:
    """A link within the app that looks like a button."""
    return link(*_content(label, icon_name), to=to, class_name=_classes(kind, class_name), **props)
