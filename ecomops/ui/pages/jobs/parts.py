"""A finished job, its Retry, and the question before one is stopped."""

from __future__ import annotations

import reflex as rx

from ecomops.ui import routes
from ecomops.ui.components.badges import status_badge
from ecomops.ui.components.buttons import button
from ecomops.ui.components.dialogs import dialog
from ecomops.ui.components.links import link
from ecomops.ui.job_rows import EXPORT, JobRow
from ecomops.ui.layouts.activity import Activity
from ecomops.ui.layouts.permitted import permitted


def finished_job(job: JobRow) -> rx.Component:
    """How it ended, when, and what it changed."""
    again = button(
        "Retry",
        icon_name="rotate-cw",
        class_name="small",
        disabled=Activity.expired,
        on_click=Activity.retry_job(job.id),
    )
    rejected = rx.cond(job.rejected != "", link(job.rejected, to=routes.REJECTS))
    summary = rx.cond(job.summary != "", rx.el.span(job.summary))
    exported = rx.cond(job.kind == EXPORT, link("Exports", to=routes.EXPORTS))
    head = rx.el.div(
        rx.el.span(job.title),
        rx.el.span(job.label, class_name="muted"),
        status_badge(job.status),
        class_name="job-title",
    )
    failed = rx.el.div(
        rx.el.p(job.error),
        rx.el.p("Reference ", rx.el.span(job.reference, class_name="mono"), class_name="reference"),
        class_name="job-error wide",
    )
    return rx.el.li(
        head,
        rx.el.div(job.when, class_name="job-when", title=job.moment),
        rx.el.div(summary, rejected, exported, class_name="job-line wide"),
        rx.cond(job.retry_of != "", rx.el.div(job.retry_of, class_name="small muted wide")),
        rx.cond(job.error != "", failed),
        rx.cond(job.retry, permitted("jobs.run", rx.el.div(again, class_name="wide"))),
        class_name="job",
    )


def cancel_dialog() -> rx.Component:
    """Stopping is safe, but is asked for twice."""
    of_export = "The export stops, and no file is made. It can be started again on its page."
    of_sync = (
        f"{Activity.cancel_title} stops at its next page of rows. What it has stored stays, "
        "and the next sync goes on from there."
    )
    return dialog(
        "Cancel this job?",
        rx.el.p(rx.cond(Activity.cancel_title == "Export", of_export, of_sync)),
        rx.el.div(
            button("Keep running", on_click=Activity.keep_running),
            button("Cancel job", kind="danger", on_click=Activity.cancel_job),
            class_name="dialog-foot",
        ),
        name="cancel-job",
        shown=Activity.cancel_id != "",
        on_close=Activity.keep_running,
    )
