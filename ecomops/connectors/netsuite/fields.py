"""Strict readers of one column of a SuiteQL row, beside those for any JSON.

Whatever is not as documented is refused: all raise UnreadableError. A column that is NULL is left
out of its row. Numbers and ids come as text, truth values as 'T' or 'F', dates as the query's
TO_CHAR wrote them.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, TypeGuard

from ecomops.connectors.fields import UnreadableError, rate_text, text
from ecomops.core.money import AmountRangeError, UnknownCurrencyError, exponent_of, from_decimal

Row = Mapping[str, Any]

DATE: Final = "YYYY-MM-DD"
TIME: Final = 'YYYY-MM-DD"T"HH24:MI:SS'
"""The formats of Oracle's TO_CHAR that ``day`` and ``moment`` read."""

_ID = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,2})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")
_YEARS = range(1900, 2200)


def valid_id(value: object) -> TypeGuard[str]:
    """Whether ``value`` is an internal id as SuiteQL tells it: a whole number as text."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def identifier(row: Row, name: str = "id") -> str:
    """An internal id that must be there."""
    value = row.get(name)
    if not valid_id(value):
        raise UnreadableError("bad_id", f"{name} is not an internal id.")
    return value


def reference(row: Row, name: str) -> str | None:
    """The internal id of another record."""
    return None if row.get(name) in (None, "") else identifier(row, name)


def flag(row: Row, name: str) -> bool:
    """A truth value that must be there."""
    value = row.get(name)
    if value not in ("T", "F"):
        raise UnreadableError("bad_flag", f"{name} is neither 'T' nor 'F'.")
    return bool(value == "T")


def optional_currency(row: Row, name: str) -> str | None:
    """The symbol of a currency, where it is an ISO 4217 code: people may write what they like."""
    value = text(row, name)
    try:
        exponent_of(value or "")
    except UnknownCurrencyError:
        return None
    return value


def currency(row: Row, name: str) -> str:
    """The ISO 4217 code of a currency that must be there."""
    code = optional_currency(row, name)
    if code is None:
        said = str(row.get(name))[:20]
        raise UnreadableError("unknown_currency", f"{name} {said!r} is not an ISO 4217 code.")
    return code


def amount(row: Row, name: str) -> int | None:
    """Units of an amount in major units. Never finer than a unit: that would be rounding."""
    number = _number(row, name, "bad_amount")
    if number is None:
        return None
    try:
        return from_decimal(number)
    except AmountRangeError as error:
        raise UnreadableError("amount_out_of_range", f"{name}: {error}") from None


def rate(row: Row, name: str) -> str | None:
    """An exchange rate as decimal text, rounded half-even where it has more than ten places."""
    number = _number(row, name, "bad_rate")
    return None if number is None else rate_text(number, name)


def day(row: Row, name: str) -> date:
    """A date that must be there; it has no time zone."""
    value = row.get(name)
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            found = date.fromisoformat(value)
            if found.year in _YEARS:
                return found
    except ValueError:
        pass
    raise UnreadableError("bad_date", f"{name} is not a date such as 2026-10-31.")


def moment(row: Row, name: str) -> datetime:
    """A time that must be there, taken as UTC."""
    value = row.get(name)
    if not plausible_moment(value):
        raise UnreadableError("bad_time", f"{name} is not a time such as 2026-10-31T09:30:00.")
    return datetime.fromisoformat(value).replace(tzinfo=UTC)


def optional_moment(row: Row, name: str) -> datetime | None:
    """A time that may be missing."""
    return None if row.get(name) in (None, "") else moment(row, name)


def plausible_moment(value: object) -> TypeGuard[str]:
    """Whether ``value`` is a time as ``TIME`` writes it."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return False
    try:
        return datetime.fromisoformat(value).year in _YEARS
    except ValueError:
        return False


def _number(row: Row, name: str, code: str) -> Decimal | None:
    value = row.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value)
    if isinstance(value, Decimal) or type(value) is int:
        return Decimal(value)
    raise UnreadableError(code, f"{name} is not a number.")
