"""Payouts: which day's money a payout takes, how it travels, and the ledger rows it writes.

The money earned in a currency on one day is paid out whole, two days later. Most payouts are
automatic; some days the merchant took the money by hand or at once (instant, for a fee billed
apart). A payout that fails or is canceled puts its amount back, into the next payout but one.
"""

from ecomops.sandbox.world.calendar import SECONDS_A_DAY, Calendar
from ecomops.sandbox.world.currencies import SETTLEMENT, rounded
from ecomops.sandbox.world.model import SETTLES_AFTER_DAYS, Line, Payout, Ref

FAILS_AFTER_DAYS = 5
HOUR = 3_600
OWN, FAILURE, CANCEL, FEE = range(4)
"""Parts of a payout's ledger rows."""

FAILURE_CODES = ("account_closed", "could_not_process", "debit_not_authorized", "no_account")


def fails(day: int, number: int) -> bool:
    return (day + 3 * number) % 13 == 5


def is_canceled(day: int, number: int) -> bool:
    return (day + 3 * number) % 13 == 9


def mode(day: int, number: int, amount: int) -> str:
    """How the payout of a day and currency came about."""
    if amount > 0 and SETTLEMENT[number] == "eur" and day % 10 == 3:
        return "manual"
    if amount > 0 and SETTLEMENT[number] == "usd" and day % 15 == 4:
        return "instant"
    return "automatic"


def make_payout(calendar: Calendar, day: int, number: int, amount: int) -> Payout:
    """The payout of ``amount`` (not 0) created on a day in currency ``number`` of SETTLEMENT."""
    way = mode(day, number, amount)
    midnight = calendar.midnight(day)
    created = midnight + (2 * HOUR if way == "automatic" else 15 * HOUR)
    instant = way == "instant"
    payout = Payout(
        created=created,
        ref=Ref("payout", day, number),
        amount=amount,
        currency=SETTLEMENT[number],
        mode=way,
        in_transit_at=created if instant else midnight + SECONDS_A_DAY + 6 * HOUR,
        paid_at=created + HOUR // 2 if instant else midnight + 2 * SECONDS_A_DAY + 6 * HOUR,
        reconciled_at=midnight + SECONDS_A_DAY + 14 * HOUR,
    )
    if way == "automatic" and amount > 0:
        if fails(day, number):
            payout.failed_at = midnight + FAILS_AFTER_DAYS * SECONDS_A_DAY + 9 * HOUR
        if is_canceled(day, number):
            payout.canceled_at = midnight + 20 * HOUR
    return payout


def _line(payout: Payout, part: int, at: int, type: str, category: str, amount: int) -> Line:
    ref = Ref("payout_line", payout.ref.day, payout.ref.item, part)
    description = {OWN: "STRIPE PAYOUT", FEE: "Instant payout fee"}.get(
        part, "STRIPE PAYOUT RETURN"
    )
    source = None if part == FEE else payout.ref
    return Line(at, ref, type, category, amount, payout.currency, description, source=source)


def own_line(payout: Payout) -> Line:
    """The row that takes the payout out of the balance."""
    return _line(payout, OWN, payout.created, "payout", "payout", -payout.amount)


def failure_line(payout: Payout) -> Line | None:
    if payout.failed_at is None:
        return None
    return _line(
        payout, FAILURE, payout.failed_at, "payout_failure", "payout_reversal", payout.amount
    )


def cancel_line(payout: Payout) -> Line | None:
    if payout.canceled_at is None:
        return None
    return _line(
        payout, CANCEL, payout.canceled_at, "payout_cancel", "payout_reversal", payout.amount
    )


def fee_line(payout: Payout) -> Line | None:
    """The fee of an instant payout, a row of its own: 1 %, at least one minor unit."""
    if payout.mode != "instant":
        return None
    fee = max(1, rounded(payout.amount, 100))
    return _line(payout, FEE, payout.created, "stripe_fee", "fee", -fee)


def funds_day(payout_day: int) -> int:
    """The day whose money a payout of ``payout_day`` takes."""
    return payout_day - SETTLES_AFTER_DAYS


def payout_day(funds_day: int) -> int:
    """The day on which the money of ``funds_day`` is paid out."""
    return funds_day + SETTLES_AFTER_DAYS


def failure_code(payout: Payout) -> str:
    return FAILURE_CODES[payout.ref.day % len(FAILURE_CODES)]
