"""Labelled form fields with their errors beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import reflex as rx

from ecomops.ui.components.icons import icon
from ecomops.ui.components.values import Text


def field(name: str, label: str, error: Text, *, hint: Text = "", **props: Any) -> rx.Component:
    """An input, its label, a hint, and its error, which is announced as it appears."""
    props.setdefault("type", "text")
    described = {"aria-describedby": f"{name}-hint {name}-error", **props.pop("custom_attrs", {})}
    unexplained = isinstance(hint, str) and not hint
    return rx.el.div(
        rx.el.label(label, html_for=name),
        rx.el.input(
            id=name,
            name=name,
            class_name="input",
            aria_invalid=error != "",
            custom_attrs=described,
            **props,
        ),
        rx.fragment() if unexplained else rx.el.p(hint, id=f"{name}-hint", class_name="hint"),
        field_error(f"{name}-error", error),
        class_name="field",
    )


def text_area(name: str, label: str, error: Text, *, hint: str = "") -> rx.Component:
    """As ``field``, for text of several lines that is not to be corrected."""
    described = {"aria-describedby": f"{name}-hint {name}-error", "spellCheck": "false"}
    return rx.el.div(
        rx.el.label(label, html_for=name),
        rx.el.textarea(
            id=name,
            name=name,
            rows="5",
            class_name="input mono",
            auto_complete="off",
            aria_invalid=error != "",
            custom_attrs=described,
        ),
        rx.el.p(hint, id=f"{name}-hint", class_name="hint") if hint else rx.fragment(),
        field_error(f"{name}-error", error),
        class_name="field",
    )


def select_field(
    name: str,
    label: str,
    error: Text,
    options: Sequence[tuple[str, str]],
    **props: Any,
) -> rx.Component:
    """As ``field``, for one of a few ``options``: each a value and what it is called."""
    return rx.el.div(
        rx.el.label(label, html_for=name),
        rx.el.select(
            *[rx.el.option(words, value=value) for value, words in options],
            id=name,
            name=name,
            class_name="input",
            aria_invalid=error != "",
            custom_attrs={"aria-describedby": f"{name}-error"},
            **props,
        ),
        field_error(f"{name}-error", error),
        class_name="field",
    )


def field_error(element_id: str, error: Text) -> rx.Component:
    """What is wrong with a field; nothing while nothing is."""
    shown = rx.cond(error != "", rx.fragment(icon("circle-alert", size=14), error))
    return rx.el.p(shown, id=element_id, class_name="field-error", role="alert")


def choice(
    group: str, value: str, label: str, hint: str | rx.Component, *, chosen: bool = False
) -> rx.Component:
    """One radio button with a line that explains it."""
    return rx.el.label(
        rx.el.input(type="radio", name=group, value=value, default_checked=chosen),
        rx.el.span(label, class_name="strong"),
        rx.el.span(hint, class_name="hint"),
        class_name="choice",
    )
