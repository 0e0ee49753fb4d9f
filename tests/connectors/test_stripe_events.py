"""Reading the feed of events over a wire whose answers the test writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import SecretStr

from ecomops.connectors.base import Changes, changes_of
from ecomops.connectors.registry import open_connector
from ecomops.connectors.stripe import events
from ecomops.kit.errors import ProviderTransientError
from tests.connectors import stripe_objects as stripe
from tests.connectors.ledger import NOW, a_list, stripe_at
from tests.connectors.wire import Reply, Request, error, reply, script

Json = dict[str, Any]
T0 = int(NOW.timestamp()) - 100_000


def event(number: int, about: str, *, made: int = stripe.CREATED, **changes: Any) -> Json:
    """An event so many seconds after T0 about a charge that was made at ``made``."""
    return {
        "id": f"evt_{number}",
        "object": "event",
        "created": T0 + number,
        "type": "charge.updated",
        "data": {"object": stripe.charge(id=about, created=made)},
        **changes,
    }


@dataclass
class Feed:
    """A feed of events, oldest first, in pages of ``page``."""

    events: list[Json] = field(default_factory=list)
    page: int = 3

    def respond(self, request: Request) -> Reply:
        assert request.path == "/v1/events"
        items = list(reversed(self.events))
        before = request.query.get("ending_before")
        if before is None:
            return a_list(*items[: self.page], has_more=len(items) > self.page)
        ids = [item["id"] for item in items]
        if before not in ids:
            return error(400, f"No such event: '{before}'", code="resource_missing")
        newer = items[: ids.index(before)]
        return a_list(*newer[-self.page :], has_more=len(newer) > self.page)


def ask(feed: Feed, cursor: Json | None, walked: Json | None = None) -> tuple[Changes, int]:
    """What has changed, and how many requests it took to know."""
    with stripe_at(feed.respond) as (connector, wire):
        changes = connector.changed("charges", cursor, walked)
        assert changes is not None
        return changes, len(wire.seen)


def mark(number: int) -> Json:
    return {"event": f"evt_{number}", "created": T0 + number}


def test_who_asks_first_is_told_a_mark_and_nothing_else() -> None:
    feed = Feed([event(0, "ch_1"), event(500, "ch_2"), event(900, "ch_3")])
    assert ask(feed, None) == (Changes(None, mark(500)), 1)
    assert ask(Feed(), None) == (Changes(None, {}), 1)
    assert ask(Feed([event(800, "ch_1"), event(900, "ch_2")]), None)[0].cursor == mark(800)


def test_what_happened_since_the_mark_is_told_once_and_page_by_page() -> None:
    told = [event(400 * n, f"ch_{n % 4}") for n in range(9)]
    changes, requests = ask(Feed(told), mark(400))
    assert changes.source_ids is not None
    assert sorted(changes.source_ids) == ["ch_0", "ch_1", "ch_2", "ch_3"]
    assert (changes.cursor, requests) == (mark(2800), 3)


def test_the_mark_stays_minutes_behind_because_events_come_out_of_order() -> None:
    feed = Feed([event(0, "ch_0"), event(400, "ch_1"), event(650, "ch_2")])
    changes, _ = ask(feed, mark(0))
    assert changes == Changes(("ch_2", "ch_1"), mark(0))
    feed.events.insert(1, event(390, "ch_late"))
    changes, _ = ask(feed, dict(changes.cursor))
    assert changes.source_ids is not None
    assert "ch_late" in changes.source_ids


def test_nothing_new_keeps_the_mark() -> None:
    assert ask(Feed([event(0, "ch_0")]), mark(0)) == (Changes((), mark(0)), 1)


@pytest.mark.parametrize(
    ("walked", "told"),
    [
        ({"since": 2000}, ["ch_old"]),
        ({"since": 5000}, ["ch_edge", "ch_new", "ch_old"]),
        ({"since": None}, ["ch_edge", "ch_new", "ch_old"]),
        (None, ["ch_edge", "ch_new", "ch_old"]),
        ({"since": 500, "next_since": 2000, "after": "ch_edge"}, ["ch_edge", "ch_old"]),
    ],
    ids=["done", "long done", "empty", "never", "broken off"],
)
def test_what_the_next_walk_brings_is_left_out(walked: Json | None, told: list[str]) -> None:
    """Seconds after the charges' usual one; a broken-off walk does not read its top again."""
    at = stripe.CREATED
    feed = Feed(
        [
            event(0, "ch_0"),
            event(1, "ch_old", made=at + 1000),
            event(2, "ch_edge", made=at + 2000),
            event(3, "ch_new", made=at + 3000),
        ]
    )
    names = ("since", "next_since")
    moved = walked and {k: at + v if k in names and v else v for k, v in walked.items()}
    changes, _ = ask(feed, mark(0), moved)
    assert changes.source_ids is not None
    assert sorted(changes.source_ids) == told


