"""A table's rows as a grid that people arrange as they like, and the menu that goes with it.

Ours rather than a library's: see docs/decisions/0008-a-grid-of-our-own.md. The scripts are in
``assets/explorer``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import reflex as rx

from ecomops.domains.tables.catalog import Column
from ecomops.ui.components.badges import TONES


class _Grid(rx.Component):
    library = "$/public/explorer/grid.jsx"
    tag = "Grid"

    label: rx.Var[str]
    columns: rx.Var[list[dict[str, str]]]
    tones: rx.Var[dict[str, str]]
    rows: rx.Var[list[list[str]]]
    loaded: rx.Var[bool]
    asked: rx.Var[str]

    @classmethod
    def get_event_triggers(cls) -> dict[str, Any]:
        """The component's events, and what ``grid`` says of its own."""
        own = dict.fromkeys(("on_row", "on_layout"), rx.event.no_args_event_spec)
        return {**super().get_event_triggers(), **own}


class _ColumnsMenu(rx.Component):
    library = "$/public/explorer/columns.jsx"
    tag = "ColumnsMenu"

    columns: rx.Var[list[dict[str, str]]]


def grid(
    *below: rx.Component,
    label: str,
    columns: Sequence[Column],
    rows: rx.Var[list[list[str]]],
    loaded: rx.Var[bool],
    asked: rx.Var[str],
    on_row: Any,
    on_layout: Any,
) -> rx.Component:
    """The rows, each its id and its cells' text; ``below`` stands under the last one.

    ``asked`` is the address that the rows are of: until it is the page's, they are on their way.
    ``on_row`` happens when the page's address names another open row or none, ``on_layout`` when
    it arranges the columns in another way; neither reloads the page.
    """
    return _Grid.create(
        *below,
        label=label,
        columns=_told(columns),
        tones=TONES,
        rows=rows,
        loaded=loaded,
        asked=asked,
        on_row=on_row,
        on_layout=on_layout,
    )


def columns_menu(columns: Sequence[Column]) -> rx.Component:
    """Which columns are shown, in what order, which stay at the left; and the density."""
    return _ColumnsMenu.create(columns=_told(columns))


def _told(columns: Sequence[Column]) -> list[dict[str, str]]:
    return [{"name": one.name, "label": one.label, "kind": _look(one)} for one in columns]


def _look(column: Column) -> str:
    return "source" if column.name == "source" else column.kind
