"""T26: lists without end, lists that shift while they are walked, and what is lost of them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest

from ecomops.connectors.base import Cursor
from ecomops.connectors.stripe import StripeConnector, pagination
from ecomops.kit.errors import ProviderContractError
from tests.connectors import stripe_objects as stripe
from tests.connectors.ledger import Ledger, a_list, stripe_at
from tests.connectors.wire import Reply, Request, Respond, reply
from tests.torture.report import SEED, reported, times

pytestmark = pytest.mark.slow

Json = dict[str, Any]
BOUND = 40
"""Pages that a walk may have in these tests, in place of a million."""


def charge(name: str, second: int = 0) -> Json:
    return stripe.charge(id=name, created=stripe.CREATED + second)


def more(*charges: Any) -> Reply:
    """A page that says that another follows."""
    page: Reply = a_list(*charges, has_more=True)
    return page


def ever_new() -> Respond:
    numbers = count()
    return lambda _: more(*[charge(f"ch_{next(numbers)}") for _ in range(3)])


def in_a_ring(length: int, size: int = 2) -> Respond:
    """Every page follows another, and the last one the first."""
    pages = [[charge(f"ch_{n}_{m}") for m in range(size)] for n in range(length)]
    turn = count()
    return lambda _: more(*pages[next(turn) % length])


def in_a_ring_by_cursor(length: int) -> Respond:
    """As above, by what is asked for: no walk can tell it from a long list at first."""

    def respond(request: Request) -> Reply:
        after = int(request.query.get("starting_after", "ch_0").removeprefix("ch_"))
        return more(charge(f"ch_{(after + 1) % length}"))

    return respond


def deaf_to_the_cursor() -> Respond:
    return lambda _: more(*[charge(f"ch_{n}") for n in range(5)])


def empty_and_more() -> Respond:
    return lambda _: more()


def full_then_empty_and_more() -> Respond:
    turn = count()
    return lambda _: more(*([] if next(turn) else [charge("ch_1")]))


def nothing_with_an_id() -> Respond:
    return lambda _: more({"object": "charge"}, 7, None, charge(""))


def always_gone() -> Respond:
    """The place to go on from does not exist, whenever it is asked for."""
    numbers = count()

    def respond(request: Request) -> Reply:
        if "starting_after" in request.query:
            error = {"error": {"code": "resource_missing", "message": "No such charge"}}
            return reply(error, 400)
        return more(charge(f"ch_{next(numbers)}"))

    return respond


ENDLESS: dict[str, Callable[[], Respond]] = {
    "ever new": ever_new,
    "a ring of one": lambda: in_a_ring(1),
    "a ring of two": lambda: in_a_ring(2),
    "a ring of seven": lambda: in_a_ring(7),
    "a ring by cursor": lambda: in_a_ring_by_cursor(9),
    "a ring of one element": lambda: in_a_ring_by_cursor(1),
    "deaf": deaf_to_the_cursor,
    "empty": empty_and_more,
    "full, then empty": full_then_empty_and_more,
    "no ids": nothing_with_an_id,
    "always gone": always_gone,
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_a_list_without_end_is_given_up_with_a_clear_error(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pagination, "_MOST_PAGES", BOUND)
    with stripe_at(ENDLESS[kind]()) as (connector, wire):
        for walk in (connector.pages("charges", None), connector.contents(["po_1"])):
            before = len(wire.seen)
            with pytest.raises(ProviderContractError, match=r"Stripe (sent|does not have)"):
                for _ in walk:
                    pass
            assert len(wire.seen) - before <= BOUND + 1


@dataclass
class Shifting:
    """A list that changes between two requests: made and deleted objects, odd pages.

    ``stable`` objects are there from the first request to the last.
    """

    chance: random.Random
    ledger: Ledger
    stable: set[str]
    second: int
    made: Iterator[int] = field(default_factory=count)

    @property
    def charges(self) -> list[Json]:
        return self.ledger.objects["charges"]

    @property
    def ids(self) -> set[str]:
        return {one["id"] for one in self.charges}

    def respond(self, request: Request) -> Reply:
        self._shift()
        self.ledger.page = self.chance.randint(1, 7)
        return self._disordered(self.ledger.respond(request))

    def _shift(self) -> None:
        for _ in range(self.chance.choice((0, 0, 1, 2, 5))):
            self.second += self.chance.randint(0, 3)
            self.charges.append(charge(f"ch_new{next(self.made)}", self.second))
        passing = [one for one in self.charges if one["id"] not in self.stable]
        if passing and self.chance.random() < 0.15:
            self.charges.remove(self.chance.choice(passing))

    def _disordered(self, answer: Reply) -> Reply:
        """The same page with its objects in another order, or some of them twice."""
        if b'"data"' not in answer.raw or self.chance.random() < 0.6:
            return answer
        told = _body_of(answer)
        if self.chance.random() < 0.5:
            self.chance.shuffle(told["data"])
        elif told["data"]:
            told["data"].insert(0, self.chance.choice(told["data"]))
        return reply(told)


def _body_of(answer: Reply) -> Json:
    body: Json = json.loads(answer.raw.partition(b"\r\n\r\n")[2])
    return body


def shifting(chance: random.Random) -> Shifting:
    """A list of up to sixty objects, many of the same second, two thirds of them stable."""
    second, charges, stable = 0, [], set()
    for number in range(chance.randint(0, 60)):
        second += chance.choice((0, 0, 0, 1, 30))
        charges.append(charge(f"ch_{number}", second))
        if chance.random() < 0.67:
            stable.add(f"ch_{number}")
    return Shifting(chance, Ledger({"charges": charges}), stable, second)


@dataclass
class Walker:
    """Walks like syncs do: put down and taken up again at random places, also after an error."""

    connector: StripeConnector
    chance: random.Random
    given_up: int = 0

    def walk(self, cursor: Cursor | None = None) -> tuple[set[str], Cursor]:
        """The ids of one walk to its end, and the cursor there."""
        found: set[str] = set()
        for _ in range(200):
            try:
                for page in self.connector.pages("charges", cursor):
                    found |= {record.source_id for record in page.records}
                    cursor = page.cursor
                    if page.last:
                        return found, cursor
                    if self.chance.random() < 0.1:
                        break
            except ProviderContractError:
                self.given_up += 1
        raise AssertionError("The walk does not end.")


def lost_of(seed: int) -> tuple[set[str], int]:
    """What one generated sequence of pages lost, over two walks; how often a walk was given up."""
    chance = random.Random(seed)
    account = shifting(chance)
    with stripe_at(account.respond) as (connector, _):
        walker = Walker(connector, chance)
        found, cursor = walker.walk()
        lost = account.stable - found
        there = account.ids
        later, _ = walker.walk(cursor)
    # What came or stayed during the first walk is found by the second at the latest.
    return lost | (there & account.ids) - found - later, walker.given_up


def test_nothing_stable_is_lost_while_pages_shift() -> None:
    with reported("T26") as figures:
        given_up = 0
        for seed in range(SEED, SEED + times(full=3_000, short=100)):
            lost, errors = lost_of(seed)
            figures.count += 1
            figures.failed += bool(lost)
            given_up += errors
            assert figures.failed == 0, (seed, lost)
        # A page whose last object was the last of one before looks like a loop: seldom.
        assert given_up < figures.count / 20, given_up
