"""The Jobs page: what runs, what ran, and how it ended."""

from __future__ import annotations

import reflex as rx

from ecomops.ui import routes
from ecomops.ui.components.blanks import blank, failure, skeleton_list
from ecomops.ui.components.buttons import button
from ecomops.ui.components.cards import card
from ecomops.ui.components.jobs import cancel_button, live_job
from ecomops.ui.components.links import link
from ecomops.ui.job_rows import JobRow
from ecomops.ui.layouts.activity import Activity
from ecomops.ui.layouts.permitted import permitted
from ecomops.ui.layouts.shell import shell
from ecomops.ui.layouts.sync_button import run_sync_button
from ecomops.ui.pages.jobs.parts import cancel_dialog, finished_job
from ecomops.ui.registry import page


def actions() -> list[rx.Component]:
    """What the top bar offers."""
    return [run_sync_button("primary")]


@page(routes.JOBS, "Jobs", "jobs.view", layout=shell(actions), on_load=(Activity.load_jobs,))
def jobs() -> rx.Component:
    """Running jobs above, the others below, newest first."""
    return rx.el.div(
        rx.cond(
            Activity.jobs_problem != "",
            _failed(),
            rx.cond(Activity.jobs_loaded, _lists(), card("Recent", skeleton_list(4))),
        ),
        cancel_dialog(),
        class_name="stack",
    )


def _lists() -> rx.Component:
    live = card(
        "Running now",
        rx.el.ul(rx.foreach(Activity.live, _live)),
        class_name="list",
    )
    recent = card(
        "Recent",
        rx.el.ul(rx.foreach(Activity.ended, finished_job)),
        actions=[link("Rejected records", to=routes.REJECTS, class_name="small")],
        class_name="list",
    )
    ran = Activity.ended.length() > 0
    runs = Activity.live.length() > 0
    return rx.fragment(
        rx.cond(runs, live),
        rx.cond(ran, recent),
        rx.cond(runs | ran, None, _none()),
    )


def _live(job: JobRow) -> rx.Component:
    ask = Activity.ask_to_cancel(job.id, job.title)
    cancel = cancel_button(job, ask, locked=Activity.expired)
    retried = rx.cond(job.retry_of != "", rx.el.div(job.retry_of, class_name="small muted"))
    return live_job(job, permitted("jobs.run", cancel), retried)


def _none() -> rx.Component:
    return rx.el.section(
        blank(
            "No jobs yet",
            "A sync brings in payments, payouts and fees from your connections. "
            "You can follow it here, leave the page, and find it again.",
            run_sync_button(),
            icon_name="activity",
        ),
        class_name="card",
    )


def _failed() -> rx.Component:
    again = button("Try again", icon_name="rotate-cw", on_click=Activity.load_jobs)
    return rx.el.section(
        failure(Activity.jobs_problem, Activity.jobs_reference, again), class_name="card"
    )
