"""The shop's books: its orders and the ledger of Shopify Payments, made a day at a time.

As ``world.ledger``: days are kept in a small cache, of every day seen only its sums stay.
"""

from collections.abc import Iterator

from ecomops.sandbox.world.calendar import LAST_DAY
from ecomops.sandbox.world.ledger import CACHED_ORDERS, Ledger, Nets, Shelf
from ecomops.sandbox.world.model import Ref
from ecomops.sandbox.world.recipes import CYCLE
from ecomops.sandbox.world.shop import own_account
from ecomops.sandbox.world.shop.author import ShopAuthor
from ecomops.sandbox.world.shop.from_story import stirs_after
from ecomops.sandbox.world.shop.model import (
    BalanceLine,
    ShopDispute,
    ShopOrder,
    ShopPayout,
)
from ecomops.sandbox.world.shop.population import OwnOrders, ordinal_of
from ecomops.sandbox.world.shop.processor import CURRENCIES, in_seconds, nets, order_lines
from ecomops.sandbox.world.shop.recipes import Rota


class DayBook:
    """A day of one population: what is created on it, and which orders change on it."""

    def __init__(self) -> None:
        self.orders: list[ShopOrder] = []
        """Placed on the day, oldest first."""
        self.stirring: list[ShopOrder] = []
        """Placed before it; something happens to them on the day, or they only might."""
        self.disputes: list[ShopDispute] = []
        self.lines: list[BalanceLine] = []

    def add(self, order: ShopOrder, lines: list[BalanceLine], start: int, end: int) -> None:
        """Takes of an order what was created in [start, end)."""
        (self.orders if start <= order.created < end else self.stirring).append(order)
        self.disputes += [it for it in order.disputes if start <= it.created < end]
        self.lines += in_seconds(lines, start, end)

    def sort(self) -> None:
        for created in (self.orders, self.disputes):
            created.sort(key=lambda it: (it.created, it.ref))
        self.lines.sort(key=lambda it: (it.created, it.ref))


