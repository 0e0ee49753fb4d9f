"""Where the walk over transactions stands, between pages and between walks.

A walk reads what changed in a fixed stretch of NetSuite's own time, by id. The mark is the latest
change that NetSuite tells, so that neither our clock nor the time zone of the role's user matters
to it. The next walk begins before the mark: a change may become visible after a later one, and an
hour is told twice when summer time ends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from ecomops.connectors.base import Window
from ecomops.connectors.netsuite.fields import plausible_moment, valid_id
from ecomops.connectors.netsuite.transactions import (
    Condition,
    Selection,
    changed_before,
    changed_from,
    created_or_dated,
)

OVERLAP = timedelta(hours=2)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Place:
    """``since`` is the mark of the last walk, ``until`` the one of this walk, both as NetSuite
    writes them; ``after`` is the last transaction read, ``accounts`` are those that it followed.
    """

    accounts: tuple[str, ...]
    since: str | None = None
    until: str | None = None
    after: str | None = None
    first: bool = True

    @classmethod
    def of(cls, cursor: Mapping[str, Any] | None, accounts: Sequence[str]) -> Self:
        """From a stored cursor. One that is not ours, or of other accounts, is a full walk."""
        stored = cursor or {}
        since, until, after = (stored.get(name) for name in ("since", "until", "after"))
        first = cursor is None or stored.get("first") is True
        marks = (since, until)
        known = all(value is None or plausible_moment(value) for value in marks)
        if not known or stored.get("accounts") != list(accounts):
            return cls(tuple(accounts), first=first)
        return cls(tuple(accounts), since, until, after if valid_id(after) else None, first)

    @property
    def cursor(self) -> dict[str, Any]:
        told = {"since": self.since, "until": self.until, "after": self.after}
        kept = {name: value for name, value in told.items() if value is not None}
        return {**kept, "accounts": list(self.accounts), **({"first": True} if self.first else {})}

    def selection(self) -> Selection:
        """What this walk reads."""
        conditions: list[Condition] = []
        if self.since is not None:
            conditions.append(changed_from(self.floor))
        if self.until is not None:
            # A change may have a fraction of a second that NetSuite does not tell.
            conditions.append(changed_before(_moved(self.until, _SECOND)))
        return Selection(self.accounts, tuple(conditions))

    @property
    def floor(self) -> str:
        """From when on changes are looked for, where there is a mark."""
        return _moved(self.since or "", -OVERLAP)

    def begun(self, until: str | None) -> Self:
        return replace(self, until=until)

    def beyond(self, after: str | None) -> Self:
        return replace(self, after=after)

    def finished(self) -> Self:
        """The next walk begins at this one's mark."""
        return replace(self, since=self.until or self.since, until=None, after=None, first=False)


def within(window: Window, accounts: Sequence[str]) -> Selection:
    """What was created in ``window``, as everywhere, and what is dated in it, as people mean it."""
    start, end = (moment.astimezone(UTC) for moment in (window.start, window.end))
    return Selection(tuple(accounts), (created_or_dated(start, end),))


def _moved(instant: str, by: timedelta) -> str:
    return (datetime.fromisoformat(instant) + by).isoformat(timespec="seconds")
