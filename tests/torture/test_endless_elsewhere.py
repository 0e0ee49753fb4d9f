"""T26 for Shopify and NetSuite: lists without end, and lists that shift while they are walked."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest

from ecomops.connectors.base import Connector, Cursor
from ecomops.connectors.netsuite import walk
from ecomops.connectors.shopify import nested, pagination
from ecomops.kit.errors import ProviderContractError
from tests.connectors import netsuite_rows as netsuite
from tests.connectors import shopify_objects as shopify
from tests.connectors.netsuite_rows import answering, asked, behind, netsuite_at, rows
from tests.connectors.shop import _fits, refused, shop_at, told, variables
from tests.connectors.wire import Reply, Request, Respond, Wire
from tests.torture.report import SEED, reported, times

pytestmark = pytest.mark.slow

Json = dict[str, Any]
BOUND = 40
"""Pages that a walk may have in these tests, in place of a million."""


def orders(*numbers: int, after: str | None) -> Reply:
    return told({"orders": shopify.listed(*map(shopify.order, numbers), after=after)})


def ever_new_orders() -> Respond:
    numbers = count(1)
    return lambda _: orders(number := next(numbers), after=f"c{number}")


def orders_in_a_ring(length: int) -> Respond:
    turn = count()
    return lambda _: orders(number := next(turn) % length + 1, after=f"c{number}")


def same_orders_behind_new_cursors() -> Respond:
    turn = count()
    return lambda _: orders(1, 2, after=f"c{next(turn)}")


def no_orders_and_more() -> Respond:
    turn = count()
    return lambda _: orders(after=f"c{next(turn)}")


def place_always_lost() -> Respond:
    """Whatever cursor comes back is not known."""
    turn = count(1)

    def respond(request: Request) -> Reply:
        if variables(request).get("after"):
            return refused("BAD_REQUEST", "Invalid cursor for current pagination sort.")
        return orders(number := next(turn), after=f"c{number}")

    return respond


def endless_items_of_an_order() -> Respond:
    turn = count(1)

    def respond(request: Request) -> Reply:
        items = shopify.listed(shopify.item(), after=f"c{next(turn)}")
        if "id" in variables(request):
            return told({"node": {"lineItems": items}})
        return told({"orders": shopify.listed(shopify.order(lineItems=items))})

    return respond


ENDLESS_ORDERS: dict[str, Callable[[], Respond]] = {
    "ever new": ever_new_orders,
    "a ring of one": partial(orders_in_a_ring, 1),
    "a ring of two": partial(orders_in_a_ring, 2),
    "a ring of seven": partial(orders_in_a_ring, 7),
    "the same behind new cursors": same_orders_behind_new_cursors,
    "empty": no_orders_and_more,
    "always lost": place_always_lost,
    "a list in an order": endless_items_of_an_order,
}


def lines(*names: tuple[int, int]) -> Reply:
    return rows(*(netsuite.line(*name) for name in names), more=True)


def ever_new_lines() -> Respond:
    numbers = count(1, 2)
    return answering(lambda *_: lines((number := next(numbers), 0), (number + 1, 0)))


def lines_in_a_ring(length: int) -> Respond:
    turn = count()
    return answering(lambda *_: lines((number := next(turn) % length + 1, 0), (number + 1, 0)))


def endless_transaction() -> Respond:
    turn = count()
    return answering(lambda *_: lines((1, next(turn))))


def deaf_lines() -> Respond:
    return answering(lambda *_: lines((1, 0), (2, 0), (3, 0)))


def no_lines_and_more() -> Respond:
    return answering(lambda *_: rows(more=True))


def nameless_lines() -> Respond:
    return answering(lambda *_: rows({"debit": "1"}, 7, None, more=True))


ENDLESS_LINES: dict[str, Callable[[], Respond]] = {
    "ever new": ever_new_lines,
    "a ring of one": partial(lines_in_a_ring, 1),
    "a ring of two": partial(lines_in_a_ring, 2),
    "a ring of seven": partial(lines_in_a_ring, 7),
    "lines of one transaction": endless_transaction,
    "deaf": deaf_lines,
    "empty": no_lines_and_more,
    "no ids": nameless_lines,
}


@pytest.fixture(autouse=True)
def small_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pagination, "_MOST_PAGES", BOUND)
    monkeypatch.setattr(nested, "_MOST_NODES", BOUND)
    monkeypatch.setattr(walk, "MOST_PAGES", BOUND)
    monkeypatch.setattr(walk, "MOST_LINES", BOUND)


@pytest.mark.parametrize("kind", ENDLESS_ORDERS)
def test_orders_without_end_are_given_up_with_a_clear_error(kind: str) -> None:
    with shop_at(ENDLESS_ORDERS[kind]()) as (connector, wire):
        assert_given_up(connector, "orders", wire)


@pytest.mark.parametrize("kind", ENDLESS_LINES)
def test_lines_without_end_are_given_up_with_a_clear_error(kind: str) -> None:
    with netsuite_at(ENDLESS_LINES[kind]()) as (connector, wire):
        assert_given_up(connector, "transactions", wire)


def assert_given_up(connector: Connector, stream: str, wire: Wire) -> None:
    with pytest.raises(
        ProviderContractError, match=r"(Shopify|NetSuite) (sent|says|did not accept)"
    ):
        for _ in connector.pages(stream, None):
            pass
    assert len(wire.seen) <= BOUND + 5


@dataclass
class Shifting:
    """Objects by number and the second in which each last changed; some of them never do.

    ``version`` counts the changes of each. Between two requests some come, change or go.
    """

    chance: random.Random
    changed: dict[int, int] = field(default_factory=dict)
    version: dict[int, int] = field(default_factory=dict)
    stable: set[int] = field(default_factory=set)
    second: int = 0
    made: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        for _ in range(self.chance.randint(0, 60)):
            self._come()
            if self.chance.random() < 0.67:
                self.stable.add(len(self.changed))

    @property
    def now(self) -> dict[int, int]:
        """What is there, each in its version."""
        return dict(self.version)

    def shift(self) -> None:
        for _ in range(self.chance.choice((0, 0, 1, 2, 5))):
            self._come()
        passing = sorted(self.changed.keys() - self.stable)
        for number in self.chance.sample(passing, min(len(passing), self.chance.choice((0, 1, 3)))):
            if self.chance.random() < 0.2:
                del self.changed[number], self.version[number]
            else:
                self._touch(number)

    def _come(self) -> None:
        self._touch(next(self.made))

    def _touch(self, number: int) -> None:
        self.second += self.chance.choice((0, 0, 1, 30))
        self.changed[number] = self.second
        self.version[number] = self.version.get(number, 0) + 1

    def at(self, number: int) -> str:
        start = datetime(2026, 6, 1, tzinfo=UTC)
        return f"{start + timedelta(seconds=self.changed[number]):%Y-%m-%dT%H:%M:%S}"


@dataclass
class ShiftingShop(Shifting):
    """Its orders, whose cursor is a place in their order by time, as Shopify's is."""

    def respond(self, request: Request) -> Reply:
        self.shift()
        asked_for = variables(request)
        items = sorted(map(self._order, self.changed), key=_place_of)
        items = [it for it in items if _fits(it, asked_for["query"] or "")]
        if asked_for["after"]:
            at, _, number = asked_for["after"].partition("|")
            items = [it for it in items if _place_of(it) > (at, int(number))]
        page = items[: self.chance.randint(1, 7)]
        more = len(items) > len(page)
        after = "|".join(map(str, _place_of(page[-1]))) if more else None
        return told({"orders": shopify.listed(*page, after=after)})

    def _order(self, number: int) -> Json:
        return shopify.order(
            number, name=f"#{number}v{self.version[number]}", updatedAt=f"{self.at(number)}Z"
        )


