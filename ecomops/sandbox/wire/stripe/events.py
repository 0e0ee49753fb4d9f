"""The ``event`` object and the feed of events: what happened in the last 30 days."""

from collections.abc import Iterator
from heapq import merge
from typing import Any

from ecomops.sandbox.wire.stripe.access import VERSION
from ecomops.sandbox.wire.stripe.params import Query
from ecomops.sandbox.world.calendar import SECONDS_A_DAY
from ecomops.sandbox.world.events import FAMILIES, family_of
from ecomops.sandbox.world.ledger import Ledger
from ecomops.sandbox.world.model import Record, position
from ecomops.sandbox.world.timeline import EVENTS, Position, Window, newest_first, oldest_first

Json = dict[str, Any]
KEPT_DAYS = 30


def kept_since(now: int) -> int:
    """The second before which no event is told any more."""
    return now - KEPT_DAYS * SECONDS_A_DAY


def render_event(id: str, type: str, at: int, told: Json, *, pending: int = 0) -> Json:
    """The event of a type about an object as it was ``told`` at ``at``, in Unix seconds."""
    return {
        "id": id,
        "object": "event",
        "api_version": VERSION,
        "created": at,
        "data": {"object": told},
        "livemode": False,
        "pending_webhooks": pending,
        "request": {"id": None, "idempotency_key": None},
        "type": type,
    }


def walk_events(
    ledger: Ledger, query: Query, window: Window, after: Position | None, before: Position | None
) -> Iterator[Record]:
    """Events of the kinds that are wanted, newest first, or oldest first behind ``before``."""
    streams = [f"{family}{EVENTS}" for family in _families(query)]
    if before is not None:
        return merge(*(oldest_first(ledger, it, window, before) for it in streams), key=position)
    down = (newest_first(ledger, it, window, after) for it in streams)
    return merge(*down, key=position, reverse=True)


def is_wanted(type: str, query: Query) -> bool:
    """Whether an event passes the filters ``type`` and ``types``; ``charge.*`` is a group."""
    wanted = _wanted(query)
    groups = tuple(it.removesuffix("*") for it in wanted if it.endswith("*"))
    return not wanted or type in wanted or type.startswith(groups)


def _wanted(query: Query) -> list[str]:
    single = query.filters.get("type")
    return [single] if single else query.lists.get("types", [])


def _families(query: Query) -> set[str]:
    """Whose events have to be made at all. A group of ``charge`` holds refunds and disputes."""
    wanted = _wanted(query)
    exact = {family_of(type) for type in wanted}
    return exact & {*FAMILIES} if wanted and not any("*" in it for it in wanted) else {*FAMILIES}
