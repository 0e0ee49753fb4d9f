"""Records that could not be read, and the retry of one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from ecomops.domains.sync.queries import list_rejects
from ecomops.domains.sync.schemas import ListRejects, RejectView
from ecomops.operations.reject_retry import retry_reject
from ecomops.ui import format as fmt
from ecomops.ui import routes
from ecomops.ui.components.toasts import toast
from ecomops.ui.handlers import handler
from ecomops.ui.layouts.activity import AFTER_A_JOB
from ecomops.ui.layouts.counts import TableCounts
from ecomops.ui.operation import current_path
from ecomops.ui.problems import shown_on_page
from ecomops.ui.session import call, perform
from ecomops.ui.state import AppState


@dataclass
class RejectRow:
    """One record, as text. ``askable``: it can be asked for by itself."""

    id: str
    source_id: str
    stream: str
    message: str
    payload: str
    askable: bool
    where: str
    when: str


class RejectsState(AppState):
    """The newest records that could not be read."""

    rejects: list[RejectRow] = []  # noqa: RUF012 - Reflex copies the default for each State
    rejects_loaded: bool = False
    rejects_problem: str = ""
    rejects_reference: str = ""
    retrying: str = ""

    @handler("jobs.view")
    async def load_rejects(self) -> None:
        """Show them."""
        self.retrying = ""
        with shown_on_page(self, "rejects"):
            views = await perform(list_rejects, ListRejects())
            self.rejects = [_row(view, self.timezone) for view in views]
            self.rejects_loaded = True

    @handler("jobs.view")
    async def look_again(self) -> Any:
        """Load them once more if this is the page that is open."""
        here = urlsplit(current_path()).path.rstrip("/") == routes.REJECTS
        return RejectsState.load_rejects if here and not self.retrying else None

    @handler("jobs.run", background=True)
    async def retry(self, reject_id: str) -> AsyncIterator[Any]:
        """Fetch one record again and say what came of it."""
        async with self:
            if self.retrying:
                return
            self.retrying = reject_id
        try:
            outcome = await call(retry_reject, UUID(reject_id))
        finally:
            async with self:
                self.retrying = ""
        yield toast(outcome.message, tone="success" if outcome.stored else "error")
        yield RejectsState.load_rejects
        yield TableCounts.load_counts


def _row(view: RejectView, zone: str) -> RejectRow:
    return RejectRow(
        id=str(view.id),
        source_id=view.source_id or "without an id",
        askable=view.source_id is not None,
        stream=fmt.words(view.stream),
        message=view.message,
        payload=view.payload,
        where=view.connection_label,
        when=fmt.moment(view.created_at, zone),
    )


AFTER_A_JOB.append(RejectsState.look_again)