def _place_of(order: Json) -> tuple[str, int]:
    return order["updatedAt"], int(order["id"].rpartition("/")[2])


@dataclass
class ShiftingBooks(Shifting):
    """Its transactions, of one to five lines each."""

    def respond(self, request: Request) -> Reply:
        self.shift()
        query, params = asked(request)
        if "MAX(" in query:
            return rows({"latest": max(map(self.at, self.changed))} if self.changed else {})
        if "tal.debit" not in query:
            return rows()
        found = [it for number in sorted(self.changed) for it in self._lines(number)]
        if "t.id = ?" in query:
            number, line = map(int, params)
            left = [it for it in found if int(it["id"]) == number and int(it["line"]) > line]
        else:
            left = [it for it in found if self._is_asked_for(it, query, params)]
        size = self.chance.randint(1, 9)
        return rows(*left[:size], more=len(left) > size)

    def _is_asked_for(self, line: Json, query: str, params: list[str]) -> bool:
        moments, at = [it for it in params if "T" in it], line["lastmodifieddate"]
        if "lastmodifieddate <" in query and not at < moments[-1]:
            return False
        if "lastmodifieddate >=" in query and not at >= moments[0]:
            return False
        return int(line["id"]) > (behind(params) if "t.id > ?" in query else 0)

    def _lines(self, number: int) -> list[Json]:
        told_of = {"lastmodifieddate": self.at(number), "tranid": f"v{self.version[number]}"}
        return [netsuite.line(number, line, **told_of) for line in range(1 + number % 5)]


