"""A job while it runs, as the dashboard and the Jobs page show it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from ecomops.ui.components.badges import status_badge
from ecomops.ui.components.buttons import button
from ecomops.ui.components.progress import progress_bar
from ecomops.ui.components.values import Flag
from ecomops.ui.job_rows import JobRow


def live_job(job: JobRow, cancel: rx.Component, *notes: rx.Component) -> rx.Component:
    """Phase, bar, rows, rate and time left of a job that runs or waits; ``notes`` go below."""
    return rx.el.li(
        rx.el.div(
            rx.el.div(
                job.title, " ", rx.el.span(job.label, class_name="muted"), class_name="strong"
            ),
            rx.el.div(job.phase, class_name="small muted"),
            *notes,
        ),
        progress_bar(job.title, job.percent),
        rx.el.div(job.figures, class_name="figures"),
        cancel,
        class_name=rx.cond(job.status == "Pending", "job-live waiting", "job-live"),
    )


def cancel_button(job: JobRow, on_click: Any, *, locked: Flag) -> rx.Component:
    """Cancel, or that it was asked for and takes effect at the next page of rows."""
    return rx.cond(
        job.canceling,
        status_badge("Canceling"),
        button("Cancel", on_click=on_click, class_name="small", disabled=locked),
    )
