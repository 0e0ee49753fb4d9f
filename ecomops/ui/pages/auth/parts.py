"""The card, the fields and the buttons of the two forms."""

from __future__ import annotations

from typing import Any

import reflex as rx

from ecomops.ui.components.blanks import notice
from ecomops.ui.components.brand import product_mark
from ecomops.ui.components.toasts import toast_channel
from ecomops.ui.native_form import native_form
from ecomops.ui.pages.auth.state import AuthState


def card(title: str, *children: rx.Component, below: rx.Component) -> rx.Component:
    """A form alone on its page."""
    return rx.el.main(
        rx.el.div(
            rx.el.div(product_mark(), rx.el.span("ecomops"), class_name="auth-brand"),
            rx.el.h1(title),
            *children,
            class_name="auth-card",
        ),
        rx.el.p(below, class_name="auth-below"),
        toast_channel(),
        class_name="auth",
    )


def form(action: str, *fields: rx.Component, submit: str) -> rx.Component:
    """A form that the browser posts, once, to ``action``."""
    return native_form(
        rx.cond(AuthState.message != "", notice(rx.el.p(AuthState.message), tone="error")),
        *fields,
        rx.el.button(submit, type="submit", class_name="button primary auth-submit"),
        action=action,
        method="post",
        no_validate=True,
        class_name="form",
        custom_attrs={"data-posts-once": ""},
    )


def field(
    name: str, label: str, *, hint: str = "", after: rx.Component | None = None, **props: Any
) -> rx.Component:
    """A labelled input with its error announced below it; what was typed stays."""
    error = AuthState.errors[name]
    props.setdefault("type", "text")
    props.setdefault("default_value", AuthState.typed[name])
    custom = {"aria-describedby": f"{name}-hint {name}-error", **props.pop("custom_attrs", {})}
    return rx.el.div(
        rx.el.label(label, html_for=name),
        rx.el.input(
            id=name,
            name=name,
            class_name="input",
            aria_invalid=error != "",
            custom_attrs=custom,
            **props,
        ),
        after or rx.fragment(),
        rx.el.p(hint, id=f"{name}-hint", class_name="hint"),
        rx.el.p(error, id=f"{name}-error", class_name="field-error", role="alert"),
        class_name="field",
    )


def new_password(label: str = "Password") -> rx.Component:
    """A password to choose, with what it is worth shown while it is typed."""
    strength = rx.el.div(
        rx.el.meter(
            min=0,
            max=4,
            value=0,
            custom_attrs={"aria-label": "Password strength", "data-strength-of": "password"},
        ),
        rx.el.output(
            class_name="hint", html_for="password", custom_attrs={"data-strength-word": ""}
        ),
        class_name="strength",
    )
    return field(
        "password",
        label,
        hint="12 to 256 characters. A few unrelated words are easy to remember and hard to guess.",
        after=strength,
        type="password",
        auto_complete="new-password",
        max_length=256,
    )
