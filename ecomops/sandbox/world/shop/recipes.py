"""The cases a shop order can turn into: what is in the basket, and how the money goes.

Baskets are dealt to every order. Cases are dealt to the orders paid through Shopify Payments
alone; the money of the others follows their story at the other processor (``world.recipes``).
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from ecomops.sandbox.world.draw import Draw

CYCLE = 120
BASKET_CYCLE = 40


class Basket(NamedTuple):
    """What an order is made of, in percent of its total or of its goods."""

    name: str
    share: int  # orders in a cycle of baskets
    discount: int = 0  # percent of the goods
    shipping: bool = True
    tip: int = 0
    duties: int = 0
    gift_card_sold: bool = False
    redeemed: int = 0  # percent of the rest, paid by gift card on top
    pieces: int = 2


BASKETS = (
    Basket("discounted", 5, discount=15),
    Basket("tipped", 3, tip=10),
    Basket("duties", 2, duties=6),
    Basket("gift_card_sold", 2, gift_card_sold=True, shipping=False),
    Basket("gift_card_redeemed", 3, redeemed=30),
    Basket("free_shipping", 5, shipping=False),
    Basket("single", 6, pieces=1),
    Basket("discounted_and_tipped", 1, discount=20, tip=5),
)
PLAIN_BASKET = Basket("plain", BASKET_CYCLE - sum(it.share for it in BASKETS), pieces=3)


class Paying(NamedTuple):
    """How the money is taken. Days count from the order; None means never."""

    kind: str = "sale"  # sale, authorization, nothing
    settles_after: int | None = 0
    fails_after: int | None = None
    declined_first: bool = False
    captures: tuple[tuple[int, int], ...] = ()  # (days after, percent)
    voided_after: int | None = None
    expires_after: int | None = None


class GivingBack(NamedTuple):
    """A refund opened ``after`` days; ``what`` is whole, goods, shipping or discrepancy."""

    after: int
    percent: int = 100
    what: str = "whole"
    succeeds: int | None = None  # None: at once
    fails: int | None = None
    fee_returned: bool = False


class Contesting(NamedTuple):
    """A dispute. ``outcome`` is the last status in Shopify's words."""

    after: int
    outcome: str  # WON, LOST, ACCEPTED, PREVENTED, CHARGE_REFUNDED
    reviewed: int | None = None
    closed: int | None = None
    percent: int = 100
    inquiry: bool = False


class Case(NamedTuple):
    name: str
    share: int  # orders in a cycle
    paying: Paying = Paying()
    refunds: tuple[GivingBack, ...] = ()
    disputes: tuple[Contesting, ...] = ()
    currency: str | None = None  # None: one of the usual mix
    canceled_after: int | None = None
    reason: str = "CUSTOMER"
    test: bool = False
    free: bool = False
    all_by_gift_card: bool = False

    @property
    def later_days(self) -> frozenset[int]:
        """Days after the order on which something happens to it."""
        paid = self.paying
        days = {paid.settles_after, paid.fails_after, paid.voided_after, paid.expires_after}
        days |= {self.canceled_after, *(after for after, _ in paid.captures)}
        for refund in self.refunds:
            days |= {refund.after, refund.succeeds, refund.fails}
        for dispute in self.disputes:
            days |= {dispute.after, dispute.reviewed, dispute.closed}
        return frozenset(day for day in days if day)


_AUTHORISED = Paying("authorization")

