"""Strict readers of one field of a Stripe object. Whatever is not as documented is refused.

All raise UnreadableError. Absent and null are the same; an empty string is no value.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final, TypeGuard

from ecomops.connectors.stripe.money import stripe_exponent
from ecomops.core.money import AmountRangeError, UnknownCurrencyError, from_minor

Json = Mapping[str, Any]

LONGEST_ID: Final = 255
EARLIEST: Final = 946_684_800  # 2000-01-01
LATEST: Final = 4_102_444_800  # 2100-01-01
_RATE_STEP = Decimal("1e-10")
_LARGEST_RATE = Decimal(10**10)


class UnreadableError(Exception):
    """An object cannot be kept as a record. ``code`` is stable, ``message`` is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def valid_id(value: object) -> TypeGuard[str]:
    """Whether ``value`` can name a record: 1-255 printable characters, none of them replaced."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= LONGEST_ID
        and value.isprintable()
        and "\ufffd" not in value
    )


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


def word(source: Json, name: str) -> str:
    """A word of a vocabulary, which may be one that is not known yet."""
    value = source.get(name)
    if not valid_id(value):
        raise UnreadableError("bad_word", f"{name} is not a word.")
    return str(value)


def known_word(source: Json, name: str, meanings: Mapping[str, str]) -> str:
    """What the word in ``name`` means, by ``meanings``."""
    value = word(source, name)
    if value not in meanings:
        raise UnreadableError("unknown_" + name, f"{name} {value!r} is not known.")
    return meanings[value]


def text(source: Json, name: str) -> str | None:
    """Free text."""
    value = source.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise UnreadableError("bad_text", f"{name} is not text.")
    return value


def part(source: Json, name: str) -> Json:
    """A nested object; empty where it is missing."""
    value = source.get(name)
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise UnreadableError("bad_object", f"{name} is not an object.")
    return value


def parts(source: Json, name: str) -> list[Any]:
    """A nested list; empty where it is missing."""
    value = source.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise UnreadableError("bad_list", f"{name} is not a list.")
    return value


def flag(source: Json, name: str) -> bool:
    """A truth value that must be there."""
    value = source.get(name)
    if not isinstance(value, bool):
        raise UnreadableError("bad_flag", f"{name} is neither true nor false.")
    return value


def integer(source: Json, name: str) -> int:
    """A whole number: 12, but not "12", 12.0 or true."""
    value = source.get(name)
    if type(value) is not int:
        raise UnreadableError("bad_integer", f"{name} is not a whole number.")
    return value


def currency(source: Json) -> tuple[str, int]:
    """The currency in capitals and the decimal places of Stripe's integers in it."""
    value = source.get("currency")
    try:
        code = str(value).upper()
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
    number = Decimal(value)
    if not 0 < number < _LARGEST_RATE:
        raise UnreadableError("bad_rate", f"{name} is not a rate.")
    exact = number if -number.as_tuple().exponent <= 10 else _rounded(number)  # type: ignore[operator]  # finite
    return f"{exact:f}"


def _rounded(number: Decimal) -> Decimal:
    return number.quantize(_RATE_STEP, ROUND_HALF_EVEN)
