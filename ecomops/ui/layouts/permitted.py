"""Hiding what a role may not do."""

from __future__ import annotations

import reflex as rx

from ecomops.ui.state import AppState, may


def permitted(permission: str, *children: rx.Component) -> rx.Component:
    """``children``, gone once the role is known to lack the permission.

    Shown until then, so that a page does not jump as it opens; services decide what may be done.
    """
    return rx.cond((AppState.role == "") | may(permission), rx.fragment(*children))
