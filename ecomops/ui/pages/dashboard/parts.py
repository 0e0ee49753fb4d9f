"""The checklist, the figures and the syncs of the dashboard."""

from __future__ import annotations

import reflex as rx

from ecomops.domains.connections.fields import CREDENTIAL_FIELDS
from ecomops.domains.tables.catalog import TABLES, TableSpec
from ecomops.ui import routes
from ecomops.ui.components.badges import status_badge
from ecomops.ui.components.blanks import blank, bone, skeleton_list
from ecomops.ui.components.buttons import link_button
from ecomops.ui.components.cards import card
from ecomops.ui.components.icons import icon
from ecomops.ui.components.jobs import live_job
from ecomops.ui.components.links import link
from ecomops.ui.components.values import Flag
from ecomops.ui.job_rows import JobRow
from ecomops.ui.layouts.activity import Activity
from ecomops.ui.layouts.counts import TableCounts
from ecomops.ui.layouts.onboarding import Onboarding
from ecomops.ui.layouts.sync_button import run_sync_button

LATEST = 5
_NETSUITE_HINT = (
    "Your journals will go here."
    if "netsuite" in CREDENTIAL_FIELDS
    else "Arrives with a coming release. Nothing below waits for it."
)


def checklist() -> rx.Component:
    """Three steps from an empty workspace to data, ticked as they are done."""
    steps = rx.el.ol(
        _step(
            "Connect NetSuite", _NETSUITE_HINT, Onboarding.has_netsuite, routes.CONNECTIONS,
            "Open Connections",
        ),
        _step(
            "Connect a source", "Stripe, with a key you can revoke at any time.",
            Onboarding.has_source, routes.CONNECTIONS, "Add Connection",
        ),
        _step(
            "View your data", "Run a sync, then look at your payouts.",
            Onboarding.has_data, routes.table("payouts"), "Open Payouts",
        ),
        class_name="steps",
    )  # fmt: skip
    waiting = skeleton_list(3)
    return card("Get started", rx.cond(Onboarding.onboarding_loaded, steps, waiting))


def _step(title: str, hint: str, done: Flag, to: str, action: str) -> rx.Component:
    state = rx.cond(done, "Done: ", "To do: ")
    text = rx.el.div(
        link(rx.el.span(state, class_name="visually-hidden"), title, to=to, class_name="title"),
        rx.cond(done, None, rx.el.div(hint, class_name="small muted")),
        class_name="grow",
    )
    return rx.el.li(
        rx.el.span(icon("check", size=13), class_name="tick"),
        text,
        rx.cond(done, None, link_button(action, to, class_name="small")),
        data_done=rx.cond(done, "true", "false"),
    )


def figures() -> rx.Component:
    """How many rows each table holds; each figure leads to its table."""
    return rx.el.ul(
        *[rx.el.li(_figure(spec)) for spec in TABLES.values()],
        class_name="tiles",
        aria_label="Rows in your tables",
    )


def _figure(spec: TableSpec) -> rx.Component:
    count = TableCounts.counts.get(spec.name, "")
    number = rx.el.span(
        rx.cond(count == "", bone("48px", "14px"), count),
        class_name=rx.cond(count == "0", "figure none", "figure"),
    )
    return link(
        rx.el.span(spec.label, class_name="label"),
        number,
        to=routes.table(spec.name),
        class_name="card tile",
    )


def running() -> rx.Component:
    """The jobs that run, while any does."""
    details = link_button("Details", routes.JOBS, class_name="small")
    jobs = rx.foreach(Activity.live, lambda job: live_job(job, details))
    shown = card("Running now", rx.el.ul(jobs), class_name="list")
    return rx.cond(Activity.live.length() > 0, shown)


def latest_syncs() -> rx.Component:
    """How the last few jobs ended."""
    ended = Activity.ended.length() > 0
    rows = rx.el.ul(rx.foreach(Activity.ended[:LATEST], _latest))
    nothing = blank(
        "No syncs yet",
        "Connect a source, then run a sync to bring in your payments and payouts.",
        run_sync_button(),
        icon_name="refresh-cw",
    )
    first = rx.el.p("Your first sync is running.", class_name="muted list-row")
    none_ended = rx.cond(Activity.live.length() > 0, first, nothing)
    return card(
        "Latest syncs",
        rx.cond(Activity.jobs_loaded, rx.cond(ended, rows, none_ended), skeleton_list(3)),
        actions=[link("All jobs", to=routes.JOBS, class_name="small")],
        class_name="list",
    )


def _latest(job: JobRow) -> rx.Component:
    what_came_of_it = rx.cond(job.error != "", job.error, job.summary)
    text = rx.el.div(
        rx.el.div(job.title, " ", rx.el.span(job.label, class_name="muted"), class_name="ellipsis"),
        rx.el.div(what_came_of_it, class_name="small muted clamped"),
        class_name="grow",
    )
    return rx.el.li(
        text,
        rx.el.span(job.when, class_name="small muted when", title=job.moment),
        status_badge(job.status),
        class_name="list-row",
    )