def order_seen(record: Any) -> tuple[int, int] | None:
    """Number and version of an order; None of what comes with it."""
    name = getattr(record, "order_number", None)
    if name is None:
        return None
    number, _, version = name.removeprefix("#").partition("v")
    return int(number), int(version)


def line_seen(record: Any) -> tuple[int, int] | None:
    """Number and version of a transaction, when its last line comes."""
    number, line = map(int, record.source_id.split(":")[1:])
    return (number, int(record.tran_id.removeprefix("v"))) if line == number % 5 else None


@dataclass(frozen=True)
class Kind:
    """How one provider shifts."""

    name: str
    account: Callable[[random.Random], Any]
    at: Callable[[Respond], AbstractContextManager[tuple[Any, Wire]]]
    stream: str
    seen: Callable[[Any], tuple[int, int] | None]

    def __str__(self) -> str:
        return self.name


KINDS = (
    Kind("shopify", ShiftingShop, shop_at, "orders", order_seen),
    Kind("netsuite", ShiftingBooks, netsuite_at, "transactions", line_seen),
)


@dataclass
class Walker:
    """Walks like syncs do: put down and taken up again at random places."""

    kind: Kind
    connector: Connector
    chance: random.Random
    found: dict[int, int] = field(default_factory=dict)

    def walk(self, cursor: Cursor | None = None) -> Cursor:
        """Walk to the end, and say where that is."""
        for _ in range(300):
            for page in self.connector.pages(self.kind.stream, cursor):
                assert len(page.records) + len(page.rejects) + page.ignored == page.received
                assert page.rejects == ()
                self.found |= dict(filter(None, map(self.kind.seen, page.records)))
                cursor = page.cursor
                if page.last:
                    return cursor
                if self.chance.random() < 0.1:
                    break
        raise AssertionError("The walk does not end.")


def lost_of(kind: Kind, seed: int) -> object:
    """What one generated sequence of pages lost, over two walks."""
    chance = random.Random(seed)
    account = kind.account(chance)
    with kind.at(account.respond) as (connector, _):
        walker = Walker(kind, connector, chance)
        cursor = walker.walk()
        lost = account.stable - walker.found.keys()
        there = account.now
        walker.walk(cursor)
    # What came or changed during the first walk is found by the second at the latest.
    stayed = {it: version for it, version in there.items() if account.version.get(it) == version}
    late = {it for it, version in stayed.items() if walker.found.get(it) != version}
    return lost | late


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_nothing_is_lost_while_pages_shift(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # these walks are long, and end
    with reported(f"T26 {kind}") as figures:
        for seed in range(SEED, SEED + times(full=300, short=20)):
            lost = lost_of(kind, seed)
            figures.count += 1
            figures.failed += bool(lost)
            assert figures.failed == 0, (seed, lost)
