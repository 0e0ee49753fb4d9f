"""The panel of filters of a table's page."""

from __future__ import annotations

from typing import Any, cast

import reflex as rx

from ecomops.domains.tables.catalog import TIES, TableSpec
from ecomops.domains.tables.filters import arrives
from ecomops.ui.components.buttons import button
from ecomops.ui.components.fields import field_error
from ecomops.ui.components.values import Flag, Text
from ecomops.ui.pages.tables.filtering import Choice, Preset
from ecomops.ui.pages.tables.state import TablesState

FILTERS = "filters"


def filter_panel(spec: TableSpec, loaded: Flag) -> rx.Component:
    """All that rows can be chosen by. It is made anew for each address, so it shows what is on."""
    form = TablesState.form
    sources = _pills("Source", "source", form.sources) if len(spec.sources) > 1 else rx.fragment()
    days = rx.el.div(
        _field("from", "From", form.date_from, type="date"),
        _field("to", "To", form.date_to, type="date"),
        rx.el.div(
            rx.foreach(TablesState.presets, _preset),
            class_name="pills",
            role="group",
            aria_label="Dates",
        ),
        class_name="filter-line",
    )
    rest = rx.el.div(
        _field("min", "Min amount", form.amount_min, input_mode="decimal"),
        _field("max", "Max amount", form.amount_max, input_mode="decimal"),
        _field("currency", "Currency", form.currency, placeholder="EUR, USD"),
        _connections(),
        _field("q", "Search", form.search, placeholder="ID or how it begins"),
        class_name="filter-line last",
    )
    shown = rx.el.form(
        rx.el.div(_pills("Status", "status", form.statuses), sources, class_name="filter-line"),
        days,
        _arrival() if arrives(spec) else rx.fragment(),
        rest,
        button("Apply Filters", kind="primary", type="submit"),
        id=FILTERS,
        class_name="filters",
        key=TablesState.shown_address,
        on_submit=TablesState.apply_filters,
    )
    return rx.cond(loaded & TablesState.filters_open, shown)


def _arrival() -> rx.Component:
    """Of payouts: when they arrive, and whether they are the sum of their lines."""
    form = TablesState.form
    ties = rx.el.select(
        rx.el.option("All", value=""),
        *[rx.el.option(words, value=verdict) for verdict, words in TIES.items()],
        id="ties",
        name="ties",
        default_value=form.ties,
        class_name="input short",
    )
    return rx.el.div(
        _field("arrives_from", "Arrives from", form.arrives_from, type="date"),
        _field("arrives_to", "Arrives to", form.arrives_to, type="date"),
        rx.el.div(rx.el.label("Tie-out", html_for="ties"), ties, class_name="field"),
        class_name="filter-line",
    )


def _pills(title: str, name: str, choices: rx.Var[list[Choice]]) -> rx.Component:
    def pill(choice: Choice) -> rx.Component:
        box = rx.el.input(
            type="checkbox", name=f"{name}:{choice.value}", default_checked=choice.chosen
        )
        return rx.el.label(box, choice.words, class_name="pill")

    return rx.el.fieldset(
        rx.el.legend(title),
        rx.el.div(rx.foreach(choices, pill), class_name="pills"),
        field_error(f"{name}-error", _error(name)),
    )


def _field(name: str, label: str, value: Text, **props: object) -> rx.Component:
    element = rx.el.input(
        id=name,
        name=name,
        default_value=value,
        class_name="input short",
        auto_complete="off",
        aria_invalid=_error(name) != "",
        custom_attrs={"aria-describedby": f"{name}-error"},
        **props,
    )
    return rx.el.div(
        rx.el.label(label, html_for=name),
        element,
        field_error(f"{name}-error", _error(name)),
        class_name="field",
        data_field=name,
    )


def _connections() -> rx.Component:
    chosen = TablesState.form.connection
    choose = rx.el.select(
        rx.el.option("All", value=""),
        rx.foreach(TablesState.connections, lambda one: rx.el.option(one.words, value=one.value)),
        id="connection",
        name="connection",
        default_value=chosen,
        key=TablesState.connections.length().to_string(),
        class_name="input short",
    )
    return rx.el.div(
        rx.el.label("Connection", html_for="connection"),
        choose,
        field_error("connection-error", _error("connection")),
        class_name="field",
    )


def _preset(one: Preset) -> rx.Component:
    """Fills in the days; Apply Filters applies them."""
    return button(
        one.words,
        class_name="small",
        custom_attrs={"data-fills": "", "data-from": one.first, "data-to": one.last},
    )


def _error(name: str) -> rx.Var[str]:
    errors: Any = TablesState.form_errors
    return cast("rx.Var[str]", errors.get(name, ""))
