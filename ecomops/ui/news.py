"""Open pages hear of jobs that they did not start: by schedule, webhook, or a colleague."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

from ecomops.runtime.news import job_news
from ecomops.ui.door import Door
from ecomops.ui.layouts.activity import Activity

GATHERED_FOR = 0.5
"""Seconds: what happens to a workspace within them is told once."""


class News:
    """Tells the pages of a workspace that its jobs changed; each then looks for itself."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._waiting: set[UUID] = set()

    @asynccontextmanager
    async def told(self) -> AsyncIterator[None]:
        """Listen for as long as the block runs."""
        tasks = [asyncio.create_task(it) for it in (self._gather(), self._tell())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task

    async def _gather(self) -> None:
        async for tenant_id in job_news():
            self._waiting.add(tenant_id)

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(GATHERED_FOR)
            waiting, self._waiting = self._waiting, set()
            for tenant_id in waiting:
                await self._door.tell(tenant_id, Activity.load_jobs)
