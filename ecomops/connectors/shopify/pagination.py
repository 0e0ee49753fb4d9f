"""Walking a connection from the mark of the last walk to its end.

Lists are asked for by time, oldest first where Shopify can sort so, and with an overlap: what
became searchable a little late, or changed in the very second of the mark, is read once more. The
mark moves when the end is reached, but for some days not beyond what was not settled yet and will
be told otherwise. Until then the cursor holds the place (``after``) and the
mark-to-be (``next_since``). An object that changes meanwhile moves to the end and is met there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from ecomops.connectors.base import Window
from ecomops.connectors.shopify.fields import read_moment, written
from ecomops.kit.errors import ProviderContractError

LONGEST_HELD = timedelta(days=14)
_LONGEST_CURSOR = 4096
_MOST_PAGES = 1_000_000


@dataclass(frozen=True, slots=True)
class Clock:
    """By which times a list is walked: the search's name of the one that marks how far we are,
    of the one that windows are cut by, and how much is read again."""

    mark: str
    window: str
    overlap: timedelta


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk stands. ``held``: when the first unsettled object that it met was made."""

    since: datetime | None = None
    next_since: datetime | None = None
    held: datetime | None = None
    after: str | None = None

    @classmethod
    def of(cls, cursor: Mapping[str, Any] | None) -> Self:
        """From a stored cursor. One that is not ours means a full walk, which is always right."""
        stored = cursor or {}
        told = [stored.get(name) for name in ("since", "next_since", "held")]
        times = [read_moment(value) for value in told]
        if any(said is not None and at is None for said, at in zip(told, times, strict=True)):
            return cls()
        after = stored.get("after")
        usable = isinstance(after, str) and 0 < len(after) <= _LONGEST_CURSOR
        since, next_since, held = times
        return cls(since, next_since, held, after if usable else None)

    @property
    def cursor(self) -> dict[str, Any]:
        if self.after is None:
            return {"since": _text(self.since)}
        times = {"since": self.since, "next_since": self.next_since, "held": self.held}
        return {**{name: _text(at) for name, at in times.items()}, "after": self.after}

    def search(self, clock: Clock, window: Window | None) -> str | None:
        """The filter, the same on every page of a walk."""
        terms = []
        if window is not None:
            terms.append(f"{clock.window}:>='{_exact(window.start)}'")
            terms.append(f"{clock.window}:<'{_exact(window.end)}'")
        if self.since is not None:
            terms.append(f"{clock.mark}:>='{written(self.since - clock.overlap)}'")
        return " AND ".join(terms) or None

    def top(self) -> Self:
        """The same walk, from its first page."""
        return replace(self, next_since=None, held=None, after=None)

    def beyond(
        self, newest: datetime | None, held: datetime | None, after: str | None, now: datetime
    ) -> "Place":
        """Behind a page with these times; ``after`` None ends the walk.

        A time in the future never becomes the mark: it would hide the rest.
        """
        seen = [at for at in (self.next_since, newest) if at is not None]
        mark = min(max(seen), now) if seen else None
        held = min((at for at in (self.held, held) if at is not None), default=None)
        if after is not None:
            return replace(self, next_since=mark, held=held, after=after)
        # Never back, or what a file told would be read by pages, which word it otherwise.
        mark = max((at for at in (self.since, mark) if at is not None), default=None)
        if mark is not None and held is not None:
            mark = min(mark, max(held, mark - LONGEST_HELD))
        return Place(since=mark)


def next_page(connection: Mapping[str, Any]) -> str | None:
    """The cursor of the page behind this one; None where it is the last.

    Raises ProviderContractError where the connection does not say.
    """
    page_info = connection.get("pageInfo")
    page_info = page_info if isinstance(page_info, dict) else {}
    more, after = page_info.get("hasNextPage"), page_info.get("endCursor")
    if more is False:
        return None
    if more is not True or not isinstance(after, str) or not 0 < len(after) <= _LONGEST_CURSOR:
        raise ProviderContractError("Shopify did not say where its list goes on.")
    return after


class LoopGuard:
    """Refuses a walk that would not end."""

    def __init__(self, after: str | None = None) -> None:
        self._behind = {after}
        self._page: tuple[str, ...] = ()
        self._pages = 0

    def check(self, after: str, ids: tuple[str, ...]) -> None:
        """Raise ProviderContractError unless the walk can go on behind ``after``."""
        self._pages += 1
        again = after in self._behind or (bool(ids) and ids == self._page)
        if again or self._pages > _MOST_PAGES:
            raise ProviderContractError("Shopify sent the same page again and again.")
        self._behind.add(after)
        self._page = ids


def _text(at: datetime | None) -> str | None:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z") if at else None


def _exact(at: datetime) -> str:
    """A window's edge: the first whole second that is not before it."""
    return written(at + timedelta(microseconds=-at.microsecond % 1_000_000))
