"""Forms that the browser itself posts, to our own HTTP routes."""

from __future__ import annotations

import reflex as rx
from reflex_components_core.el.elements.base import BaseHTML


class NativeForm(BaseHTML):
    """A plain ``<form>``: Reflex's own always prevents the browser from posting it.

    ``rx.redirect`` cannot set the HttpOnly cookie that the answer to such a post sets.
    """

    tag = "form"

    action: rx.Var[str]
    method: rx.Var[str]
    no_validate: rx.Var[bool]
    auto_complete: rx.Var[str]


native_form = NativeForm.create
