"""The feed of events: everything that changes is told, as it was, for thirty days."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from ecomops.sandbox.world.calendar import Plan
from ecomops.sandbox.world.ledger import Ledger
from ecomops.sandbox.world.model import Story
from tests.sandbox.conftest import UNTIL, Api

Json = dict[str, Any]
DAY = 86_400
STREAMS = ("charges", "refunds", "disputes", "payouts")


def fixed(thing: Json) -> Json:
    """An object without what time alone changes, of which nobody is told."""
    kept = dict(thing)
    if thing["object"] == "dispute":
        kept["evidence_details"] = {**thing["evidence_details"], "past_due": None}
        rows = thing["balance_transactions"]
        kept["balance_transactions"] = [{**row, "status": None} for row in rows]
    return kept


def snapshot(api: Api) -> dict[str, Json]:
    return {it["id"]: fixed(it) for stream in STREAMS for it in api.all(stream)}


def midnight(api: Api) -> int:
    """The instant of the clock at offset 0."""
    newest: int = api.json("events?limit=1")["data"][0]["created"]
    return (newest // DAY + 1) * DAY


@pytest.mark.parametrize(("before", "after"), [(-20, -13), (-6, 0), (0, 9)])
def test_whatever_changes_is_told(api: Api, before: int, after: int) -> None:
    start = midnight(api) + before * DAY
    api.set_clock(before)
    old = snapshot(api)
    api.set_clock(after)
    new = snapshot(api)
    told: dict[str, set[str]] = {}
    for event in api.all("events", f"&created[gte]={start}"):
        told.setdefault(event["data"]["object"]["id"], set()).add(event["type"])
    changed = {id for id, thing in old.items() if new[id] != thing}
    made = new.keys() - old.keys()
    assert len(changed) > 10
    assert changed | made <= told.keys()
    # Nobody is told of what stays as it is, but for a refund that was made and taken back.
    quiet = [told[id] for id in told.keys() - changed - made]
    assert all(types == {"charge.refunded", "charge.updated"} for types in quiet)


def test_an_event_shows_the_object_as_it_was(api: Api) -> None:
    opened = midnight(api)
    for event in api.all("events")[::53]:
        api.set_clock(0, event["created"] + 1 - opened)
        told = event["data"]["object"]
        assert api.json(f"{told['object']}s/{told['id']}") == told
        assert event["data"]["object"]["created"] <= event["created"]


def test_every_kind_of_step_is_told(api: Api) -> None:
    types = Counter(event["type"] for event in api.all("events"))
    wanted = {
        *("charge.succeeded", "charge.pending", "charge.failed", "charge.captured"),
        *("charge.expired", "charge.refunded", "charge.updated"),
        *("refund.created", "refund.updated", "refund.failed", "charge.refund.updated"),
        *("charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed"),
        *("charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated"),
        *("payout.created", "payout.updated", "payout.paid", "payout.failed", "payout.canceled"),
        "payout.reconciliation_completed",
    }
    assert types.keys() == wanted


def test_the_newest_come_first_and_each_can_be_asked_for(api: Api) -> None:
    events = api.all("events")
    times = [event["created"] for event in events]
    assert times == sorted(times, reverse=True)
    assert len({event["id"] for event in events}) == len(events) > 500
    for event in events[::97]:
        assert api.json(f"events/{event['id']}") == event


def test_a_page_before_an_event_is_the_next_newer_one(api: Api) -> None:
    events = api.all("events")
    page = api.json(f"events?limit=100&ending_before={events[150]['id']}")
    assert (page["data"], page["has_more"]) == (events[50:150], True)
    page = api.json(f"events?limit=100&ending_before={events[7]['id']}")
    assert (page["data"], page["has_more"]) == (events[:7], False)


def test_types_are_filtered_one_by_one_or_by_group(api: Api) -> None:
    events = api.all("events")
    closed = ("charge.dispute.closed", "payout.paid")
    assert api.all("events", "".join(f"&types[]={it}" for it in closed)) == [
        it for it in events if it["type"] in closed
    ]
    assert api.all("events", "&type=payout.*") == [
        it for it in events if it["type"].startswith("payout.")
    ]
    assert api.all("events", "&type=charge.dispute.closed") == [
        it for it in events if it["type"] == "charge.dispute.closed"
    ]
    assert api.all("events", "&type=invoice.paid") == []
    assert api.error("events?type=payout.paid&types[]=payout.paid")["param"] == "types"


def test_thirty_days_are_kept(api: Api) -> None:
    events = api.all("events")
    assert min(event["created"] for event in events) >= midnight(api) - 30 * DAY
    oldest = events[-1]["id"]
    api.set_clock(2)
    assert api.error(f"events/{oldest}", 404)["code"] == "resource_missing"
    for way in ("ending_before", "starting_after"):
        assert api.error(f"events?{way}={oldest}")["code"] == "resource_missing"


@pytest.mark.parametrize(("family", "share"), [("dispute", 5), ("refund", 3)])
def test_a_look_at_a_kind_does_not_make_every_order(
    monkeypatch: pytest.MonkeyPatch, family: str, share: int
) -> None:
    ledger = Ledger(Plan(until=UNTIL, days=90, orders_per_day=1_000))
    made: list[tuple[int, int]] = []
    write = ledger.author.write

    def counted(day: int, index: int) -> Story:
        made.append((day, index))
        return write(day, index)

    monkeypatch.setattr(ledger.author, "write", counted)
    assert ledger.events(family, 60)
    assert 0 < len(made) < 1_000 // share
