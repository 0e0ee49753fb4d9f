"""The merchant's books, made a day at a time and only when somebody looks.

Days of records are kept in a small cache; of every day seen only its sums stay. That a payout of
one day needs another day's sums never recurses far: sums need the day's own orders and, on some
days, the amount of one earlier payout.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import TypeVar

from ecomops.sandbox.world import account, payouts
from ecomops.sandbox.world.calendar import LAST_DAY, Calendar, Plan
from ecomops.sandbox.world.currencies import SETTLEMENT
from ecomops.sandbox.world.events import FAMILIES, events_on
from ecomops.sandbox.world.model import (
    Charge,
    Dispute,
    Event,
    Line,
    Payout,
    Record,
    Ref,
    Refund,
    Story,
    position,
)
from ecomops.sandbox.world.stories import Author

CACHED_ORDERS = 30_000
Kept = TypeVar("Kept")
Nets = dict[str, int]


class DayOrders:
    """What orders, old and new, put into the account on one day; each list oldest first."""

    def __init__(self) -> None:
        self.charges: list[Charge] = []
        self.refunds: list[Refund] = []
        self.disputes: list[Dispute] = []
        self.lines: list[Line] = []

    def add(self, story: Story, start: int, end: int) -> None:
        """Takes from a story what was created in [start, end)."""
        self.charges += [it for it in story.charges if start <= it.created < end]
        self.lines += [it for it in story.lines if start <= it[0] < end]
        if story.refunds:
            self.refunds += [it for it in story.refunds if start <= it.created < end]
        if story.disputes:
            self.disputes += [it for it in story.disputes if start <= it.created < end]

    def sort(self) -> None:
        self.charges.sort(key=position)
        self.refunds.sort(key=position)
        self.disputes.sort(key=position)


class Shelf(OrderedDict[int, Kept]):
    """Keeps what was used last."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self._room = room

    def fetch(self, key: int, make: Callable[[int], Kept]) -> Kept:
        if key in self:
            self.move_to_end(key)
            return self[key]
        self[key] = made = make(key)
        if len(self) > self._room:
            self.popitem(last=False)
        return made


