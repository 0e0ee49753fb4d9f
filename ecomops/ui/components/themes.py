"""Choosing light or dark, or what the machine says. It is kept in the browser."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.event import EventChain
from reflex_base.style import color_mode_imports
from reflex_base.vars import VarData

from ecomops.ui.components.icons import icon

THEMES = (("system", "As this device"), ("light", "Light"), ("dark", "Dark"))


def theme_choice() -> rx.Component:
    """One button a theme, the chosen one pressed."""
    return rx.el.div(
        *[
            rx.el.button(
                words,
                type="button",
                class_name="button",
                aria_pressed=rx.color_mode == theme,
                on_click=_chosen(theme),
            )
            for theme, words in THEMES
        ],
        class_name="segments",
        role="group",
        aria_label="Theme",
    )


def _chosen(theme: str) -> rx.Var[Any]:
    """Reflex's own setter, called as its toggle is: what it offers for this is sent as code."""
    return rx.Var(
        f'() => setColorMode("{theme}")',
        _var_type=EventChain,
        _var_data=VarData(
            imports=color_mode_imports,
            hooks={"const { setColorMode } = useContext(ColorModeContext)": None},
        ),
    )


def other_theme() -> list[rx.Component]:
    """Icon and words of the theme that is not on; what holds them switches to it."""
    return [
        icon("moon", class_name="when-light"),
        icon("sun", class_name="when-dark"),
        rx.el.span("Dark theme", class_name="when-light"),
        rx.el.span("Light theme", class_name="when-dark"),
    ]
