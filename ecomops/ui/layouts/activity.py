"""Jobs as every page knows them: started here, followed while they run, told when they end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import reflex as rx

from ecomops.domains.jobs.queries import list_jobs
from ecomops.domains.jobs.schemas import CancelJob, JobView, ListJobs, RetryJob
from ecomops.domains.jobs.service import cancel_job
from ecomops.domains.sync.schemas import StartSync
from ecomops.domains.sync.service import retry_sync, start_sync
from ecomops.kit.errors import OperationalError
from ecomops.kit.ids import new_id
from ecomops.ui import routes
from ecomops.ui.components.toasts import Tone, toast
from ecomops.ui.handlers import handler
from ecomops.ui.job_rows import LIVE, JobRow, ending, job_row
from ecomops.ui.layouts.counts import TableCounts
from ecomops.ui.layouts.onboarding import Onboarding
from ecomops.ui.presence import browser_is_there
from ecomops.ui.problems import shown_on_page
from ecomops.ui.session import perform
from ecomops.ui.state import AppState

BEAT_SECONDS = 1.0
QUIET = frozenset({"deliveries", "completeness"})
"""Kinds of jobs that nobody asked for: only their trouble is told."""
AFTER_A_JOB: list[Any] = []
"""Events of pages that show what a job may have changed, for when one has ended."""
_TONES: dict[str, Tone] = {"completed": "success", "failed": "error", "dead": "error"}


class Activity(AppState):
    """The newest jobs. While one runs, one follower for each browser tab keeps them current.

    Jobs that others start, schedules or webhooks, are told to the tab by ``ui.news``.
    """

    live: list[JobRow] = []  # noqa: RUF012 - Reflex copies the default for each State
    ended: list[JobRow] = []  # noqa: RUF012
    jobs_loaded: bool = False
    jobs_problem: str = ""
    jobs_reference: str = ""
    starting: bool = False
    cancel_id: str = ""
    cancel_title: str = ""

    # Which of the followers is the newest; the others stop.
    _follower: str = ""

    @handler("jobs.view")
    async def load_jobs(self) -> Any:
        """Show the newest jobs, and follow them if one runs."""
        events: list[Any] = []
        self.starting = False
        with shown_on_page(self, "jobs"):
            events += self._show(await perform(list_jobs, ListJobs()))
            self.jobs_loaded = True
        if self.live:
            events.append(Activity.follow_jobs)
        return events

    @handler("jobs.view", background=True)
    async def follow_jobs(self) -> AsyncIterator[Any]:
        """Keep the jobs current until none runs, the browser is gone, or another follower came."""
        me = new_id().hex
        async with self:
            self._follower = me
        running = True
        while running:
            await asyncio.sleep(BEAT_SECONDS)
            if not browser_is_there():
                return
            try:
                views = await perform(list_jobs, ListJobs())
            except OperationalError:
                continue
            async with self:
                if self._follower != me:
                    return
                events = self._show(views)
                running = bool(self.live)
            for event in events:
                yield event

    @handler("jobs.run")
    async def run_sync(self, connection_id: str = "") -> AsyncIterator[Any]:
        """Start a sync of one connection, or of all of them, and go to the Jobs page."""
        if self.starting:
            return
        self.starting = True
        yield
        try:
            one = UUID(connection_id) if connection_id else None
            begun = await perform(start_sync, StartSync(one))
        finally:
            self.starting = False
        if not begun.started:
            yield toast("A sync is already running")
        yield rx.redirect(routes.JOBS)
        yield Activity.load_jobs

    @handler("jobs.run")
    async def retry_job(self, job_id: str) -> Any:
        """Do a sync over that failed, died or was canceled."""
        begun = await perform(retry_sync, RetryJob(UUID(job_id)))
        told = [] if begun.started else [toast("A sync is already running")]
        return [*told, Activity.load_jobs]

    @handler("jobs.run")
    async def ask_to_cancel(self, job_id: str, title: str) -> None:
        """Ask whether the job shall really stop."""
        self.cancel_id, self.cancel_title = job_id, title

    @handler("jobs.run")
    async def keep_running(self) -> None:
        """Leave the job alone."""
        self.cancel_id = ""

    @handler("jobs.run")
    async def cancel_job(self) -> Any:
        """Stop the job that was asked about, at its next page of rows."""
        job_id, self.cancel_id = self.cancel_id, ""
        if job_id:
            await perform(cancel_job, CancelJob(UUID(job_id)))
        return Activity.load_jobs

    def _show(self, views: tuple[JobView, ...]) -> list[Any]:
        """Show these jobs; returns what follows from those that ended since the last look."""
        now = datetime.now(UTC)
        rows = [job_row(view, now, self.timezone) for view in views]
        seen = {row.id for row in self.ended}
        over = [view for view in views if view.status not in LIVE]
        news = [view for view in over if self.jobs_loaded and str(view.id) not in seen]
        changed = [TableCounts.load_counts, Onboarding.load_onboarding, *AFTER_A_JOB]
        self.live = [row for row in rows if row.live]
        ended = [row for row in rows if not row.live]
        if ended != self.ended:  # what has not changed need not be sent again at each beat
            self.ended = ended
        told = [_told(view) for view in news if view.kind not in QUIET or view.error_code]
        return [*changed, *told] if news else []


def _told(view: JobView) -> Any:
    sentence, detail = ending(view)
    return toast(sentence, description=detail, tone=_TONES.get(view.status, "info"))
