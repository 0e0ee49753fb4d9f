"""Modal dialogs: the browser's own, which keep the focus inside and close on Escape."""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.other import Dialog

from ecomops.ui.components.buttons import icon_button
from ecomops.ui.components.values import Text


class ModalDialog(Dialog):
    """``<dialog>`` shown as modal while its Var is true.

    ``showModal()`` and ``close()`` exist only as methods, so a ref calls them after each render;
    it only follows the Var, it decides nothing.
    """

    @classmethod
    def get_event_triggers(cls) -> dict[str, Any]:
        """The element's events, and ``close``."""
        return {**super().get_event_triggers(), "on_close": rx.event.no_args_event_spec}


def _follow(shown: rx.Var[bool]) -> rx.Var[Any]:
    return rx.Var(
        f"(node) => {{ if (node && {shown} !== node.open) "
        f"{{ {shown} ? node.showModal() : node.close() }} }}",
        _var_data=shown._get_all_var_data(),
    )


def dialog(
    title: Text,
    *children: Any,
    name: str,
    shown: rx.Var[bool],
    on_close: Any,
) -> rx.Component:
    """A modal dialog titled ``title``. ``name`` is unique on the page.

    ``on_close`` must set ``shown`` to false: it is called after Escape and the close button.
    """
    return ModalDialog.create(
        rx.el.div(
            rx.el.h2(title, id=f"{name}-title"),
            icon_button("Close", "x", on_click=on_close),
            class_name="dialog-head",
        ),
        rx.el.div(*children, class_name="dialog-body"),
        class_name="dialog",
        aria_labelledby=f"{name}-title",
        on_close=on_close,
        custom_attrs={"ref": _follow(shown)},
    )