class Ledger:
    """All records of a plan's world, past and to come. Not safe for use by several threads."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.calendar = Calendar(plan)
        self.author = Author(self.calendar)
        room = max(4, CACHED_ORDERS // plan.orders_per_day)
        self._orders: Shelf[DayOrders] = Shelf(room)
        self._lines: Shelf[list[Line]] = Shelf(room)
        self._contents: Shelf[list[Line]] = Shelf(len(SETTLEMENT))
        self._events: Shelf[list[Event]] = Shelf(room)
        self._account: dict[int, list[Line]] = {}
        self._order_nets: dict[int, Nets] = {}
        self._nets: dict[int, Nets] = {}

    # days of orders

    def orders(self, day: int) -> DayOrders:
        return self._orders.fetch(day, self._make_orders)

    def _make_orders(self, day: int) -> DayOrders:
        made = DayOrders()
        start, end = self.calendar.midnight(day), self.calendar.midnight(day + 1)
        for index in range(self.calendar.orders_on(day)):
            made.add(self.author.write(day, index), start, end)
        for later in self.author.deck.later_days:
            if later <= day:
                for story in self._stirring(day - later, later):
                    made.add(story, start, end)
        made.sort()
        self._order_nets[day] = _nets(made.lines)
        return made

    def _stirring(self, day: int, later: int) -> Iterator[Story]:
        first, count = self.calendar.first_order(day), self.calendar.orders_on(day)
        for index in self.author.deck.stirring(later, first, count):
            yield self.author.write(day, index)

    def _earned(self, day: int) -> Nets:
        if day not in self._order_nets:
            self.orders(day)
        return self._order_nets[day]

    # the account's own rows

    def account_lines(self, day: int) -> list[Line]:
        """Rows of a day that are no order's and no payout's own."""
        if day not in self._account:
            self._account[day] = [
                *account.standing_lines(self.calendar, day),
                *self._reserve_lines(day),
                *self._payout_returns(day),
            ]
        return self._account[day]

    def _reserve_lines(self, day: int) -> Iterator[Line]:
        for number, reserve in enumerate(account.RESERVES):
            for since, sign in ((0, -1), (account.RELEASED_AFTER_DAYS, 1)):
                held_on = day - since
                if held_on < 0 or held_on % reserve.every != reserve.remainder:
                    continue
                earned = self._earned(held_on).get(reserve.currency, 0)
                if amount := account.held(reserve, held_on, earned):
                    yield account.reserve_line(self.calendar, day, number, sign * amount)

    def _payout_returns(self, day: int) -> Iterator[Line]:
        """Failures, cancellations and instant fees of payouts that fall on a day."""
        for number in range(len(SETTLEMENT)):
            if payouts.fails(day - payouts.FAILS_AFTER_DAYS, number):
                failed = self.payout(day - payouts.FAILS_AFTER_DAYS, number)
                if failed and (line := payouts.failure_line(failed)):
                    yield line
            if payouts.is_canceled(day, number) or payouts.mode(day, number, 1) == "instant":
                payout = self.payout(day, number)
                yield from _same_day_rows(payout) if payout else ()

    # payouts

    def nets(self, day: int) -> Nets:
        """What a day adds to each balance, to be paid out together."""
        if day not in self._nets:
            sums = dict(self._earned(day))
            for currency, net in _nets(self.account_lines(day)).items():
                sums[currency] = sums.get(currency, 0) + net
            self._nets[day] = sums
        return self._nets[day]

    def payout(self, day: int, number: int) -> Payout | None:
        """The payout created on a day in currency ``number`` of SETTLEMENT, if there is one."""
        funded = payouts.funds_day(day)
        amount = self.nets(funded).get(SETTLEMENT[number], 0) if funded >= 0 else 0
        return payouts.make_payout(self.calendar, day, number, amount) if amount else None

    def payout_of(self, currency: str, day: int) -> Payout | None:
        """The payout that takes what a day put into a currency's balance."""
        return self.payout(payouts.payout_day(day), SETTLEMENT.index(currency))

    def payouts(self, day: int) -> list[Payout]:
        """A day's payouts, oldest first."""
        made = (self.payout(day, number) for number in range(len(SETTLEMENT)))
        return sorted((payout for payout in made if payout), key=position)

    def payout_content(self, payout: Payout) -> list[Line]:
        """The lines a payout pays, oldest first, without its own row."""
        key = payout.ref.day * len(SETTLEMENT) + payout.ref.item
        return self._contents.fetch(key, self._make_content)

    def _make_content(self, key: int) -> list[Line]:
        day, number = divmod(key, len(SETTLEMENT))
        lines = self.lines(payouts.funds_day(day))
        return [it for it in lines if it.currency == SETTLEMENT[number] and it.is_payout_line]

    # everything

    def lines(self, day: int) -> list[Line]:
        """All ledger rows created on a day, oldest first."""
        return self._lines.fetch(day, self._make_lines)

    def _make_lines(self, day: int) -> list[Line]:
        own = [payouts.own_line(payout) for payout in self.payouts(day)]
        return sorted([*self.orders(day).lines, *self.account_lines(day), *own])

    def events(self, family: str, day: int) -> list[Event]:
        """What happened on a day to objects of one of FAMILIES, oldest first."""
        key = day * len(FAMILIES) + FAMILIES.index(family)
        return self._events.fetch(key, lambda _: events_on(self, family, day))

    def find(self, ref: Ref) -> Record | None:
        """The object at a place in the world; None where there is nothing."""
        if not 0 <= ref.day < LAST_DAY:
            return None
        if ref.kind == "payout":
            return self.payout(ref.day, ref.item) if ref.item < len(SETTLEMENT) else None
        if ref.kind == "event":
            return self._find_event(ref)
        if ref.kind == "payout_line":
            return self._find_payout_line(ref)
        if ref.kind == "account_line":
            return next((line for line in self.account_lines(ref.day) if line.ref == ref), None)
        story = self.story(ref)
        return _part(story, ref) if story else None

    def story(self, ref: Ref) -> Story | None:
        """The story of the order that a reference of any kind belongs to."""
        if not 0 <= ref.day < LAST_DAY or ref.item >= self.calendar.orders_on(ref.day):
            return None
        return self.author.write(ref.day, ref.item)

    def _find_event(self, ref: Ref) -> Event | None:
        if ref.part >= len(FAMILIES):
            return None
        told = self.events(FAMILIES[ref.part], ref.day)
        return told[ref.item] if ref.item < len(told) else None

    def _find_payout_line(self, ref: Ref) -> Line | None:
        payout = self.find(Ref("payout", ref.day, ref.item))
        if not isinstance(payout, Payout):
            return None
        rows = (payouts.own_line, payouts.failure_line, payouts.cancel_line, payouts.fee_line)
        return rows[ref.part](payout) if ref.part < len(rows) else None


def _nets(lines: list[Line]) -> Nets:
    sums: Nets = {}
    for line in lines:
        if line.is_payout_line:
            sums[line.currency] = sums.get(line.currency, 0) + line.net
    return sums


def _same_day_rows(payout: Payout) -> Iterator[Line]:
    for line in (payouts.cancel_line(payout), payouts.fee_line(payout)):
        if line is not None:
            yield line


def _part(story: Story, ref: Ref) -> Record | None:
    parts: list[Record] = [*story.charges, *story.refunds, *story.disputes, *story.lines]
    return next((part for part in parts if part.ref == ref), None)