class ShopLedger:
    """All records of the shop, past and to come. Not safe for use by several threads."""

    def __init__(self, ledger: Ledger) -> None:
        self.plan, self.calendar = ledger.plan, ledger.calendar
        self.own = OwnOrders(self.calendar)
        self.author = ShopAuthor(self.calendar, ledger.author, self.own)
        deck = ledger.author.deck
        self._stories = Rota([stirs_after(deck.recipe(slot)) for slot in range(CYCLE)])
        room = max(4, CACHED_ORDERS // self.plan.orders_per_day)
        self._cases = self.author.deck.rota
        self._story_days: Shelf[DayBook] = Shelf(room)
        self._own_days: Shelf[DayBook] = Shelf(room)
        self._order_nets: dict[int, Nets] = {}
        self._account: dict[int, list[BalanceLine]] = {}
        self._nets: dict[int, Nets] = {}

    # orders

    def orders(self, day: int) -> list[ShopOrder]:
        """The orders placed on a day, of both populations."""
        return [*self.story_day(day).orders, *self.own_day(day).orders]

    def stirring(self, day: int) -> list[ShopOrder]:
        """Older orders to which something happens on a day, or only might."""
        return [*self.story_day(day).stirring, *self.own_day(day).stirring]

    def story_day(self, day: int) -> DayBook:
        """A day of the orders that the other processor takes."""
        return self._story_days.fetch(day, self._make_story_day)

    def own_day(self, day: int) -> DayBook:
        """A day of the orders paid through Shopify Payments, with their ledger rows."""
        return self._own_days.fetch(day, self._make_own_day)

    def _make_story_day(self, day: int) -> DayBook:
        fresh = (self.author.of_story(day, it) for it in range(self.calendar.orders_on(day)))
        return self._make_day(day, [*fresh, *self._stirring(day, self._stories, own=False)])

    def _make_own_day(self, day: int) -> DayBook:
        fresh = (self.author.own(day, it) for it in range(self.own.on(day)))
        made = self._make_day(day, [*fresh, *self._stirring(day, self._cases, own=True)])
        self._order_nets[day] = nets(made.lines)
        return made

    def _make_day(self, day: int, orders: list[ShopOrder]) -> DayBook:
        made = DayBook()
        start, end = self.calendar.midnight(day), self.calendar.midnight(day + 1)
        for order in orders:
            made.add(order, self.order_lines(order), start, end)
        made.sort()
        return made

    def _stirring(self, day: int, rota: Rota, *, own: bool) -> Iterator[ShopOrder]:
        write = self.author.own if own else self.author.of_story
        for later in rota.later_days:
            since = day - later
            if since < 0:
                return
            first = self.own.first(since) if own else self.calendar.first_order(since)
            count = self.own.on(since) if own else self.calendar.orders_on(since)
            for index in rota.stirring(later, first, count):
                yield write(since, index)

    def order_lines(self, order: ShopOrder) -> list[BalanceLine]:
        """An order's rows in the ledger; none for orders that the other processor takes."""
        if order.charge is not None:
            return []
        case = self.author.deck.case(order.ordinal)
        return order_lines(order, any(it.fee_returned for it in case.refunds))

    # payouts

    def lines(self, day: int) -> list[BalanceLine]:
        """All ledger rows created on a day, oldest first."""
        own = [own_account.own_line(payout) for payout in self.payouts(day)]
        made = [*self.own_day(day).lines, *self.account_lines(day), *own]
        return sorted(made, key=lambda it: (it.created, it.ref))

    def account_lines(self, day: int) -> list[BalanceLine]:
        """Rows of a day that are no order's and no payout's own."""
        if day not in self._account:
            self._account[day] = [
                *own_account.standing_lines(self.calendar, day),
                *self._reserve_lines(day),
                *self._payout_returns(day),
            ]
        return self._account[day]

    def _earned(self, day: int) -> Nets:
        if day not in self._order_nets:
            self.own_day(day)
        return self._order_nets[day]

    def _reserve_lines(self, day: int) -> Iterator[BalanceLine]:
        for number, reserve in enumerate(own_account.RESERVES):
            for since in (0, own_account.RELEASED_AFTER_DAYS):
                if not own_account.holds(reserve, day - since):
                    continue
                earned = self._earned(day - since)[reserve.currency]
                release = since > 0
                line = own_account.reserve_line(self.calendar, day, number, earned, release=release)
                if line is not None:
                    yield line

    def _payout_returns(self, day: int) -> Iterator[BalanceLine]:
        """Failures and cancellations of payouts that fall on a day."""
        before = day - own_account.FAILS_AFTER_DAYS
        for number in range(len(CURRENCIES)):
            failed = self.payout(before, number) if own_account.fails(before, number) else None
            if failed and (line := own_account.failure_line(failed)):
                yield line
            gone = self.payout(day, number) if own_account.is_canceled(day, number) else None
            if gone and (line := own_account.cancel_line(gone)):
                yield line

    def nets(self, day: int) -> Nets:
        """What a day adds to each balance, to be paid out together."""
        if day not in self._nets:
            others = nets(self.account_lines(day))
            self._nets[day] = {it: sum + others[it] for it, sum in self._earned(day).items()}
        return self._nets[day]

    def payout(self, day: int, number: int) -> ShopPayout | None:
        """The payout issued on a day in currency ``number`` of CURRENCIES, if there is one."""
        funded = own_account.funds_day(day)
        amount = self.nets(funded)[CURRENCIES[number]] if funded >= 0 else 0
        return own_account.make_payout(self.calendar, day, number, amount) if amount else None

    def payouts(self, day: int) -> list[ShopPayout]:
        """The payouts issued on a day, oldest first: one for each currency that moved."""
        made = (self.payout(day, number) for number in range(len(CURRENCIES)))
        return [payout for payout in made if payout]

    def payout_of(self, line: BalanceLine) -> ShopPayout | None:
        """The payout that pays a row; the payout itself for its own row; None for a test."""
        if line.test:
            return None
        day, number = self.calendar.day_of(line.created), CURRENCIES.index(line.currency)
        return self.payout(day if line.type == "TRANSFER" else own_account.payout_day(day), number)

    def payout_content(self, payout: ShopPayout) -> list[BalanceLine]:
        """The rows a payout pays, oldest first, without its own row."""
        lines = self.lines(own_account.funds_day(payout.ref.day))
        return [it for it in lines if it.currency == payout.currency and it.is_payout_line]

    # finding

    def order(self, number: int) -> ShopOrder | None:
        """The order of a numeric id."""
        known = ordinal_of(number)
        if known is None:
            return None
        ordinal, own = known
        place = self.own.place_of(ordinal) if own else self.calendar.place_of(ordinal)
        return self._write(*place, own=own) if place else None

    def order_at(self, ref: Ref) -> ShopOrder | None:
        """The order that a reference to any of its parts belongs to."""
        index, own = ref.item >> 1, bool(ref.item & 1)
        known = self.own if own else None
        count = known.on(ref.day) if known else self.calendar.orders_on(ref.day)
        if not 0 <= ref.day < LAST_DAY or index >= count:
            return None
        return self._write(ref.day, index, own=own)

    def _write(self, day: int, index: int, *, own: bool) -> ShopOrder:
        return self.author.own(day, index) if own else self.author.of_story(day, index)

    def line(self, ref: Ref) -> BalanceLine | None:
        """The ledger row at a place."""
        if not 0 <= ref.day < LAST_DAY:
            return None
        if ref.kind == "line":
            order = self.order_at(ref)
            found = self.order_lines(order) if order else []
        elif ref.kind == "account_line":
            found = self.account_lines(ref.day)
        else:
            found = self._payout_rows(ref)
        return next((it for it in found if it.ref == ref), None)

    def _payout_rows(self, ref: Ref) -> list[BalanceLine]:
        payout = self.payout(ref.day, ref.item) if ref.item < len(CURRENCIES) else None
        if payout is None:
            return []
        rows = (own_account.own_line, own_account.failure_line, own_account.cancel_line)
        return [line for row in rows if (line := row(payout))]
