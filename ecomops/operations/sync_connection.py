"""One sync of one connection: fetch a page outside, store it in one transaction, again.

The order makes each row's parent come first, and each line be written once: payouts, then the
lines of those whose list is final, then all other movements of the balance. These tell of refunds
that came back, which are looked at again.

What changed of older records is told by the provider where it can, since a mark that moves when
they are stored; elsewhere, or when the mark is too old, all that are still open are looked at.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from ecomops import runtime
from ecomops.connectors.base import Changes, Connector, Page, Stream, changes_of
from ecomops.connectors.pipeline import prefetch
from ecomops.connectors.records import Record
from ecomops.domains.jobs.lifecycle import enter_phase
from ecomops.domains.jobs.schemas import Phase
from ecomops.domains.sync.links import link_late_parents
from ecomops.domains.sync.queries import (
    find_cursor,
    find_first_day,
    list_open,
    list_returned_refunds,
    list_unread_payouts,
)
from ecomops.domains.sync.schemas import StorePage, Target
from ecomops.domains.sync.store import refresh_statistics, store_page
from ecomops.kit.context import Context
from ecomops.kit.errors import ProviderPermissionError

LINES = "payout_lines"
REFUNDS = "refunds"
ANALYZE_FROM = 1000


@dataclass(frozen=True, slots=True)
class Step:
    """A phase of the sync; ``pages`` are fetched one after the other while others are stored."""

    label: str
    table: str
    pages: Callable[[], Iterator[StorePage]]


@dataclass(frozen=True, slots=True)
class SyncRun:
    """Everything that reading a connection needs to know, whole or in part."""

    ctx: Context
    connector: Connector
    target: Target

    def execute(self) -> str:
        """A whole sync. Tells in words what was left out for want of a permission, if anything.

        Raises ProviderError, LeaseLostError, JobCanceledError; ProviderPermissionError when
        nothing at all may be read.
        """
        denied: dict[str, ProviderPermissionError] = {}
        steps = [self._tolerant(step, denied) for step in self._steps()]
        self.do(steps)
        if denied and {stream.label for stream in self.connector.streams()} <= denied.keys():
            raise next(iter(denied.values()))
        return _left_out(denied)

    def _tolerant(self, step: Step, denied: dict[str, ProviderPermissionError]) -> Step:
        """The step, that ends where a permission is missing and notes it in ``denied``."""

        def pages() -> Iterator[StorePage]:
            try:
                yield from step.pages()
            except ProviderPermissionError as error:
                denied[step.label.partition(":")[0]] = error

        return Step(step.label, step.table, pages)

    def do(self, steps: Sequence[Step]) -> None:
        """Run ``steps``, each a phase of the job, and link what they brought."""
        for number, step in enumerate(steps, start=1):
            phase = Phase(step.label, number, len(steps) + 1)
            runtime.run(self.ctx, enter_phase, (self.target.lease, phase))
            self._store_all(step)
        linking = Phase("Linking records", len(steps) + 1, len(steps) + 1)
        runtime.run(self.ctx, enter_phase, (self.target.lease, linking))
        runtime.run(self.ctx, link_late_parents)

    def _store_all(self, step: Step) -> None:
        with closing(prefetch(step.pages(), interrupt=self.connector.close)) as pages:
            changed, known = 0, ANALYZE_FROM
            for page in pages:
                stored = runtime.run(self.ctx, store_page, page)
                changed += stored.inserted + stored.updated
                if changed >= known:
                    runtime.run(self.ctx, refresh_statistics, step.table)
                    known = 2 * changed

    def _steps(self) -> Iterator[Step]:
        streams = self.connector.streams()
        lines = [stream for stream in streams if stream.table == LINES]
        for stream in streams:
            if stream not in lines:
                yield from self._stream_steps(stream)
        yield self.contents_step()
        for stream in lines:
            yield from self._stream_steps(stream)
        yield from [self._returned_step(stream) for stream in streams if stream.table == REFUNDS]

    def _stream_steps(self, stream: Stream) -> Iterator[Step]:
        # Read before the walk: what the walk brings is fresh and needs no second look.
        known = (self.target.connection_id, stream.table)
        still_open = runtime.run(self.ctx, list_open, known)
        changes = self._changes(stream)
        yield Step(stream.label, stream.table, lambda: self._walk(stream))
        if changes is not None:
            yield self._changes_step(stream, changes, still_open)
        elif still_open:
            yield self.refresh_step(stream, still_open)

    def _changes(self, stream: Stream) -> Changes | None:
        mark, walked = (
            runtime.run(self.ctx, find_cursor, (self.target.connection_id, name))
            for name in (_mark_name(stream), stream.name)
        )
        return changes_of(self.connector, stream.name, mark, walked)

    def _changes_step(self, stream: Stream, changes: Changes, still_open: Sequence[str]) -> Step:
        """Fetch what changed, or else what is open; the mark moves once all of it is stored."""
        told = changes.source_ids
        again = still_open if told is None else told

        def pages() -> Iterator[StorePage]:
            yield from self._refresh(stream, again)
            moved = Page(stream.name, (), (), changes.cursor, received=0)
            yield StorePage(self.target, moved, cursor_name=_mark_name(stream), fraction=1000)

        return Step(_changes_label(stream), stream.table, pages)

    def _walk(self, stream: Stream) -> Iterator[StorePage]:
        place = (self.target.connection_id, stream.name)
        cursor = runtime.run(self.ctx, find_cursor, place)
        floor = runtime.run(self.ctx, find_first_day, self.target.connection_id)
        for page in self.connector.pages(stream.name, cursor):
            yield StorePage(self.target, page, fraction=_walked(page, floor))

    def _refresh(self, stream: Stream, source_ids: Sequence[str]) -> Iterator[StorePage]:
        done = 0
        for page in self.connector.refresh(stream.name, source_ids):
            done += page.received
            # An order brings its payments with it.
            fraction = min(1000, 1000 * done // len(source_ids))
            yield StorePage(self.target, page, moves_cursor=False, fraction=fraction)

    def _returned_step(self, stream: Stream) -> Step:
        return Step(f"{stream.label}: returned", REFUNDS, lambda: self._returned(stream))

    def _returned(self, stream: Stream) -> Iterator[StorePage]:
        returned = runtime.run(self.ctx, list_returned_refunds, self.target.connection_id)
        yield from self._refresh(stream, returned)

    def refresh_step(self, stream: Stream, source_ids: Sequence[str]) -> Step:
        """Fetch the named records again."""
        return Step(_changes_label(stream), stream.table, lambda: self._refresh(stream, source_ids))

    def contents_step(self) -> Step:
        """Read the lines of the payouts whose list is final and not yet read."""
        return Step("Payout contents", LINES, self._contents)

    def _contents(self) -> Iterator[StorePage]:
        payouts = runtime.run(self.ctx, list_unread_payouts, self.target.connection_id)
        done = 0
        for payout_ref, page in self.connector.contents(payouts):
            done += page.last
            yield StorePage(
                self.target, page, moves_cursor=False, payout_ref=payout_ref,
                fraction=1000 * done // len(payouts),
            )  # fmt: skip


def _left_out(denied: Mapping[str, ProviderPermissionError]) -> str:
    if not denied:
        return ""
    reasons = dict.fromkeys(error.message for error in denied.values())
    return f"Read without {', '.join(denied)}. {' '.join(reasons)}"


def _changes_label(stream: Stream) -> str:
    return f"{stream.label}: changes"


def _mark_name(stream: Stream) -> str:
    """Whose cursor says up to when the provider's changes are stored."""
    return f"{stream.name}@changes"


def _walked(page: Page, floor: datetime | None) -> int | None:
    """How much of the way from now down to the oldest known record is behind us, in thousandths."""
    dates = [it.source_created_at for it in page.records if isinstance(it, Record)]
    if floor is None or not dates:
        return None
    now = datetime.now(UTC)
    oldest = min(dates)
    return min(999, max(0, round(1000 * (now - oldest) / (now - floor)))) if now > floor else None
