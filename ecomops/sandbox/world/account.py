"""Ledger rows of the account as a whole: fees billed apart, reserves, adjustments, other purses."""

from typing import NamedTuple

from ecomops.sandbox.world.calendar import Calendar
from ecomops.sandbox.world.currencies import rounded
from ecomops.sandbox.world.draw import Draw
from ecomops.sandbox.world.model import Line, Ref


class Standing(NamedTuple):
    """A row that comes back on every day with ``day % every == remainder``.

    Its amount is drawn between ``low`` and ``high`` minor units; with ``per_order`` it is so much
    for each order of the day instead.
    """

    every: int
    remainder: int
    type: str
    category: str
    currency: str
    low: int
    high: int
    description: str
    per_order: int = 0
    balance: str = "payments"


STANDING = (
    Standing(3, 0, "stripe_fee", "fee", "usd", 0, 0, "Radar for Fraud Teams", per_order=-7),
    Standing(7, 2, "stripe_fee", "fee", "eur", -4_900, -900, "Billing - Usage Fee"),
    Standing(14, 9, "stripe_fee", "fee", "usd", 100, 2_500, "Fee credit"),
    Standing(10, 4, "stripe_fx_fee", "fee", "usd", -1_900, -150, "Currency conversion fee"),
    Standing(10, 6, "tax_fee", "fee", "usd", -900, -90, "Sales tax on Stripe fees"),
    Standing(6, 1, "stripe_fee", "network_cost", "usd", -3_900, -400, "Card network costs"),
    Standing(9, 5, "adjustment", "other_adjustment", "usd", -2_500, -100, "Balance correction"),
    Standing(18, 4, "adjustment", "other_adjustment", "jpy", 100, 4_000, "Balance correction"),
    Standing(
        *(5, 2, "issuing_transaction", "issuing_transaction", "usd", -9_900, -500),
        description="Card purchase",
        balance="issuing",
    ),
)


class Reserve(NamedTuple):
    """Money held back on a day: half as much again as its orders earned, so the payout turns
    negative."""

    every: int
    remainder: int
    currency: str
    hold_type: str
    release_type: str


RESERVES = (
    Reserve(23, 11, "jpy", "reserve_transaction", "reserve_transaction"),
    Reserve(31, 17, "usd", "reserve_hold", "reserve_release"),
)
RELEASED_AFTER_DAYS = 10
RESERVE_CODES = 8
"""Row codes below this one belong to reserves, the others to the standing rows."""


def standing_lines(calendar: Calendar, day: int) -> list[Line]:
    """The standing rows of a day."""
    return [
        _standing(calendar, day, number, row)
        for number, row in enumerate(STANDING)
        if day % row.every == row.remainder
    ]


def _standing(calendar: Calendar, day: int, number: int, row: Standing) -> Line:
    draw = Draw(calendar.plan.seed, "standing", day, number)
    amount = row.per_order * calendar.orders_on(day) or draw.between(row.low, row.high)
    at = calendar.midnight(day) + 21_600 + draw.below(3_600)
    ref = Ref("account_line", day, RESERVE_CODES + number)
    return Line(
        at, ref, row.type, row.category, amount, row.currency, row.description, balance=row.balance
    )


def held(reserve: Reserve, day: int, earned: int) -> int:
    """What a reserve takes on a day whose orders earned so much; 0 on most days."""
    if day < 0 or day % reserve.every != reserve.remainder or earned <= 0:
        return 0
    return rounded(earned * 3, 2)


def reserve_line(calendar: Calendar, day: int, number: int, amount: int) -> Line:
    """A hold (negative amount) or a release (positive amount)."""
    reserve, released = RESERVES[number], amount > 0
    return Line(
        calendar.midnight(day) + 25_200 + number,
        Ref("account_line", day, 2 * number + released),
        reserve.release_type if released else reserve.hold_type,
        "risk_reserved_funds",
        amount,
        reserve.currency,
        "Reserve released" if released else "Reserve held",
    )
