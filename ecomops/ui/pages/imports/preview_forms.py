"""How a file is read: its dialect, its columns, and whose statement it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import reflex as rx

from ecomops.ui.components.buttons import button
from ecomops.ui.components.cards import card
from ecomops.ui.components.fields import field
from ecomops.ui.components.values import Text
from ecomops.ui.pages.imports.preview_rows import READING, FieldRow
from ecomops.ui.pages.imports.preview_state import PreviewState

CHOOSE = "Choose"


def reading_form() -> rx.Component:
    """Encoding, delimiter, headers, decimal mark, order of dates, currency."""
    header = rx.el.div(
        rx.el.label("Line of the headers, 0 for none", html_for="header_line"),
        rx.el.input(
            id="header_line",
            type="number",
            min="0",
            max="60",
            class_name="input",
            default_value=rx.cond(PreviewState.header_line > 0, PreviewState.header_line, 0),
            key=f"header-{PreviewState.header_line}",
            on_blur=lambda value: PreviewState.choose("header_line", value),
        ),
        class_name="field",
    )
    return card(
        "How the file is read",
        rx.el.div(
            _choice("encoding", "Encoding", PreviewState.encoding),
            _choice("delimiter", "Delimiter", PreviewState.delimiter),
            header,
            _choice("mark", "Decimal mark", PreviewState.mark),
            _choice("order", "Dates", PreviewState.order),
            rx.cond(PreviewState.asks_currency, _currency()),
            class_name="import-fields",
        ),
    )


def _choice(name: Any, label: str, value: rx.Var[str]) -> rx.Component:
    options = [rx.el.option(words, value=key) for key, words in READING[name].items()]
    unknown = rx.cond(value == "", rx.el.option(CHOOSE, value=""))
    return _select(name, label, value, [unknown, *options],
                   lambda chosen: PreviewState.choose(name, chosen))  # fmt: skip


def _currency() -> rx.Component:
    return rx.el.div(
        rx.el.label("Currency of all lines", html_for="currency"),
        rx.el.input(
            id="currency",
            type="text",
            max_length=3,
            class_name="input",
            placeholder="USD",
            default_value=PreviewState.currency,
            auto_complete="off",
            key=f"currency-{PreviewState.currency}",
            on_blur=lambda value: PreviewState.choose("currency", value),
        ),
        class_name="field",
    )


def columns_form() -> rx.Component:
    """Which column tells what; kept for the next file with the same headers."""
    return card(
        "Columns",
        rx.el.div(rx.foreach(PreviewState.fields, _field), class_name="import-fields"),
    )


def _field(row: FieldRow) -> rx.Component:
    names = rx.foreach(PreviewState.headers, lambda it: rx.el.option(it, value=it))
    options = [rx.el.option("Not in the file", value=""), names]
    return _select(f"column-{row.name}", row.label, row.header, options,
                   lambda chosen: PreviewState.choose_column(row.name, chosen))  # fmt: skip


def account_form() -> rx.Component:
    """The bank account of a statement: one that is there, or a new one."""
    known = rx.foreach(PreviewState.accounts, lambda it: rx.el.option(it[1], value=it[0]))
    chosen = _select("account", "Account", PreviewState.account_id,
                     [rx.el.option(CHOOSE, value=""), known],
                     PreviewState.choose_account)  # fmt: skip
    errors: Mapping[str, Text] = {
        name: PreviewState.account_errors.get(name, "") for name in ("account_label", "last4")
    }
    new = rx.el.form(
        field("account_label", "New account", errors["account_label"],
              placeholder="Main checking", max_length=100, auto_complete="off"),
        field("last4", "Last 4 of its number", errors["last4"], max_length=4, auto_complete="off"),
        button("Add account", type="submit", icon_name="plus", disabled=PreviewState.expired),
        class_name="import-account",
        no_validate=True,
        reset_on_submit=True,
        on_submit=PreviewState.add_account,
    )  # fmt: skip
    return card("Bank account", rx.cond(PreviewState.accounts.length() > 0, chosen), new)


def _select(
    name: Text, label: Text, value: Text, options: list[rx.Component], on_change: Any
) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=name),
        rx.el.select(
            *options,
            id=name,
            class_name="input",
            value=value,
            disabled=PreviewState.expired,
            on_change=on_change,
        ),
        class_name="field",
    )
