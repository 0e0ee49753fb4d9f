"""Copying to the clipboard, in the browser alone."""

from __future__ import annotations

from typing import Any

import reflex as rx

from ecomops.ui.components.buttons import Kind, button, icon_button
from ecomops.ui.components.toasts import toast
from ecomops.ui.components.values import Text


def copying(text: Text, said: str) -> list[Any]:
    """What a click does that copies ``text``, and then says so."""
    return [rx.set_clipboard(text), toast(said, tone="success")]


def copy_icon(label: str, text: Text, said: str = "Copied") -> rx.Component:
    """A small button beside the value that it copies; ``label`` is its name."""
    return icon_button(label, "copy", class_name="small copy", on_click=copying(text, said))


def copy_button(
    label: str, text: Text, said: str = "Copied", *, icon_name: str = "copy", kind: Kind = "plain"
) -> rx.Component:
    """A button with a word that copies ``text``."""
    return button(
        label, icon_name=icon_name, kind=kind, class_name="small", on_click=copying(text, said)
    )
