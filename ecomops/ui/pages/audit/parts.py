"""The table of the audit log: what is above it, its rows, and its foot."""

from __future__ import annotations

import reflex as rx

from ecomops.ui import routes
from ecomops.ui.components.badges import category_badge, status_badge
from ecomops.ui.components.blanks import blank, failure
from ecomops.ui.components.buttons import button, icon_button, link_button
from ecomops.ui.components.chips import chip
from ecomops.ui.components.copy import copy_icon
from ecomops.ui.components.icons import icon
from ecomops.ui.components.links import link
from ecomops.ui.components.paging import rows_per_page, step
from ecomops.ui.pages.audit.address import SIZES
from ecomops.ui.pages.audit.event_state import EventState
from ecomops.ui.pages.audit.filters import FILTERS
from ecomops.ui.pages.audit.rows import EventLine
from ecomops.ui.pages.audit.saved import views_menu
from ecomops.ui.pages.audit.state import AuditState

COLUMNS = (
    ("Timestamp", "time"),
    ("Category", "status"),
    ("Action", "text"),
    ("Actor", "text"),
    ("Resource Type", "text"),
    ("Resource ID", "id"),
    ("Status", "status"),
    ("Correlation ID", "id"),
)
SKELETON_ROWS = 14
LOADED = AuditState.shown_address != ""
TRACE = f"{routes.AUDIT}?correlation_id="


def toolbar() -> rx.Component:
    """The Filters button and the filters that are on."""
    opener = button(
        "Filters",
        icon_name="sliders-horizontal",
        on_click=AuditState.toggle_filters,
        custom_attrs={
            "aria-expanded": rx.cond(AuditState.filters_open, "true", "false"),
            "aria-controls": FILTERS,
        },
    )
    clear = link("Clear all", to=AuditState.clear_address, class_name="button quiet")
    return rx.el.div(
        opener,
        views_menu(),
        rx.foreach(AuditState.chips, chip),
        rx.cond(AuditState.filtered, clear),
        rx.el.div(
            icon_button("Refresh", "refresh-cw", on_click=AuditState.refresh),
            class_name="toolbar-end",
        ),
        class_name="toolbar",
    )


def trace() -> rx.Component:
    """What it means that only one operation is shown, and the way back."""
    text = rx.el.div(
        rx.el.h2(
            rx.cond(
                AuditState.is_whole_trace,
                "A complete trace of one operation",
                "Part of the trace of one operation",
            )
        ),
        rx.el.p(
            rx.cond(AuditState.is_whole_trace, "Every event", "What the filters show of it"),
            rx.cond(AuditState.ascending, ", in the order in which things happened. ", ". "),
            "Correlation ID ",
            rx.el.span(AuditState.tracing, class_name="mono"),
            copy_icon("Copy correlation ID", AuditState.tracing, "Correlation ID copied"),
        ),
        class_name="trace-text",
    )
    back = link_button("All events", AuditState.clear_address, icon_name="arrow-left")
    shown = rx.el.div(icon("route"), text, back, class_name="trace")
    return rx.cond(AuditState.tracing != "", shown)


def table() -> rx.Component:
    """The events; the whole row leads to its event, its correlation id to the operation's."""
    head = rx.el.thead(rx.el.tr(_when(), *[_column(name) for name, _kind in COLUMNS[1:]]))
    bones = rx.el.tbody(*[_bones() for _ in range(SKELETON_ROWS)], aria_busy=True)
    rows = rx.el.tbody(rx.foreach(AuditState.events, _row))
    return rx.el.div(
        rx.el.table(head, rx.cond(LOADED, rows, bones), class_name="data-table opening"),
        _below(),
        class_name="table-region",
        role="region",
        aria_label="Audit events",
        tab_index=0,
    )


def _when() -> rx.Component:
    turn = link(
        "Timestamp",
        icon("arrow-up", size=13),
        to=AuditState.turned_address,
        class_name="sort",
    )
    order = rx.cond(AuditState.ascending, "ascending", "descending")
    return rx.el.th(turn, scope="col", custom_attrs={"aria-sort": order})


def _column(name: str) -> rx.Component:
    return rx.el.th(rx.el.span(name, class_name="sort"), scope="col")


def _bones() -> rx.Component:
    kinds = [kind for _name, kind in COLUMNS]
    return rx.el.tr(*[rx.el.td(rx.el.span(class_name="bone", data_kind=kind)) for kind in kinds])


def _row(row: EventLine) -> rx.Component:
    opened = EventState.event_id == row.id
    action = link(
        row.action,
        to=EventState.open_prefix + row.id,
        class_name="row-link mono",
        custom_attrs={"aria-current": rx.cond(opened, "true", "false")},
    )
    trace_link = link(
        row.correlation_short,
        to=TRACE + row.correlation_id,
        class_name="mono above",
        title=row.correlation_id,
    )
    return rx.el.tr(
        rx.el.td(row.when),
        rx.el.td(category_badge(row.category)),
        rx.el.td(action),
        rx.el.td(rx.el.span(row.actor, class_name="text", title=row.actor)),
        rx.el.td(rx.el.span(row.resource_type, class_name="text")),
        rx.el.td(rx.el.span(row.resource_short, class_name="mono", title=row.resource_id)),
        rx.el.td(status_badge(row.status)),
        rx.el.td(trace_link),
        key=row.id,
        data_open=rx.cond(opened, "true", "false"),
    )


def _below() -> rx.Component:
    """What stands under the header when there are no rows, and why."""
    nothing = blank(
        "No events match these filters.",
        "Remove a filter to see more.",
        link_button("Clear filters", AuditState.clear_address),
        icon_name="filter-x",
    )
    failed = failure(
        AuditState.log_problem,
        AuditState.log_reference,
        rx.cond(
            AuditState.first_address != "",
            link_button("First page", AuditState.first_address),
            button("Try again", icon_name="rotate-cw", on_click=AuditState.refresh),
        ),
    )
    empty = LOADED & (AuditState.events.length() == 0)
    shown = rx.cond(AuditState.log_problem != "", failed, rx.cond(empty, nothing))
    return rx.el.div(shown, class_name="below-table")


def foot() -> rx.Component:
    """How many events there are, how many are shown at once, and the way on."""
    return rx.el.div(
        rx.el.div(AuditState.total, role="status"),
        rx.el.div(
            rows_per_page(SIZES, AuditState.size, AuditState.change_size),
            step("Previous", "chevron-left", AuditState.previous_address),
            step("Next", "chevron-right", AuditState.next_address),
            class_name="toolbar-end",
        ),
        class_name="table-foot",
    )
