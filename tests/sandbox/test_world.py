"""The world is the same every time, adds up, and holds every awkward case."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from ecomops.sandbox.wire.stripe.ids import Ids
from ecomops.sandbox.world.calendar import Plan
from ecomops.sandbox.world.currencies import CURRENCIES, SETTLEMENT
from ecomops.sandbox.world.ledger import Ledger
from ecomops.sandbox.world.model import Charge, Line, Payout
from ecomops.sandbox.world.recipes import CASES
from ecomops.sandbox.world.timeline import STREAMS, records
from tests.sandbox.conftest import UNTIL

NOW_DAY = 90


def each_line(ledger: Ledger) -> Iterator[Line]:
    for day in range(NOW_DAY):
        yield from ledger.lines(day)


def each_payout(ledger: Ledger) -> Iterator[Payout]:
    for day in range(NOW_DAY):
        yield from ledger.payouts(day)


def each_charge(ledger: Ledger) -> Iterator[Charge]:
    for day in range(NOW_DAY):
        yield from ledger.orders(day).charges


def whole(ledger: Ledger, days: int) -> list[str]:
    """Everything created on the first days, with its whole life."""
    return [
        repr(it) for name in STREAMS for day in range(days) for it in records(ledger, name, day)
    ]


def test_the_same_plan_makes_the_same_world_in_any_order_of_asking() -> None:
    plan = Plan(until=UNTIL, days=30, orders_per_day=9)
    forwards, backwards = Ledger(plan), Ledger(plan)
    for day in reversed(range(30)):
        backwards.lines(day)
    assert whole(forwards, 30) == whole(backwards, 30)


def test_another_seed_makes_another_world() -> None:
    one, other = (Ledger(Plan(until=UNTIL, seed=seed, days=5)) for seed in (1, 2))
    assert one.lines(3) != other.lines(3)


def test_a_world_grows_when_its_opening_day_is_kept() -> None:
    today = Ledger(Plan(until=UNTIL, days=20, orders_per_day=7))
    tomorrow = Ledger(Plan(until=UNTIL + timedelta(days=1), days=21, orders_per_day=7))
    assert whole(today, 20) == whole(tomorrow, 20)


def test_every_object_is_found_again_by_its_place(default_ledger: Ledger) -> None:
    ids = Ids(7)
    for name in STREAMS:
        for record in records(default_ledger, name, 61):
            assert ids.decode(ids.encode(record.ref)) == record.ref
            assert repr(default_ledger.find(record.ref)) == repr(record)


def test_an_identifier_of_another_seed_or_a_changed_one_is_unknown(default_ledger: Ledger) -> None:
    id = Ids(7).encode(default_ledger.lines(10)[0].ref)
    assert Ids(8).decode(id) is None
    assert Ids(7).decode(id[:-1] + ("0" if id[-1] != "0" else "1")) is None


def test_every_line_adds_up(default_ledger: Ledger) -> None:
    for line in each_line(default_ledger):
        assert line.fee == sum(part.amount for part in line.fees)
        assert line.net == line.amount - line.fee
        assert line.amount % CURRENCIES[line.currency].step == 0
        assert all(part.amount for part in line.fees)


def test_every_payout_is_the_sum_of_its_lines(default_ledger: Ledger) -> None:
    for payout in each_payout(default_ledger):
        content = default_ledger.payout_content(payout)
        assert sum(line.net for line in content) == payout.amount
        assert {line.currency for line in content} == {payout.currency}


def test_no_line_is_paid_twice_and_none_is_forgotten(default_ledger: Ledger) -> None:
    paid = Counter(
        line.ref
        for payout in each_payout(default_ledger)
        for line in default_ledger.payout_content(payout)
    )
    due = {
        line.ref
        for day in range(NOW_DAY - 2)
        for line in default_ledger.lines(day)
        if line.is_payout_line
    }
    assert set(paid) == due
    assert set(paid.values()) == {1}


def test_refunds_and_disputes_never_exceed_what_was_captured(default_ledger: Ledger) -> None:
    for charge in each_charge(default_ledger):
        captured = charge.captured_amount
        assert charge.refunded(2**40) <= captured
        assert all(it.amount <= captured for it in charge.disputes)


def test_each_recipe_is_dealt_at_least_twice(default_ledger: Ledger) -> None:
    deck = default_ledger.author.deck
    orders = default_ledger.calendar.first_order(NOW_DAY)
    dealt = Counter(deck.recipe(ordinal).name for ordinal in range(orders))
    assert [case.name for case in CASES if dealt[case.name] < 2] == []


COMPONENTS = ("tax", "withheld_tax", "application_fee", "payment_method_passthrough_fee")


def in_currency(code: str) -> Callable[[Line], bool]:
    return lambda line: line.currency == code


def with_component(type: str) -> Callable[[Line], bool]:
    return lambda line: any(part.type == type for part in line.fees)


LINE_CASES: dict[str, Callable[[Line], bool]] = {
    **{f"{it} line": in_currency(it) for it in SETTLEMENT},
    "converted": lambda it: it.rate is not None,
    "partial capture reversal": lambda it: it.category == "partial_capture_reversal",
    "payment": lambda it: it.type == "payment",
    "payment refund": lambda it: it.type == "payment_refund",
    "refund failure": lambda it: it.type == "refund_failure",
    "refund with a fee": lambda it: it.category == "refund" and it.fee > 0,
    "refund that returns a fee": lambda it: it.category == "refund" and it.fee < 0,
    "dispute": lambda it: it.category == "dispute" and it.fee > 0,
    "dispute won, fee returned": lambda it: it.category == "dispute_reversal" and it.fee < 0,
    "dispute won, fee kept": lambda it: it.category == "dispute_reversal" and it.fee == 0,
    "fee billed apart": lambda it: it.type == "stripe_fee" and it.amount < 0 and it.fee == 0,
    "fee credit": lambda it: it.type == "stripe_fee" and it.amount > 0,
    "instant payout fee": lambda it: it.description == "Instant payout fee",
    "currency conversion fee": lambda it: it.type == "stripe_fx_fee",
    "tax fee": lambda it: it.type == "tax_fee",
    "network cost": lambda it: it.category == "network_cost",
    "reserve held": lambda it: it.category == "risk_reserved_funds" and it.amount < 0,
    "reserve released": lambda it: it.category == "risk_reserved_funds" and it.amount > 0,
    "other adjustment": lambda it: it.category == "other_adjustment",
    "issuing": lambda it: it.balance == "issuing",
    "payout failure": lambda it: it.type == "payout_failure",
    "payout cancel": lambda it: it.type == "payout_cancel",
    **{f"{it} component": with_component(it) for it in COMPONENTS},
}


@pytest.mark.parametrize("case", LINE_CASES)
def test_the_ledger_holds_each_kind_of_row(case: str, default_ledger: Ledger) -> None:
    assert sum(map(LINE_CASES[case], each_line(default_ledger))) >= 2


def payout_words(payout: Payout, now: int) -> set[str]:
    words = {payout.provider_status(now), payout.reconciliation(now), payout.mode}
    return words | ({"negative"} if payout.amount < 0 else set())


def test_there_is_each_kind_of_payout(default_ledger: Ledger) -> None:
    now = default_ledger.calendar.midnight(NOW_DAY)
    found = Counter(word for it in each_payout(default_ledger) for word in payout_words(it, now))
    statuses = {"pending", "in_transit", "paid", "failed", "canceled"}
    states = {"completed", "in_progress", "not_applicable"}
    expected = statuses | states | {"automatic", "manual", "instant", "negative"}
    assert {word for word in found if found[word] > 1} == expected


def test_charges_refunds_and_disputes_stand_in_every_state(default_ledger: Ledger) -> None:
    now = default_ledger.calendar.midnight(NOW_DAY)
    days = [default_ledger.orders(day) for day in range(NOW_DAY)]
    charges = Counter(it.status(now) for day in days for it in day.charges)
    refunds = Counter(it.provider_status(now) for day in days for it in day.refunds)
    disputes = Counter(it.provider_status(now) for day in days for it in day.disputes)
    assert all(charges[it] > 1 for it in ("pending", "completed", "failed", "voided"))
    assert all(
        refunds[it] > 1 for it in ("pending", "requires_action", "succeeded", "failed", "canceled")
    )
    words = ("needs_response", "under_review", "won", "lost", "prevented")
    warnings = ("warning_needs_response", "warning_under_review", "warning_closed")
    assert all(disputes[it] > 1 for it in (*words, *warnings))


def test_charges_share_seconds_and_some_have_two_disputes(default_ledger: Ledger) -> None:
    seconds = Counter(it.created for it in each_charge(default_ledger))
    assert sum(count > 2 for count in seconds.values()) >= 2
    assert sum(len(it.disputes) > 1 for it in each_charge(default_ledger)) >= 2


def test_currencies_without_decimals_travel_with_two(default_ledger: Ledger) -> None:
    sent = [it for it in each_charge(default_ledger) if it.currency in ("isk", "ugx")]
    assert len(sent) > 2
    assert all(it.amount % 100 == 0 for it in sent)


def test_a_failed_payout_comes_back_in_a_later_one(default_ledger: Ledger) -> None:
    failed = [it for it in each_payout(default_ledger) if it.failed_at is not None]
    for payout in failed[:5]:
        day = default_ledger.calendar.day_of(payout.failed_at or 0)
        later = default_ledger.payout_of(payout.currency, day)
        assert later is not None
        returned = [
            it for it in default_ledger.payout_content(later) if it.type == "payout_failure"
        ]
        assert [(it.source, it.amount) for it in returned] == [(payout.ref, payout.amount)]
