"""Rows of Shopify Payments that are no order's: adjustments, reserves, and payouts."""

from typing import NamedTuple

from ecomops.sandbox.world.calendar import SECONDS_A_DAY, Calendar
from ecomops.sandbox.world.currencies import rounded
from ecomops.sandbox.world.draw import Draw
from ecomops.sandbox.world.model import SETTLES_AFTER_DAYS, Ref
from ecomops.sandbox.world.shop.model import BalanceLine, ShopPayout
from ecomops.sandbox.world.shop.processor import CURRENCIES

HOUR = 3_600
FAILS_AFTER_DAYS = 4
RELEASED_AFTER_DAYS = 9
RESERVE_ROWS = 4
"""Row numbers below this one belong to reserves, the others to the standing rows."""


class Standing(NamedTuple):
    """A row that comes back on every day with ``day % every == remainder``."""

    every: int
    remainder: int
    type: str
    currency: str
    low: int
    high: int
    reason: str | None = None


STANDING = (
    Standing(6, 2, "ADJUSTMENT", "usd", -2_900, -200, "Balance correction"),
    Standing(11, 7, "ADJUSTMENT", "usd", 150, 3_500, "Balance correction"),
    Standing(17, 3, "ADJUSTMENT", "eur", -900, -100, "Balance correction"),
    Standing(8, 5, "SHIPPING_LABEL", "usd", -4_400, -600, "Shipping labels"),
    Standing(21, 10, "MERCHANT_GOODWILL_CREDIT", "usd", 500, 2_500, "Goodwill"),
    Standing(25, 13, "CHARGEBACK_PROTECTION_CREDIT", "usd", 900, 4_000, "Protected order"),
    Standing(28, 15, "BILLING_DEBIT", "eur", -3_900, -2_900, "Subscription"),
)


class Reserve(NamedTuple):
    """Money held back on a day: half as much again as its orders earned."""

    every: int
    remainder: int
    currency: str


RESERVES = (Reserve(19, 7, "usd"), Reserve(29, 12, "eur"))


def standing_lines(calendar: Calendar, day: int) -> list[BalanceLine]:
    return [
        _standing(calendar, day, number, row)
        for number, row in enumerate(STANDING)
        if day % row.every == row.remainder
    ]


def _standing(calendar: Calendar, day: int, number: int, row: Standing) -> BalanceLine:
    draw = Draw(calendar.plan.seed, "shop_standing", day, number)
    at = calendar.midnight(day) + 5 * HOUR + draw.below(HOUR)
    ref = Ref("account_line", day, RESERVE_ROWS + number)
    amount = draw.between(row.low, row.high)
    return BalanceLine(at, ref, row.type, amount, row.currency, source=ref, reason=row.reason)


def holds(reserve: Reserve, day: int) -> bool:
    return day >= 0 and day % reserve.every == reserve.remainder


def reserve_line(calendar: Calendar, day: int, number: int, earned: int, *, release: bool) -> (
    BalanceLine | None
):  # fmt: skip
    """What is held back of earnings, or comes back; None where nothing was earned."""
    if earned <= 0:
        return None
    amount = rounded(earned * 3, 2)
    ref = Ref("account_line", day, 2 * number + release)
    kind = "RESERVED_FUNDS_REVERSAL" if release else "RESERVED_FUNDS_WITHDRAWAL"
    at = calendar.midnight(day) + 7 * HOUR + number
    currency = RESERVES[number].currency
    return BalanceLine(at, ref, kind, amount if release else -amount, currency, source=ref)


# payouts


def fails(day: int, number: int) -> bool:
    return (day + 5 * number) % 11 == 4


def is_canceled(day: int, number: int) -> bool:
    return (day + 5 * number) % 17 == 9


def funds_day(payout_day: int) -> int:
    """The day whose money a payout of ``payout_day`` takes."""
    return payout_day - SETTLES_AFTER_DAYS


def payout_day(funds_day: int) -> int:
    return funds_day + SETTLES_AFTER_DAYS


def make_payout(calendar: Calendar, day: int, number: int, amount: int) -> ShopPayout:
    """The payout of ``amount`` (not 0) issued on a day in currency ``number``."""
    midnight = calendar.midnight(day)
    payout = ShopPayout(
        created=midnight + HOUR,
        ref=Ref("payout", day, number),
        amount=amount,
        currency=CURRENCIES[number],
        in_transit_at=midnight + SECONDS_A_DAY + 5 * HOUR,
        paid_at=midnight + 2 * SECONDS_A_DAY + 5 * HOUR,
    )
    if amount > 0 and fails(day, number):
        payout.failed_at = midnight + FAILS_AFTER_DAYS * SECONDS_A_DAY + 9 * HOUR
    elif amount > 0 and is_canceled(day, number):
        payout.canceled_at = midnight + 20 * HOUR
    return payout


OWN, FAILURE, CANCEL = range(3)
"""Parts of a payout's ledger rows."""


def own_line(payout: ShopPayout) -> BalanceLine:
    """The row that takes the payout out of the balance."""
    return _payout_line(payout, OWN, payout.created, "TRANSFER", -payout.amount)


def failure_line(payout: ShopPayout) -> BalanceLine | None:
    if payout.failed_at is None:
        return None
    return _payout_line(payout, FAILURE, payout.failed_at, "TRANSFER_FAILURE", payout.amount)


def cancel_line(payout: ShopPayout) -> BalanceLine | None:
    if payout.canceled_at is None:
        return None
    return _payout_line(payout, CANCEL, payout.canceled_at, "TRANSFER_CANCEL", payout.amount)


def _payout_line(payout: ShopPayout, part: int, at: int, kind: str, amount: int) -> BalanceLine:
    ref = Ref("payout_line", payout.ref.day, payout.ref.item, part)
    return BalanceLine(at, ref, kind, amount, payout.currency, source=payout.ref)