CASES = (
    Case("pounds", 5, currency="gbp"),
    Case("yen", 3, currency="jpy"),
    Case("declined", 2, Paying(settles_after=None, fails_after=0), canceled_after=1,
         reason="DECLINED"),
    Case("declined_then_paid", 2, Paying(declined_first=True)),
    Case("pending_then_paid", 2, Paying(settles_after=3)),
    Case("pending_then_failed", 1, Paying(settles_after=None, fails_after=3)),
    Case("captured_later", 4, Paying("authorization", captures=((2, 100),))),
    Case("captured_twice", 1, Paying("authorization", captures=((1, 60), (3, 40)))),
    Case("captured_in_part", 1, Paying("authorization", captures=((1, 70),))),
    Case("authorisation_open", 1, _AUTHORISED),
    Case("authorisation_voided", 2, Paying("authorization", voided_after=2), canceled_after=2),
    Case("authorisation_runs_out", 1, Paying("authorization", expires_after=7)),
    Case("canceled_unpaid", 1, Paying("nothing"), canceled_after=1, reason="INVENTORY"),
    Case("canceled_and_refunded", 2, refunds=(GivingBack(1),), canceled_after=1, reason="FRAUD"),
    Case("refunded", 3, refunds=(GivingBack(4),)),
    Case("refunded_goods", 4, refunds=(GivingBack(3, 35, "goods"),)),
    Case("refunded_shipping", 2, refunds=(GivingBack(2, 5, "shipping"),)),
    Case("refunded_on_goodwill", 2, refunds=(GivingBack(6, 12, "discrepancy"),)),
    Case("refunded_three_times", 1, refunds=(
        GivingBack(1, 20, "goods"), GivingBack(4, 30, "discrepancy"), GivingBack(9, 10, "shipping"),
    )),
    Case("refunded_abroad", 1, refunds=(GivingBack(5, 50, "goods"),), currency="gbp"),
    Case("refund_pending", 2, refunds=(GivingBack(2, 60, "goods", succeeds=6),)),
    Case("refund_failed", 1, refunds=(GivingBack(2, 100, fails=4),)),
    Case("refund_returns_fee", 2, refunds=(GivingBack(3, 50, "goods", fee_returned=True),)),
    Case("chargeback_won", 1, disputes=(Contesting(5, "WON", 9, 24),)),
    Case("chargeback_lost", 2, disputes=(Contesting(6, "LOST", 12, 30),)),
    Case("chargeback_accepted", 1, disputes=(Contesting(8, "ACCEPTED", None, 10),)),
    Case("chargeback_abroad", 1, disputes=(Contesting(7, "LOST", 11, 28),), currency="gbp"),
    Case("inquiry_won", 1, disputes=(Contesting(4, "WON", 8, 18, inquiry=True),)),
    Case("inquiry_refunded", 1, refunds=(GivingBack(9),),
         disputes=(Contesting(3, "CHARGE_REFUNDED", None, 9, inquiry=True),)),
    Case("prevented", 1, refunds=(GivingBack(3),), disputes=(Contesting(3, "PREVENTED", None, 3),)),
    Case("free_of_charge", 2, Paying("nothing"), free=True),
    Case("all_by_gift_card", 2, Paying("nothing"), all_by_gift_card=True),
    Case("test", 2, test=True),
    Case("test_refunded", 1, refunds=(GivingBack(2),), test=True),
)  # fmt: skip
PLAIN = Case("plain", CYCLE - sum(case.share for case in CASES))


Row = TypeVar("Row", Basket, Case)


class Rota:
    """Which numbers of a repeating cycle stir how many days later."""

    def __init__(self, days_of: Sequence[frozenset[int]]) -> None:
        self._cycle = len(days_of)
        self.later_days = sorted(frozenset().union(*days_of))
        self._slots = {
            day: [slot for slot, days in enumerate(days_of) if day in days]
            for day in self.later_days
        }

    def stirring(self, later: int, first: int, count: int) -> list[int]:
        """Indices among ``count`` orders from ordinal ``first`` that stir ``later`` days on."""
        starts = [(slot - first) % self._cycle for slot in self._slots[later]]
        return sorted(index for start in starts for index in range(start, count, self._cycle))


class ShopDeck:
    """The shuffled cycles of a seed: an order's basket, and the case of one of our own."""

    def __init__(self, seed: int) -> None:
        self._baskets = _shuffled(seed, "baskets", (*BASKETS, PLAIN_BASKET))
        self._cases = _shuffled(seed, "shop_cases", (*CASES, PLAIN))
        self.rota = Rota([case.later_days for case in self._cases])

    def case(self, ordinal: int) -> Case:
        return self._cases[ordinal % CYCLE]

    def basket(self, ordinal: int) -> Basket:
        # The cycle of baskets divides the cycles of cases: shift it each time round.
        return self._baskets[(ordinal + ordinal // BASKET_CYCLE * 7) % BASKET_CYCLE]


def _shuffled(seed: int, name: str, rows: Sequence[Row]) -> list[Row]:
    cards = [row for row in rows for _ in range(row.share)]
    order = sorted(range(len(cards)), key=lambda slot: Draw(seed, name, slot).below(2**40))
    return [cards[slot] for slot in order]
