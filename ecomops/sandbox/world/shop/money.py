"""Money of a shop order: what the customer saw and what it is worth in the shop's currency.

Amounts are whole minor units as in ``world.currencies``; the shop's currency is USD.
"""

from collections.abc import Iterable
from typing import NamedTuple

from ecomops.sandbox.world.currencies import RATE_SCALE, rounded
from ecomops.sandbox.world.draw import Draw

SHOP_CURRENCY = "usd"

_CENTS = {
    "usd": RATE_SCALE,
    "eur": 1_084_200_000,
    "jpy": 661_800_000,
    "kwd": 325_140_000,
    "gbp": 1_271_430_000,
    "isk": 7_183_000,
    "ugx": 268_400,
    "huf": 2_755_000,
}
"""US cents for one minor unit of a currency, in parts of RATE_SCALE."""


class Bag(NamedTuple):
    """One sum twice: in the order's currency and in the shop's."""

    presentment: int
    shop: int

    def plus(self, other: "Bag") -> "Bag":
        return Bag(self.presentment + other.presentment, self.shop + other.shop)

    def minus(self, other: "Bag") -> "Bag":
        return Bag(self.presentment - other.presentment, self.shop - other.shop)

    def times(self, number: int) -> "Bag":
        return Bag(self.presentment * number, self.shop * number)


NOTHING = Bag(0, 0)


def total(bags: Iterable[Bag]) -> Bag:
    presentment, shop = 0, 0
    for bag in bags:
        presentment += bag.presentment
        shop += bag.shop
    return Bag(presentment, shop)


def shop_rate(seed: int, currency: str, day: int) -> int:
    """US cents for one minor unit on a day, in parts of RATE_SCALE."""
    if currency == SHOP_CURRENCY:
        return RATE_SCALE
    swing = Draw(seed, "shop_rate", currency, day).between(9_850, 10_150)
    return _CENTS[currency] * swing // 10_000


def in_shop(amount: int, rate: int) -> Bag:
    """An amount together with its worth at a rate."""
    return Bag(amount, rounded(amount * rate, RATE_SCALE))
