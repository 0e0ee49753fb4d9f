"""Currencies of the merchant: how amounts travel, where they settle, what the processor charges.

Amounts are whole numbers in the provider's smallest unit ("minor units" below). ISK and UGX
have no decimals of their own but travel as two-decimal amounts ending in 00; the last digit of
a three-decimal amount is always 0 (Stripe, "Supported currencies").
"""

from decimal import Decimal
from typing import NamedTuple

from ecomops.sandbox.world.draw import Draw

RATE_SCALE = 10**9
"""Exchange rates are whole numbers of this many parts."""


class Currency(NamedTuple):
    """A presentment currency and the range of order totals the shop sees in it, minor units."""

    exponent: int  # decimals on the wire
    places: int  # decimals of the currency itself (ISO 4217)
    step: int  # amounts are multiples of this many minor units
    low: int
    high: int
    settles_in: str
    rate: int = RATE_SCALE


class Pricing(NamedTuple):
    """What the processor charges on a settlement currency, and for a dispute, minor units."""

    basis_points: int
    fixed: int
    dispute: int


CURRENCIES = {
    "usd": Currency(2, 2, 1, 900, 42_000, "usd"),
    "eur": Currency(2, 2, 1, 800, 38_000, "eur"),
    "jpy": Currency(0, 0, 1, 900, 60_000, "jpy"),
    "kwd": Currency(3, 3, 10, 2_500, 140_000, "kwd"),
    "gbp": Currency(2, 2, 1, 700, 36_000, "usd", 1_271_430_000),
    "isk": Currency(2, 0, 100, 120_000, 6_000_000, "usd", 7_183_000),
    "ugx": Currency(2, 0, 100, 3_500_000, 150_000_000, "usd", 268_400),
    "huf": Currency(2, 2, 1, 350_000, 15_000_000, "eur", 2_541_000),
}

PRICING = {
    "usd": Pricing(290, 30, 1_500),
    "eur": Pricing(150, 25, 2_000),
    "jpy": Pricing(360, 0, 1_300),
    "kwd": Pricing(290, 100, 4_500),
}

SETTLEMENT = tuple(PRICING)
"""Currencies in which the merchant holds a balance, in the order payouts are numbered."""


def rounded(numerator: int, denominator: int, step: int = 1) -> int:
    """``numerator / denominator`` rounded half up to a multiple of ``step``."""
    scaled = denominator * step
    return (2 * numerator + scaled) // (2 * scaled) * step


def share_of(amount: int, percent: int, currency: str) -> int:
    """``percent`` of an amount, cut down to the currency's step."""
    step = CURRENCIES[currency].step
    return amount * percent // 100 // step * step


def rate_on(seed: int, currency: str, day: int) -> int | None:
    """The day's rate to the settlement currency in parts of RATE_SCALE; None where none is due."""
    known = CURRENCIES[currency]
    if known.rate == RATE_SCALE:
        return None
    return known.rate * Draw(seed, "rate", currency, day).between(9_850, 10_150) // 10_000


def settled(amount: int, rate: int | None) -> int:
    """A presentment amount in the settlement currency's minor units."""
    return amount if rate is None else rounded(amount * rate, RATE_SCALE)


def major(amount: int, currency: str) -> str:
    """An exact decimal with the currency's own places: ``1234`` usd is ``12.34``."""
    known = CURRENCIES[currency]
    exact = Decimal(amount).scaleb(-known.exponent)
    return str(exact.quantize(Decimal(1).scaleb(-known.places)))
