"""The shop is the same every time, adds up, and holds every awkward case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from ecomops.sandbox.world.calendar import Plan
from ecomops.sandbox.world.ledger import Ledger
from ecomops.sandbox.world.shop.gift_cards import gift_cards_of
from ecomops.sandbox.world.shop.ledger import ShopLedger
from ecomops.sandbox.world.shop.model import BalanceLine, ShopOrder, ShopPayout
from ecomops.sandbox.world.shop.numbers import line_ref, number_of
from ecomops.sandbox.world.shop.population import order_number
from ecomops.sandbox.world.shop.recipes import BASKETS, CASES
from tests.sandbox.conftest import UNTIL

DAYS = 90


@pytest.fixture(scope="module")
def shop(default_ledger: Ledger) -> ShopLedger:
    return ShopLedger(default_ledger)


def each_order(shop: ShopLedger) -> Iterator[ShopOrder]:
    for day in range(DAYS):
        yield from shop.orders(day)


def each_line(shop: ShopLedger) -> Iterator[BalanceLine]:
    for day in range(DAYS):
        yield from shop.lines(day)


def each_payout(shop: ShopLedger) -> Iterator[ShopPayout]:
    for day in range(DAYS):
        yield from shop.payouts(day)


def line_words(shop: ShopLedger, days: int) -> list[str]:
    """Rows by what they say; the orders behind them are told by name."""
    rows = (line for day in range(days) for line in shop.lines(day))
    return [repr(it._replace(order=None, transaction=None)) for it in rows]


def order_words(shop: ShopLedger, days: int) -> list[str]:
    return [
        f"{it.name} {it.total} {it.contents} {it.instants} {it.created}"
        for day in range(days)
        for it in shop.orders(day)
    ]


def test_the_same_plan_makes_the_same_shop_in_any_order_of_asking() -> None:
    plan = Plan(until=UNTIL, days=30, orders_per_day=9)
    forwards, backwards = ShopLedger(Ledger(plan)), ShopLedger(Ledger(plan))
    for day in reversed(range(30)):
        backwards.lines(day)
        backwards.stirring(day)
    assert line_words(forwards, 30) == line_words(backwards, 30)
    assert order_words(forwards, 30) == order_words(backwards, 30)


def test_a_shop_grows_when_its_opening_day_is_kept() -> None:
    today = ShopLedger(Ledger(Plan(until=UNTIL, days=20, orders_per_day=7)))
    later = UNTIL + timedelta(days=1)
    tomorrow = ShopLedger(Ledger(Plan(until=later, days=21, orders_per_day=7)))
    assert line_words(today, 20) == line_words(tomorrow, 20)
    assert order_words(today, 20) == order_words(tomorrow, 20)


def test_an_order_stirs_on_every_day_on_which_something_happens_to_it(shop: ShopLedger) -> None:
    day_of = shop.calendar.day_of
    stirs = [{it.ref for it in (*shop.orders(d), *shop.stirring(d))} for d in range(DAYS)]
    for order in each_order(shop):
        for day in {day_of(at) for at in order.instants}:
            assert day >= DAYS or order.ref in stirs[day], order.name


def test_orders_and_rows_are_found_by_their_numbers(shop: ShopLedger) -> None:
    for order in shop.orders(61):
        number = order_number(order.ordinal, own=order.charge is None)
        found = shop.order(number)
        assert found is not None
        assert found.ref == order.ref
        assert shop.order(number + 1) is None
    for line in shop.lines(61):
        ref = line_ref(number_of(line.ref))
        assert ref == line.ref
        assert shop.line(ref) is not None


def test_no_row_is_paid_twice_and_none_is_forgotten(shop: ShopLedger) -> None:
    paid = Counter(it.ref for payout in each_payout(shop) for it in shop.payout_content(payout))
    due = {
        it.ref for day in range(DAYS - 2) for it in shop.lines(day) if it.is_payout_line
    }  # fmt: skip
    assert set(paid) == due
    assert set(paid.values()) == {1}
    for payout in each_payout(shop):
        assert sum(it.net for it in shop.payout_content(payout)) == payout.amount


def test_every_order_is_paid_what_it_costs(shop: ShopLedger) -> None:
    for order in each_order(shop):
        assert order.total.presentment == order.payable + order.redeemed, order.name
        back = sum(it.transaction.amount for it in order.refunds if not it.transaction.failed_at)
        assert back <= order.payable
        assert order.worth(order.total.presentment) == order.total.shop
        assert all(it.unit.presentment >= 0 for it in order.contents.items)


def test_each_case_and_basket_is_dealt_at_least_twice(shop: ShopLedger) -> None:
    deck = shop.author.deck
    dealt = Counter(deck.case(ordinal).name for ordinal in range(shop.own.first(DAYS)))
    assert [it.name for it in CASES if dealt[it.name] < 2] == []
    own = Counter(deck.basket(ordinal).name for ordinal in range(shop.own.first(DAYS)))
    assert [it.name for it in BASKETS if own[it.name] < 2] == []


ROWS = (
    *("CHARGE", "REFUND", "REFUND_FAILURE", "DISPUTE_WITHDRAWAL", "DISPUTE_REVERSAL"),
    *("ADJUSTMENT", "SHIPPING_LABEL", "RESERVED_FUNDS_WITHDRAWAL", "RESERVED_FUNDS_REVERSAL"),
    *("TRANSFER", "TRANSFER_FAILURE", "TRANSFER_CANCEL", "MERCHANT_GOODWILL_CREDIT"),
)


def test_the_ledger_holds_each_kind_of_row(shop: ShopLedger) -> None:
    found = Counter(it.type for it in each_line(shop))
    assert [it for it in ROWS if found[it] < 2] == []
    assert sum(it.test for it in each_line(shop)) > 2
    assert sum(it.fee < 0 for it in each_line(shop) if it.type == "REFUND") > 2


def test_there_is_each_kind_of_payout(shop: ShopLedger) -> None:
    now = shop.calendar.midnight(DAYS)
    found = Counter(it.provider_status(now) for it in each_payout(shop))
    assert {it for it in found if found[it] > 1} >= {"PAID", "FAILED", "CANCELED", "IN_TRANSIT"}
    assert found["SCHEDULED"]
    withdrawn = Counter(it.currency for it in each_payout(shop) if it.amount < 0)
    assert withdrawn["usd"] > 1
    assert withdrawn["eur"] >= 1


def test_orders_and_disputes_stand_in_every_state(shop: ShopLedger) -> None:
    now = shop.calendar.midnight(DAYS)
    orders = Counter(it.status(now) for it in each_order(shop))
    wanted = ("pending", "authorized", "partially_paid", "paid", "partially_refunded", "refunded",
              "voided", "canceled")  # fmt: skip
    assert [it for it in wanted if orders[it] < 2] == []
    assert {it.provider_status(now) for it in each_order(shop)} >= {"EXPIRED", "VOIDED"}
    opened = (it for day in range(DAYS) for it in shop.own_day(day).disputes)
    disputes = Counter(it.provider_status(now) for it in opened)
    words = ("NEEDS_RESPONSE", "UNDER_REVIEW", "WON", "LOST", "ACCEPTED", "PREVENTED",
             "CHARGE_REFUNDED")  # fmt: skip
    assert [it for it in words if not disputes[it]] == []


def test_several_currencies_gift_cards_tests_and_free_orders(shop: ShopLedger) -> None:
    orders = [*each_order(shop)]
    own = {it.currency for it in orders if it.charge is None}
    assert own == {"usd", "eur", "gbp", "jpy"}
    assert len({it.currency for it in orders}) == 8
    assert sum(it.test for it in orders) > 2
    assert sum(it.total.presentment == 0 for it in orders) > 2
    assert sum(it.redeemed > 0 and it.payable == 0 for it in orders) > 2
    cards = [card for it in orders for card in gift_cards_of(it)]
    assert all(card.created <= card.order.created for card in cards)
    assert {card.sold for card in cards} == {True, False}
