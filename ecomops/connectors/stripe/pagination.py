"""Walking a list from its newest object down to the mark of the last walk.

Stripe lists newest first, so what has been read is only safe once the bottom is reached: until
then the cursor carries the place (``after``) and the mark-to-be (``next_since``). Objects made
meanwhile are newer than that mark and belong to the next walk; ``created[gte]`` repeats the second
of the mark, because seconds are the finest time that Stripe tells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any, Self

from ecomops.connectors.base import Window
from ecomops.connectors.fields import valid_id
from ecomops.connectors.http import Params
from ecomops.connectors.stripe.fields import plausible_second
from ecomops.connectors.stripe.objects import Batch
from ecomops.kit.errors import ProviderContractError

PAGE_SIZE = 100
MOST_RESTARTS = 3
_MOST_PAGES = 1_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk stands. Times are Unix seconds."""

    since: int | None = None
    next_since: int | None = None
    after: str | None = None

    @classmethod
    def of(cls, cursor: Mapping[str, Any] | None) -> Self:
        """From a stored cursor. One that is not ours means a full walk, which is always right."""
        stored = cursor or {}
        since, next_since, after = (stored.get(k) for k in ("since", "next_since", "after"))
        if not all(value is None or plausible_second(value) for value in (since, next_since)):
            return cls()
        return cls(since, next_since, after if valid_id(after) else None)

    @property
    def cursor(self) -> dict[str, Any]:
        if self.after is None:
            return {"since": self.since}
        return {"since": self.since, "next_since": self.next_since, "after": self.after}

    @property
    def params(self) -> Params:
        params: dict[str, str | int | Sequence[str]] = {"limit": PAGE_SIZE}
        if self.since is not None:
            params["created[gte]"] = self.since
        if self.after is not None:
            params["starting_after"] = self.after
        return params

    def brings(self, created: int) -> bool:
        """Whether walking on from here reads what was created then, so that no second look is due.

        What a walk that was broken off has read already, it does not read again.
        """
        if self.after is None:
            return self.since is not None and created >= self.since
        return self.next_since is not None and created > self.next_since

    def top(self) -> Self:
        """The same walk, from its first page."""
        return replace(self, next_since=None, after=None)

    def beyond(self, batch: Batch, has_more: bool, now: int) -> Self:
        """After ``batch``. A time in the future never becomes the mark: it would hide the rest."""
        seen = [t for t in (self.next_since, batch.newest) if t is not None]
        newest = min(max(seen), now) if seen else None
        if has_more:
            return replace(self, next_since=newest, after=batch.ids[-1])
        return replace(self, since=newest or self.since, next_since=None, after=None)


def within(window: Window) -> Params:
    """The filter for what was created in ``window``; it comes before the walk's own mark."""
    return {
        "created[gte]": ceil(window.start.timestamp()),
        "created[lt]": ceil(window.end.timestamp()),
    }


class LoopGuard:
    """Refuses a walk that would not end."""

    def __init__(self, after: str | None = None) -> None:
        self._ends = {after}
        self._pages = 0

    def check(self, batch: Batch) -> None:
        """Raise ProviderContractError unless the walk can go on behind ``batch``."""
        self._pages += 1
        if not batch.ids:
            raise ProviderContractError("Stripe sent a page without ids and says that more follow.")
        if batch.ids[-1] in self._ends or self._pages > _MOST_PAGES:
            raise ProviderContractError("Stripe sent the same page again and again.")
        self._ends.add(batch.ids[-1])
