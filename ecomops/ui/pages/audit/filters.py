"""The panel of filters of the audit log."""

from __future__ import annotations

import reflex as rx

from ecomops.domains.audit.schemas import CATEGORIES, STATUSES
from ecomops.ui import format as fmt
from ecomops.ui.components.buttons import button
from ecomops.ui.pages.audit.address import LONGEST, PRESETS
from ecomops.ui.pages.audit.rows import NAMES, EventLine
from ecomops.ui.pages.audit.state import DAYS, AuditState

FILTERS = "filters"
ACTIONS = "actions-seen"
HINTS = {
    "action": "connection_created",
    "actor": "E-mail or system",
    "resource_type": "connection",
    "search": "Any ID, or how it begins",
}
"""What an empty field suggests."""


def filters() -> rx.Component:
    """Everything to filter by. It is made anew for each address, so it shows what is on."""
    typed = [_typed(name) for name in ("action", "actor", "resource_type", "resource_id")]
    form = rx.el.form(
        _chosen("category", "Any category", CATEGORIES),
        _chosen("status", "Any status", STATUSES),
        *typed,
        _typed("correlation_id"),
        _typed("search"),
        _times(),
        button("Apply Filters", kind="primary", type="submit"),
        rx.el.datalist(rx.foreach(AuditState.events, _seen), id=ACTIONS),
        id=FILTERS,
        class_name="filters audit-filters",
        key=AuditState.shown_address,
        on_submit=AuditState.apply_filters,
    )
    return rx.cond(AuditState.filters_open, form)


def _seen(row: EventLine) -> rx.Component:
    return rx.el.option(value=row.action, key=row.id)


def _chosen(name: str, anything: str, values: tuple[str, ...]) -> rx.Component:
    options = [rx.el.option(fmt.words(value), value=value) for value in values]
    select = rx.el.select(
        rx.el.option(anything, value=""),
        *options,
        id=name,
        name=name,
        default_value=AuditState.filters.get(name, ""),
        class_name="input short",
    )
    return rx.el.div(rx.el.label(NAMES[name], html_for=name), select, class_name="field")


def _typed(name: str) -> rx.Component:
    field = rx.el.input(
        id=name,
        name=name,
        type="text",
        default_value=AuditState.filters.get(name, ""),
        placeholder=HINTS.get(name, ""),
        max_length=LONGEST,
        auto_complete="off",
        spell_check=False,
        class_name="input short",
        list=ACTIONS if name == "action" else None,
    )
    return rx.el.div(rx.el.label(NAMES[name], html_for=name), field, class_name="field")


def _times() -> rx.Component:
    """When: any time, so far back, or between two days of the workspace."""
    choices = {"": "Any time", **PRESETS, DAYS: "Between two days"}
    pills = [_pill(value, words) for value, words in choices.items()]
    days = rx.el.div(_day("from", "From"), _day("to", "To"), class_name="dates")
    return rx.el.fieldset(
        rx.el.legend("When"), rx.el.div(*pills, class_name="pills"), days, class_name="times"
    )


def _pill(value: str, words: str) -> rx.Component:
    choice = rx.el.input(
        type="radio", name="when", value=value, default_checked=AuditState.preset == value
    )
    return rx.el.label(choice, words, class_name="pill")


def _day(name: str, label: str) -> rx.Component:
    field = rx.el.input(
        type="date",
        id=name,
        name=name,
        default_value=AuditState.filters.get(name, ""),
        class_name="input short",
    )
    return rx.el.div(rx.el.label(label, html_for=name), field, class_name="field")
