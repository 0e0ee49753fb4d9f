"""Comparing ids and sums with the provider: what was missed is stored, what vanished is listed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from ecomops import runtime
from ecomops.connectors.base import Page, Stream, Window
from ecomops.domains.freshness.completeness import (
    Compared,
    Found,
    Stretch,
    keep_comparison,
    list_stored,
)
from ecomops.domains.sync.mappings import MAPPINGS
from ecomops.domains.sync.schemas import StorePage
from ecomops.models import metadata
from ecomops.operations.sync_connection import Step, SyncRun

LOOKED_BACK = timedelta(days=35)
SETTLED_AFTER = timedelta(hours=1)
"""What is newer may be in neither, or in one of them, by right."""


def check_completeness(run: SyncRun) -> None:
    """Compare each stream of the last weeks. Raises as ``SyncRun.do``."""
    now = datetime.now(UTC)
    window = Window(now - LOOKED_BACK, now - SETTLED_AFTER)
    for stream in run.connector.streams():
        if "amount" in metadata.tables[stream.table].c:
            _compare(run, stream, window)


def _compare(run: SyncRun, stream: Stream, window: Window) -> None:
    stretch = Stretch(run.target.connection_id, stream.table, window)
    ours = runtime.run(run.ctx, list_stored, stretch)
    theirs: Found = {}

    def pages() -> Iterator[StorePage]:
        for page in run.connector.pages(stream.name, None, window):
            theirs.update(_found(page, stream.table, window))
            yield StorePage(run.target, page, moves_cursor=False)

    run.do([Step(f"{stream.label}: comparing", stream.table, pages)])
    compared = Compared(
        run.target.connection_id, run.target.lease.job_id, stream.name, window, theirs, ours
    )
    runtime.run(run.ctx, keep_comparison, compared)


def _found(page: Page, table: str, window: Window) -> Found:
    found: Found = {}
    for record in page.records:
        mapping = MAPPINGS[type(record)]
        if mapping.table != table:
            continue
        row = dict(zip(mapping.columns, mapping.values(record), strict=True))
        if window.start <= row["created_at"] < window.end:
            amount = row["gross"] if "gross" in row else row["amount"]
            found[record.source_id] = (row["currency"], amount)
    return found
