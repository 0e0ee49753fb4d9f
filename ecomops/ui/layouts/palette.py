"""The command palette: Ctrl or ⌘ K, then a few letters, then Enter.

All that it offers is in the page and asks the server nothing until something is chosen;
``assets/palette.js`` opens it, narrows the list as one types and moves the choice with the arrows.
"""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.other import Dialog

from ecomops.domains.tables.catalog import TABLES, TableSpec
from ecomops.ui import routes
from ecomops.ui.components.icons import icon
from ecomops.ui.components.links import link
from ecomops.ui.components.themes import other_theme
from ecomops.ui.handlers import handler
from ecomops.ui.layouts.activity import Activity
from ecomops.ui.layouts.permitted import permitted
from ecomops.ui.layouts.places import Place, places, table_places
from ecomops.ui.state import AppState, may

PALETTE, QUERY, CHOICES = "palette", "palette-query", "palette-choices"
ASKED, NAME = "Search or jump to…", "Search or jump to"
SAID: rx.Var[str] = rx.Var(f'(document.getElementById("{QUERY}")?.value ?? "")', _var_type=str)
BEGINNINGS = {
    "payouts": "po_",
    "payments": "ch_ py_ pi_",
    "refunds": "re_ pyr_",
    "disputes": "dp_ du_",
    "payout_lines": "txn_",
    "orders": "#",
}
"""How ids of a table begin: what is typed so is sought there alone."""


class Palette(AppState):
    """Where a search leads."""

    @handler("tables.view")
    async def search_table(self, table: str, words: str) -> Any:
        """Go to the rows of a table whose ids begin with ``words``."""
        if table in TABLES and words.strip():
            return rx.redirect(routes.rows(table, q=words.strip()))
        return None


def opening_button() -> rx.Component:
    """Opens the palette, and says how it is opened without it."""
    key = rx.el.kbd("Ctrl K", custom_attrs={"data-shortcut": "", "aria-hidden": "true"})
    return _opener("palette-button", key)


def opening_entry() -> rx.Component:
    """The same in the menu of a phone."""
    return _opener("nav-item palette-entry")


def _opener(class_name: str, *more: rx.Component) -> rx.Component:
    return rx.el.button(
        icon("search"),
        rx.el.span(ASKED, class_name="grow"),
        *more,
        type="button",
        class_name=class_name,
        custom_attrs={"data-opens-palette": "", "aria-haspopup": "dialog"},
    )


def palette() -> rx.Component:
    """Belongs once on every page of people who are signed in."""
    field = rx.el.input(
        id=QUERY,
        type="text",
        placeholder=ASKED,
        role="combobox",
        auto_complete="off",
        max_length=200,
        spell_check=False,
        custom_attrs={"aria-label": NAME, "aria-controls": CHOICES,
                      "aria-expanded": "true", "aria-autocomplete": "list"},
    )  # fmt: skip
    return Dialog.create(
        rx.el.div(icon("search"), field, rx.el.kbd("Esc"), class_name="palette-head"),
        _choices(),
        id=PALETTE,
        class_name="dialog palette",
        aria_label=NAME,
    )


def _choices() -> rx.Component:
    return rx.el.div(
        _group("Go to", *[_place(place) for place in places()]),
        _group("Do", _run_sync(), *_add_connection(), _switch_theme()),
        _group("Tables", *[_place(place) for place in table_places()]),
        _group("Find in", *[_search(spec) for spec in TABLES.values()]),
        id=CHOICES,
        class_name="palette-choices",
        role="listbox",
        aria_label="Commands",
    )


def _group(name: str, *choices: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.div(name, class_name="palette-group", custom_attrs={"aria-hidden": "true"}),
        *choices,
        role="group",
        aria_label=name,
    )


def _choice(words: str, **more: Any) -> dict[str, Any]:
    """What makes a link or a button a choice; ``words`` are what it is found by besides its own."""
    custom = {"data-choice": words.lower(), "tabIndex": "-1", **more}
    return {"class_name": "palette-choice", "role": "option", "custom_attrs": custom}


def _place(place: Place) -> rx.Component:
    shown = link(icon(place.icon), rx.el.span(place.label), to=place.route, **_choice(place.label))
    return permitted(place.permission, shown) if place.permission else shown


def _run_sync() -> rx.Component:
    return _command("Run Sync", "refresh-cw", "jobs.run", Activity.run_sync(""))


def _add_connection() -> list[rx.Component]:
    shown = link(
        icon("plus"),
        rx.el.span("Add Connection…"),
        to=routes.connect(routes.ANY),
        **_choice("Add Connection connect NetSuite Shopify Stripe"),
    )
    return [rx.cond(AppState.expired, None, permitted("connections.manage", shown))]


def _command(words: str, icon_name: str, permission: str, event: Any) -> rx.Component:
    shown = rx.el.button(
        icon(icon_name), rx.el.span(words), type="button", on_click=event, **_choice(words)
    )
    return rx.cond(AppState.expired, None, permitted(permission, shown))


def _switch_theme() -> rx.Component:
    return rx.el.button(
        *other_theme(),
        type="button",
        on_click=rx.toggle_color_mode,
        **_choice("Dark theme Light theme switch appearance"),
    )


def _search(spec: TableSpec) -> rx.Component:
    """Shown once something is typed, which palette.js writes into it."""
    shown = rx.el.button(
        icon("search"),
        rx.el.span(
            "Find “", rx.el.span(custom_attrs={"data-said": ""}), f"” in {spec.label}",
        ),
        type="button",
        hidden=True,
        on_click=Palette.search_table(spec.name, SAID),
        **_choice("", **{"data-begins": BEGINNINGS.get(spec.name, "")}),
    )  # fmt: skip
    return rx.cond(may("tables.view"), shown)
