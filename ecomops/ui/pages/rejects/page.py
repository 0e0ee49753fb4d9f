"""What a sync could not read, why, and what exactly the provider sent."""

from __future__ import annotations

import reflex as rx

from ecomops.ui import routes
from ecomops.ui.components.blanks import blank, failure, skeleton_list
from ecomops.ui.components.buttons import busy_button, button, link_button
from ecomops.ui.components.cards import card
from ecomops.ui.components.icons import icon
from ecomops.ui.layouts.activity import Activity
from ecomops.ui.layouts.permitted import permitted
from ecomops.ui.layouts.shell import shell
from ecomops.ui.pages.rejects.state import RejectRow, RejectsState
from ecomops.ui.registry import page


def actions() -> list[rx.Component]:
    """What the top bar offers."""
    return [link_button("Back to Jobs", routes.JOBS, icon_name="arrow-left")]


@page(
    routes.REJECTS,
    "Rejected records",
    "jobs.view",
    layout=shell(actions),
    on_load=(RejectsState.load_rejects, Activity.load_jobs),
)
def rejects() -> rx.Component:
    """The newest first; each opens to what was sent."""
    again = button("Try again", icon_name="rotate-cw", on_click=RejectsState.load_rejects)
    failed = failure(RejectsState.rejects_problem, RejectsState.rejects_reference, again)
    return rx.el.div(
        rx.cond(
            RejectsState.rejects_problem != "",
            rx.el.section(failed, class_name="card"),
            rx.cond(RejectsState.rejects_loaded, _loaded(), card("Records", skeleton_list(4))),
        ),
        class_name="stack",
    )


def _loaded() -> rx.Component:
    records = card(
        "Left out of the tables, kept here so that none is lost",
        rx.foreach(RejectsState.rejects, _reject),
        class_name="list",
    )
    return rx.cond(RejectsState.rejects.length() > 0, records, _none())


def _reject(row: RejectRow) -> rx.Component:
    summary = rx.el.summary(
        icon("chevron-right"),
        rx.el.span(row.source_id, class_name="mono ellipsis"),
        rx.el.span(row.message),
        rx.el.span(row.stream, " · ", row.where, class_name="small muted"),
    )
    return rx.el.details(
        summary,
        rx.el.div(
            rx.el.span("Received ", row.when, class_name="small muted"),
            rx.cond(row.askable, permitted("jobs.run", _retry(row))),
            class_name="reject-when",
        ),
        rx.el.pre(row.payload, class_name="payload", tab_index=0),
        class_name="reject",
        key=row.id,
    )


def _retry(row: RejectRow) -> rx.Component:
    return busy_button(
        "Retry",
        busy=RejectsState.retrying == row.id,
        busy_label="Retrying",
        icon_name="rotate-cw",
        locked=RejectsState.expired,
        class_name="small",
        on_click=RejectsState.retry(row.id),
    )


def _none() -> rx.Component:
    return rx.el.section(
        blank(
            "Everything could be read",
            "Records that a sync cannot read are kept here with the reason, so that none is lost.",
            icon_name="circle-check",
        ),
        class_name="card",
    )
