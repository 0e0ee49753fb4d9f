"""Reading a stretch of the past again, beside the incremental cursor and never moving it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ecomops import runtime
from ecomops.connectors.base import Stream, Window, size_of
from ecomops.domains.connections.service import open_connection
from ecomops.domains.freshness.backfills import StartBackfill, check_backfill, window_of
from ecomops.domains.sync.queries import find_cursor
from ecomops.domains.sync.schemas import StorePage
from ecomops.kit.context import Context
from ecomops.operations.provider import connector_for
from ecomops.operations.sync_connection import LINES, Step, SyncRun

DONE = {"done": True}


def estimate_backfill(ctx: Context, command: StartBackfill) -> Mapping[str, int]:
    """How much there is to read: what → how many, of what the provider counts.

    Raises as ``start_backfill`` does.
    """
    window = runtime.run(ctx, check_backfill, command)
    connector = connector_for(ctx, runtime.run(ctx, open_connection, command.connection_id))
    try:
        return size_of(connector, window)
    finally:
        connector.close()


def backfill(run: SyncRun) -> None:
    """Read what was created in the job's window. A later attempt goes on where this one stops.

    Raises ProviderError, LeaseLostError, JobCanceledError.
    """
    window = window_of(run.target.lease.arguments)
    streams = [it for it in run.connector.streams() if not _done(run, it)]
    steps = [_step(run, it, window) for it in streams if it.table != LINES]
    lines = [_step(run, it, window) for it in streams if it.table == LINES]
    run.do([*steps, run.contents_step(), *lines])


def _step(run: SyncRun, stream: Stream, window: Window) -> Step:
    return Step(stream.label, stream.table, lambda: _walk(run, stream, window))


def _walk(run: SyncRun, stream: Stream, window: Window) -> Iterator[StorePage]:
    name = _cursor_name(run, stream)
    cursor = runtime.run(run.ctx, find_cursor, (run.target.connection_id, name))
    for page in run.connector.pages(stream.name, cursor, window):
        kept = replace(page, cursor=DONE) if page.last else page
        yield StorePage(run.target, kept, cursor_name=name)


def _done(run: SyncRun, stream: Stream) -> bool:
    place = (run.target.connection_id, _cursor_name(run, stream))
    return runtime.run(run.ctx, find_cursor, place) == DONE


def _cursor_name(run: SyncRun, stream: Stream) -> str:
    """Of this job alone: the stream's own cursor stays where it is."""
    return f"{stream.name}@{run.target.lease.job_id}"
