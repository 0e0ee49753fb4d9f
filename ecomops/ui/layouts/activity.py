"""Jobs as every page knows them: started here, followed while they run, told when they end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import reflex as rx

from ecomops.domains.jobs.queries import list_jobs
from ecomops.domains.jobs.schemas import CancelJob, JobView, ListJobs
from ecomops.domains.jobs.service import cancel_job
from ecomops.domains.sync.schemas import StartSync
from ecomops.domains.sync.service import start_sync
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
_TONES: dict[str, Tone] = {"completed": "success", "failed": "error", "dead": "error"}


class Activity(AppState):
    """The newest jobs. While one runs, one follower for each browser tab keeps them current."""

    jobs: list[JobRow] = []  # noqa: RUF012 - Reflex copies the default for each State
    jobs_loaded: bool = False
    live_count: int = 0
    jobs_problem: str = ""
    jobs_reference: str = ""
    starting: bool = False
    cancel_id: str = ""
    cancel_title: str = ""

    # Ids of the jobs that ran when last looked at, and who looks at them now.
    _live: list[str] = []  # noqa: RUF012
    _follower: str = ""

    @handler("jobs.view")
    async def load_jobs(self) -> Any:
        """Show the newest jobs, and follow them if one runs."""
        with shown_on_page(self, "jobs"):
            told = self._show(await perform(list_jobs, ListJobs()))
            self.jobs_loaded = True
            return [*told, Activity.follow_jobs] if self._live else told
        return None

    @handler("jobs.view", background=True)
    async def follow_jobs(self) -> AsyncIterator[Any]:
        """Keep the jobs current until none runs, the browser is gone, or another follower came."""
        me = new_id().hex
        async with self:
            self._follower = me
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            if not browser_is_there():
                return
            views = await perform(list_jobs, ListJobs())
            async with self:
                if self._follower != me:
                    return
                told = self._show(views)
                running = bool(self._live)
            for one in told:
                yield one
            if not running:
                return

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
        self.jobs = [job_row(view, now, self.timezone) for view in views]
        ended = [v for v in views if v.status not in LIVE and str(v.id) in self._live]
        changed = [TableCounts.load_counts, Onboarding.load_onboarding] if ended else []
        self._live = [str(view.id) for view in views if view.status in LIVE]
        self.live_count = len(self._live)
        return [*changed, *[_told(view) for view in ended]]


def _told(view: JobView) -> Any:
    sentence, detail = ending(view)
    return toast(sentence, description=detail, tone=_TONES.get(view.status, "info"))
