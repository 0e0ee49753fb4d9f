"""The checklist, the syncs and the counts of the dashboard."""

from __future__ import annotations

from typing import Any

import reflex as rx

from ecomops.domains.tables.catalog import TABLES, TableSpec
from ecomops.ui import routes
from ecomops.ui.components.badges import status_badge
from ecomops.ui.components.blanks import blank, bone, failure, skeleton_list
from ecomops.ui.components.buttons import button, link_button
from ecomops.ui.components.cards import card
from ecomops.ui.components.icons import icon
from ecomops.ui.components.jobs import live_job
from ecomops.ui.components.links import link
from ecomops.ui.components.providers import provider_mark
from ecomops.ui.components.values import Flag
from ecomops.ui.job_rows import JobRow
from ecomops.ui.layouts.activity import Activity
from ecomops.ui.layouts.counts import TableCounts
from ecomops.ui.layouts.onboarding import Onboarding
from ecomops.ui.layouts.sources import Source, Sources
from ecomops.ui.layouts.sync_button import run_sync_button

LATEST = 5


def checklist() -> rx.Component:
    """Three steps from an empty workspace to data, ticked as they are done."""
    steps = rx.el.ol(
        _step(
            "Connect NetSuite", "With the keys of an integration record and an access token.",
            Onboarding.has_netsuite, routes.connect("netsuite"), "Connect",
        ),
        _step(
            "Connect a source", "Stripe or Shopify, with keys you can revoke at any time.",
            Onboarding.has_source, routes.CONNECTIONS, "Add Connection",
        ),
        _step(
            "View your data", "Run a sync, then look at your payouts.",
            Onboarding.has_data, routes.table("payouts"), "Open Payouts",
        ),
        class_name="steps",
    )  # fmt: skip
    failed = failure(
        Onboarding.onboarding_problem,
        Onboarding.onboarding_reference,
        _again(Onboarding.load_onboarding),
    )
    loaded = rx.cond(Onboarding.onboarding_loaded, steps, skeleton_list(3))
    return card("Get started", rx.cond(Onboarding.onboarding_problem != "", failed, loaded))


def _again(event: Any) -> rx.Component:
    return button("Try again", icon_name="rotate-cw", on_click=event)


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


def counts() -> rx.Component:
    """How many rows each table holds; each figure leads to its table."""
    failed = failure(
        TableCounts.counts_problem, TableCounts.counts_reference, _again(TableCounts.load_counts)
    )
    shown = rx.el.ul(
        *[rx.el.li(_count(spec)) for spec in TABLES.values()],
        class_name="row-counts",
        aria_label="Rows in your tables",
    )
    return card("Rows in your tables", rx.cond(TableCounts.counts_problem != "", failed, shown))


def _count(spec: TableSpec) -> rx.Component:
    count = TableCounts.counts.get(spec.name, "")
    number = rx.el.span(
        rx.cond(count == "", bone("48px", "12px"), count),
        class_name=rx.cond(count == "0", "count none", "count"),
    )
    return link(rx.el.span(spec.label, class_name="label"), number, to=routes.table(spec.name))


def running() -> rx.Component:
    """The jobs that run, while any does."""
    details = link_button("Details", routes.JOBS, class_name="small")
    jobs = rx.foreach(Activity.live, lambda job: live_job(job, details))
    shown = card("Running now", rx.el.ul(jobs), class_name="list")
    return rx.cond(Activity.live.length() > 0, shown)


def sources() -> rx.Component:
    """How fresh each connection is; each leads to its own page."""
    failed = failure(Sources.sources_problem, Sources.sources_reference,
                     _again(Sources.load_sources))  # fmt: skip
    rows = rx.el.ul(rx.foreach(Sources.sources, _source))
    loaded = rx.cond(Sources.sources_loaded, rows, skeleton_list(3))
    return card(
        "Freshness",
        rx.cond(Sources.sources_problem != "", failed, loaded),
        actions=[link("Connections", to=routes.CONNECTIONS, class_name="small")],
        class_name="list",
    )


def _source(it: Source) -> rx.Component:
    text = rx.el.div(
        link(it.label, to=it.address, class_name="ellipsis"),
        rx.el.div(it.told, class_name="small muted"),
        class_name="grow",
    )
    mark = provider_mark(it.provider, it.provider_name)
    return rx.el.li(mark, text, status_badge(it.state), class_name="list-row")


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
    failed = failure(Activity.jobs_problem, Activity.jobs_reference, _again(Activity.load_jobs))
    loaded = rx.cond(Activity.jobs_loaded, rx.cond(ended, rows, none_ended), skeleton_list(3))
    return card(
        "Latest syncs",
        rx.cond(Activity.jobs_problem != "", failed, loaded),
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
