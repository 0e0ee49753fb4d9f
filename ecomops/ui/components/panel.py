"""A panel beside the page's content, over all of it on a phone: one thing in detail."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.sectioning import Section

from ecomops.ui.components.buttons import icon_button
from ecomops.ui.components.icons import icon
from ecomops.ui.components.links import link
from ecomops.ui.components.values import Text

_ATTEND = """const attendSidePanel = (panel) => {
  const before = document.activeElement;
  panel.focus({ preventScroll: true });
  const closeOnEscape = (event) => {
    const above = document.querySelector("dialog[open], :popover-open");
    if (event.key === "Escape" && !above) panel.querySelector("[data-closes]").click();
  };
  document.addEventListener("keydown", closeOnEscape);
  return () => {
    document.removeEventListener("keydown", closeOnEscape);
    if (before?.isConnected && panel.contains(document.activeElement)) {
      before.focus({ preventScroll: true });
    }
  };
};"""


class SidePanel(Section):
    """Takes the focus as it opens, closes on Escape, and gives the focus back.

    The function that sees to it must be the same at every render, so it stands beside the page's.
    """

    def add_custom_code(self) -> list[str]:
        """See Component."""
        return [_ATTEND]


def side_panel(
    title: Text | rx.Component,
    *children: Any,
    label: str,
    close: Text | None = None,
    key: Text,
    actions: Any = None,
) -> rx.Component:
    """The panel of what ``key`` names; ``label`` is the name of the region.

    ``close`` is the address of the same page without it; None: the page's script closes it, when
    what bears ``data-closes`` is clicked.
    """
    marked: dict[str, Any] = {"custom_attrs": {"data-closes": ""}}
    if close is None:
        closing = icon_button("Close", "x", **marked)
    else:
        looks = {"class_name": "button quiet icon-only", "title": "Close", "aria_label": "Close"}
        closing = link(icon("x"), to=close, **looks, **marked)
    head = rx.el.div(
        rx.el.h2(title), rx.el.div(actions, closing, class_name="panel-actions"),
        class_name="panel-head",
    )  # fmt: skip
    return SidePanel.create(
        head,
        rx.el.div(*children, class_name="panel-body"),
        class_name="side-panel",
        aria_label=label,
        tab_index=-1,
        key=key,
        custom_attrs={"ref": rx.Var("attendSidePanel")},
    )
