"""Short messages over the page.

``rx.toast`` sent from the server reaches the browser as code to evaluate, which the
Content-Security-Policy refuses. Setting the value of a named element does not, so the page holds
an element whose value is a toast.
"""

from typing import Any, Literal

import reflex as rx
from reflex_base.components.component import Component
from reflex_base.utils.imports import ImportVar
from reflex_components_sonner.toast import Toaster

Tone = Literal["success", "error", "info", "warning"]

_NAME = "toasts"
_SONNER = Toaster.create().library or ""


class _Channel(Component):
    """Shows as a toast whatever the server sets as its value."""

    def add_imports(self) -> Any:
        return {
            "$/utils/state": [ImportVar(tag="refs")],
            _SONNER: [ImportVar(tag="toast", install=False)],
        }

    def add_hooks(self) -> Any:
        return [
            rx.Var(
                f'refs["ref_{_NAME}"] = {{ current: {{ set value(one) '
                "{ toast[one.tone](one.title, "
                "{ description: one.description || undefined, duration: one.seconds * 1000, "
                "action: one.to ? { label: one.leads, "
                "onClick: () => window.location.assign(one.to) } : undefined }) "
                "} } }"
            )
        ]


def toast_channel() -> rx.Component:
    """Belongs once on every page that can show toasts."""
    return _Channel.create()


def toast(
    title: str, *, description: str = "", tone: Tone = "info", leads: str = "", to: str = ""
) -> Any:
    """The event that shows a message; a handler returns or yields it.

    ``leads`` is the word of a button to the page at ``to``.
    """
    seconds = 9 if tone == "error" else 5
    value = {"tone": tone, "title": title, "description": description, "seconds": seconds,
             "leads": leads, "to": to}  # fmt: skip
    return rx.set_value(_NAME, value)
