"""Stripe's feed of events: which records have changed since a mark.

Follows "The Event object" and "List all events": events go back 30 days, newest first. The mark is
an event some minutes older than the newest one, because events are told in no promised order.
What came after it is asked with ``ending_before``, which Stripe refuses once the event is gone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ecomops.connectors.base import Changes, Cursor
from ecomops.connectors.exact_json import Element
from ecomops.connectors.fields import valid_id
from ecomops.connectors.http import Params
from ecomops.connectors.stripe.client import ListPage, ResourceMissingError, StripeClient
from ecomops.connectors.stripe.fields import plausible_second
from ecomops.connectors.stripe.objects import ObjectKind
from ecomops.connectors.stripe.pagination import PAGE_SIZE, Place

PATH: Final = "/v1/events"
PERMISSION: Final = "Events"
KEPT_SECONDS: Final = 29 * 86_400  # a day less than Stripe promises
OVERLAP_SECONDS: Final = 300
MOST_PAGES: Final = 10
"""Beyond so many, asking for what is open costs less than reading what happened."""

TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "charges": (
        *("charge.succeeded", "charge.failed", "charge.captured", "charge.expired"),
        "charge.updated",
    ),
    "refunds": ("refund.updated", "refund.failed", "charge.refund.updated"),
    "disputes": (
        *("charge.dispute.updated", "charge.dispute.closed"),
        *("charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated"),
    ),
    "payouts": (
        *("payout.updated", "payout.paid", "payout.failed", "payout.canceled"),
        "payout.reconciliation_completed",
    ),
}
"""By stream, what may change an amount, a state or a link of a record."""


@dataclass(frozen=True, slots=True)
class _Event:
    id: str
    created: int
    object_id: str
    object_created: int


class _UselessFeedError(Exception):
    """The feed holds too much, or something that cannot be read: it is of no use this time."""


def read_changes(
    client: StripeClient, kind: ObjectKind, cursor: Cursor | None, walked: Place, now: int
) -> Changes:
    """See ``connectors.base.TellsChanges``. ``now`` in Unix seconds."""
    mark, at = (cursor or {}).get("event"), (cursor or {}).get("created")
    if isinstance(mark, str) and plausible_second(at) and now - at < KEPT_SECONDS:
        try:
            events = list(_since(client, kind, mark))
        except (ResourceMissingError, _UselessFeedError):
            return Changes(None, _first_mark(client, kind))
        ids = (it.object_id for it in events if not walked.brings(it.object_created))
        return Changes(tuple(dict.fromkeys(ids)), _mark(events) or dict(cursor or {}))
    return Changes(None, _first_mark(client, kind))


def _since(client: StripeClient, kind: ObjectKind, mark: str) -> Iterator[_Event]:
    """Each event after the mark; within a page the newest first."""
    for _ in range(MOST_PAGES):
        page = _page(client, kind, {"ending_before": mark})
        events = [_read(element, kind) for element in page.elements]
        yield from events
        if not page.has_more:
            return
        mark = events[0].id
    raise _UselessFeedError


def _first_mark(client: StripeClient, kind: ObjectKind) -> Cursor:
    """The mark of who has not read the feed before; empty where nothing happened in 30 days."""
    try:
        events = [_read(element, kind) for element in _page(client, kind, {}).elements]
    except _UselessFeedError:
        return {}
    return _mark(events) or (_cursor(events[-1]) if events else {})


def _mark(events: list[_Event]) -> Cursor | None:
    """The newest event that is old enough for no older one to be told after it."""
    if not events:
        return None
    safe = max(it.created for it in events) - OVERLAP_SECONDS
    settled = [it for it in events if it.created <= safe]
    return _cursor(max(settled, key=lambda it: it.created)) if settled else None


def _cursor(event: _Event) -> dict[str, Any]:
    return {"event": event.id, "created": event.created}


def _page(client: StripeClient, kind: ObjectKind, place: Params) -> ListPage:
    wanted: Params = {"limit": PAGE_SIZE, "types[]": TYPES[kind.stream.name], **place}
    return client.list_page(PATH, wanted, PERMISSION)


def _read(element: Element, kind: ObjectKind) -> _Event:
    event = element.value if isinstance(element.value, dict) else {}
    data = event.get("data")
    about = data.get("object") if isinstance(data, dict) else None
    about = about if isinstance(about, dict) else {}
    readable = (
        *(valid_id(event.get("id")), plausible_second(event.get("created"))),
        *(valid_id(about.get("id")), plausible_second(about.get("created"))),
        about.get("object") == kind.word,
    )
    if not all(readable):
        raise _UselessFeedError
    return _Event(event["id"], event["created"], about["id"], about["created"])
