"""Strict readers of one field of a Stripe object. Whatever is not as documented is refused.

All raise UnreadableError. Absent and null are the same; an empty string is no value.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final, TypeGuard

from ecomops.connectors.fields import LONGEST_ID, Json, UnreadableError, rate_text, valid_id
from ecomops.connectors.stripe.money import stripe_exponent
from ecomops.core.money import AmountRangeError, UnknownCurrencyError, from_minor

EARLIEST: Final = 946_684_800  # 2000-01-01
LATEST: Final = 4_102_444_800  # 2100-01-01


def identifier(source: Json, name: str = "id") -> str:
    """An id that must be there."""
    value = source.get(name)
    if not valid_id(value):
        raise UnreadableError(
            "bad_id", f"{name} is not an id of 1 to {LONGEST_ID} printable characters."
        )
    return str(value)


def reference(source: Json, name: str) -> str | None:
    """The id of another object, given as the id or as the expanded object."""
    value = source.get(name)
    if isinstance(value, dict):
        return identifier(value)
    if value is None or value == "":
        return None
    return identifier(source, name)


def integer(source: Json, name: str) -> int:
    """A whole number: 12, but not "12", 12.0 or true."""
    value = source.get(name)
    if type(value) is not int:
        raise UnreadableError("bad_integer", f"{name} is not a whole number.")
    return value


def currency_code(value: object) -> str:
    """``value`` in capitals. Nothing where a foreign letter would become one of ASCII by that."""
    said = str(value)
    return said.upper() if said.isascii() else ""


def currency(source: Json) -> tuple[str, int]:
    """The currency in capitals and the decimal places of Stripe's integers in it."""
    value = source.get("currency")
    try:
        code = currency_code(value)
        return code, stripe_exponent(code)
    except UnknownCurrencyError:
        raise UnreadableError(
            "unknown_currency", f"currency {str(value)[:20]!r} is not an ISO 4217 code."
        ) from None


def money(source: Json, name: str, exponent: int) -> int:
    """Units of an amount in minor units."""
    minor = integer(source, name)
    try:
        return from_minor(minor, exponent)
    except AmountRangeError:
        raise UnreadableError("amount_out_of_range", f"{name} does not fit 64 bits.") from None


def unsigned_money(source: Json, name: str, exponent: int) -> int:
    """Units of an amount that is never negative."""
    units = money(source, name, exponent)
    if units < 0:
        raise UnreadableError("negative_amount", f"{name} is negative.")
    return units


def moment(source: Json, name: str) -> datetime:
    """A time given in Unix seconds, UTC."""
    return _moment(integer(source, name), name)


def optional_moment(source: Json, name: str) -> datetime | None:
    """A time given in Unix seconds, UTC; 0 is how some objects say that there is none."""
    return _moment(integer(source, name), name) if source.get(name) not in (None, 0) else None


def day(source: Json, name: str) -> date:
    """A date, given as the Unix second at which it begins in UTC."""
    return moment(source, name).date()


def plausible_second(value: object) -> TypeGuard[int]:
    """Whether ``value`` is a Unix second of this century."""
    return type(value) is int and EARLIEST <= value < LATEST


def _moment(second: int, name: str) -> datetime:
    if not EARLIEST <= second < LATEST:
        raise UnreadableError("bad_time", f"{name} is not a time between 2000 and 2100.")
    return datetime.fromtimestamp(second, UTC)


def rate(source: Json, name: str) -> str | None:
    """An exchange rate as decimal text, rounded half-even where it has more than ten places."""
    value = source.get(name)
    if value is None:
        return None
    if type(value) is not int and not isinstance(value, Decimal):
        raise UnreadableError("bad_rate", f"{name} is not a number.")
    return rate_text(Decimal(value), name)