@pytest.mark.parametrize(
    "cursor",
    [
        {"event": "evt_gone", "created": T0},
        {"event": "evt_0", "created": int(NOW.timestamp()) - events.KEPT_SECONDS},
        {"event": 7, "created": T0},
        {"event": "evt_0"},
        {},
    ],
    ids=["gone", "too old", "no id", "no time", "empty"],
)
def test_a_mark_that_is_of_no_use_means_that_anything_may_have_changed(cursor: Json) -> None:
    feed = Feed([event(0, "ch_0"), event(600, "ch_1")])
    assert ask(feed, cursor)[0] == Changes(None, mark(0))


def test_a_feed_longer_than_it_is_worth_is_given_up() -> None:
    feed = Feed([event(400 * n, f"ch_{n}") for n in range(40)])
    changes, requests = ask(feed, mark(0))
    assert (changes.source_ids, requests) == (None, events.MOST_PAGES + 1)
    assert changes.cursor == mark(400 * 38)


@pytest.mark.parametrize(
    "bad",
    [
        {"data": None},
        {"data": {"object": {"id": "ch_1", "object": "charge"}}},
        {"data": {"object": stripe.refund()}},
        {"created": "now"},
    ],
    ids=["no data", "no time", "another object", "no second"],
)
def test_an_event_that_cannot_be_read_makes_the_feed_worthless(bad: Json) -> None:
    feed = Feed([event(0, "ch_0"), event(600, "ch_1", **bad)])
    assert ask(feed, mark(0))[0] == Changes(None, {})


def test_only_the_types_of_the_stream_are_asked_for() -> None:
    for stream, types in events.TYPES.items():
        with stripe_at(script(a_list())) as (connector, wire):
            connector.changed(stream, None, None)
        (request,) = wire.seen
        assert request.query["types[]"] == types[-1]
        assert len(types) <= 20  # which is the most that Stripe takes


def test_lines_do_not_change() -> None:
    with stripe_at(script(a_list())) as (connector, wire):
        assert connector.changed("balance_transactions", None, None) is None
    assert wire.seen == []


def test_a_key_that_may_not_read_events_is_as_good_as_no_feed() -> None:
    with stripe_at(script(error(403))) as (connector, _):
        assert changes_of(connector, "charges", None, None) is None
    with stripe_at(script(error(500))) as (connector, _), pytest.raises(ProviderTransientError):
        changes_of(connector, "charges", None, None)


def test_other_providers_have_no_feed() -> None:
    with stripe_at(script(reply({}))) as (_, wire):
        names = ("account_id", "consumer_key", "consumer_secret", "token_id", "token_secret")
        credentials = dict.fromkeys(names, SecretStr("TSTDRV1234567"))
        connector = open_connector("netsuite", credentials, base=wire.base)
        assert changes_of(connector, "transactions", None, None) is None
        connector.close()
