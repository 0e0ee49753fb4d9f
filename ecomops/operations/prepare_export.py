"""The job of an export: the rows into a draft, the draft into the store, and only then a word."""

import hashlib
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from sqlmodel import Session

from ecomops import runtime
from ecomops.domains.exports.schemas import FileOrder, WrittenFile
from ecomops.domains.exports.work import begin_file, find_left, finish_file, note_progress
from ecomops.domains.jobs.errors import JobCanceledError, LeaseLostError
from ecomops.domains.jobs.lifecycle import renew
from ecomops.domains.jobs.schemas import Lease, Progress
from ecomops.domains.tables.export import write_pieces
from ecomops.domains.tables.schemas import Piece
from ecomops.kit.context import Context
from ecomops.kit.settings import get_settings
from ecomops.operations.file_store import FileStore, drafting, file_store
from ecomops.operations.heartbeat import Heartbeat

NOTED_EVERY = 1.0  # seconds
_SHARE = {"csv": 1000, "xlsx": 800}
"""Thousandths of the work that are over with the last row; a workbook is then packed."""


def prepare_export(
    ctx: Context, lease: Lease, heartbeat: Heartbeat
) -> Callable[[Session, Context], None]:
    """Write the file and keep it; returns what says so when the job is completed.

    Each attempt has a key of its own, so that none touches another's file. Raises FileStoreError,
    LeaseLostError, JobCanceledError.
    """
    settings = get_settings()
    store = file_store(settings)
    # Before its key is overwritten: while the store is away, the row still knows of it.
    if left := runtime.run(ctx, find_left, lease):
        store.remove(left)
    order = runtime.run(ctx, begin_file, lease)
    with drafting(settings) as folder:
        draft, follower = folder / "export", _Follower(ctx, lease, heartbeat, order)
        pieces = runtime.stream(ctx, write_pieces, (order.export, folder))
        size, sha256 = _written(draft, follower.following(pieces))
        store.keep(order.key, draft)
    _hold(ctx, lease, store, order.key)
    written = WrittenFile(order.export_id, lease, follower.rows, size, sha256)
    return partial(finish_file, command=written)


def _hold(ctx: Context, lease: Lease, store: FileStore, key: str) -> None:
    """Show the lease once more: to whoever has the job by now, a file kept late is unknown.

    Raises LeaseLostError, JobCanceledError.
    """
    try:
        runtime.run(ctx, renew, lease)
    except (LeaseLostError, JobCanceledError):
        store.remove(key)
        raise


def _written(draft: Path, pieces: Iterator[Piece]) -> tuple[int, str]:
    """Write the pieces into a new file; its size and SHA-256."""
    digest = hashlib.sha256()
    with draft.open("xb") as file:
        for piece in pieces:
            digest.update(piece.data)
            file.write(piece.data)
        return file.tell(), digest.hexdigest()


class _Follower:
    """Keeps the job's progress current, and stops when its person or another worker says so."""

    def __init__(self, ctx: Context, lease: Lease, heartbeat: Heartbeat, order: FileOrder) -> None:
        self._ctx, self._lease, self._heartbeat = ctx, lease, heartbeat
        self._expected, self._share = max(order.rows, 1), _SHARE[order.export.format]
        self._noted, self._noted_at = 0, time.monotonic()
        self.rows = 0

    def following(self, pieces: Iterator[Piece]) -> Iterator[Piece]:
        """The same pieces. Raises LeaseLostError, JobCanceledError."""
        for piece in pieces:
            if self._heartbeat.reason is not None:
                raise self._heartbeat.reason
            yield piece
            self.rows = piece.rows
            if time.monotonic() - self._noted_at >= NOTED_EVERY:
                self._note()
        self._note()

    def _note(self) -> None:
        fraction = min(self.rows * self._share // self._expected, self._share)
        progress = Progress(received=self.rows - self._noted, phase_fraction=fraction)
        runtime.run(self._ctx, note_progress, (self._lease, progress))
        self._noted, self._noted_at = self.rows, time.monotonic()
