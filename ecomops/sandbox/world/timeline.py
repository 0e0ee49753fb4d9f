"""Walks the world's records in time order, either way, a day at a time, up to an instant."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from ecomops.sandbox.world.ledger import Ledger
from ecomops.sandbox.world.model import Record, Ref, position

STREAMS = ("charges", "refunds", "disputes", "payouts", "lines")
EVENTS = "_events"
"""Ends the name of a stream of events: what comes before is one of ``events.FAMILIES``."""

Position = tuple[int, Ref]
_LAST = Ref("~", 0, 0)


def records(ledger: Ledger, stream: str, day: int) -> Sequence[Record]:
    """One day of a stream, oldest first."""
    if stream == "lines":
        return ledger.lines(day)
    if stream == "payouts":
        return ledger.payouts(day)
    if stream.endswith(EVENTS):
        return ledger.events(stream.removesuffix(EVENTS), day)
    found: Sequence[Record] = getattr(ledger.orders(day), stream)
    return found


class Window:
    """The instants [start, end) of the world, cut to what has happened before ``now``."""

    def __init__(self, ledger: Ledger, now: int, start: int | None, end: int | None) -> None:
        opened = ledger.calendar.midnight(0)
        self.start = max(opened, start) if start is not None else opened
        self.end = min(now, end) if end is not None else now

    @property
    def low(self) -> Position:
        return self.start, Ref("", 0, 0)

    @property
    def high(self) -> Position:
        """Sorts after everything created before the end."""
        return self.end - 1, _LAST


def newest_first(
    ledger: Ledger, stream: str, window: Window, before: Position | None
) -> Iterator[Record]:
    """Records of the window from the newest; with ``before``, only those older than it."""
    top = min(before, window.high) if before else window.high
    day_of = ledger.calendar.day_of
    for day in range(day_of(top[0]), day_of(window.start) - 1, -1):
        found = records(ledger, stream, day)
        cut = bisect_left(found, top, key=position)
        for number in range(cut - 1, -1, -1):
            if found[number].created < window.start:
                return
            yield found[number]


def oldest_first(
    ledger: Ledger, stream: str, window: Window, after: Position | None
) -> Iterator[Record]:
    """Records of the window from the oldest; with ``after``, only those newer than it."""
    bottom = max(after, window.low) if after else window.low
    day_of = ledger.calendar.day_of
    for day in range(day_of(bottom[0]), day_of(window.end - 1) + 1):
        found = records(ledger, stream, day)
        start = bisect_right(found, bottom, key=position)
        for number in range(start, len(found)):
            if found[number].created >= window.end:
                return
            yield found[number]
