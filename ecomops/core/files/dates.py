"""Dates as people write them: the order of day and month is one for the whole file."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final

from ecomops.core.files.numbers import AmbiguousError

ORDERS: Final = {
    "ymd": "Year first (2026-12-31)",
    "dmy": "Day first (31/12/2026)",
    "mdy": "Month first (12/31/2026)",
}
AMBIGUOUS = "Dates such as {!r} can be read in two ways. Choose whether the day comes first."
MIXED = "{!r} has its day first and {!r} its month. Make them alike."

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun",
                  "jul", "aug", "sep", "oct", "nov", "dec")  # fmt: skip
_TIME = (
    r"(?:(?:T|,?\s+)(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]+)?)?"
    r"\s*+(?P<half>[AaPp][Mm])?\s*+(?P<zone>Z|UTC|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_YMD = re.compile(rf"(?P<y>[0-9]{{4}})([-/.])(?P<m>[0-9]{{1,2}})\2(?P<d>[0-9]{{1,2}}){_TIME}")
_COMPACT = re.compile(r"(?P<y>(?:19|20)[0-9]{2})(?P<m>[0-9]{2})(?P<d>[0-9]{2})")
_NUMERIC = re.compile(
    rf"(?P<a>[0-9]{{1,2}})([-/.])(?P<b>[0-9]{{1,2}})\2(?P<y>[0-9]{{4}}|[0-9]{{2}}){_TIME}"
)
_NAMED = (
    re.compile(rf"(?P<d>[0-9]{{1,2}})[-\s.]+(?P<m>[A-Za-z]{{3,9}})[-\s.,]+"
               rf"(?P<y>[0-9]{{4}}|[0-9]{{2}}){_TIME}"),
    re.compile(rf"(?P<m>[A-Za-z]{{3,9}})\.?\s+(?P<d>[0-9]{{1,2}}),?\s+(?P<y>[0-9]{{4}}){_TIME}"),
)  # fmt: skip
_UNAMBIGUOUS = (_YMD, _COMPACT, *_NAMED)


def looks_like_day(text: str) -> bool:
    """Whether a cell holds a date, however it is written."""
    return any(pattern.fullmatch(text) for pattern in (*_UNAMBIGUOUS, _NUMERIC))


def order_of(cells: Iterable[str]) -> str:
    """A key of ORDERS for whole columns; ``ymd`` where no cell asks.

    Raises AmbiguousError when it cannot be told.
    """
    only: dict[str, str] = {}
    unclear = any_order = ""
    for cell in cells:
        found = _NUMERIC.fullmatch(cell)
        if found is None or _COMPACT.fullmatch(cell):
            continue
        first, second = int(found["a"]), int(found["b"])
        if first > 12 or second > 12:
            only.setdefault("dmy" if first > 12 else "mdy", cell)
        elif first != second:
            unclear = unclear or cell
        else:
            any_order = cell
    if len(only) > 1:
        raise AmbiguousError(MIXED.format(only["dmy"], only["mdy"]))
    if not only and unclear:
        raise AmbiguousError(AMBIGUOUS.format(unclear))
    return next(iter(only), "dmy" if any_order else "ymd")


@lru_cache(maxsize=20_000)
def parse_day(text: str, order: str) -> date:
    """The date as it is written, whatever time stands beside it. Raises ValueError."""
    return _read(text, order)[0]


@lru_cache(maxsize=20_000)
def parse_moment(text: str, order: str, zone: tzinfo = UTC) -> datetime:
    """The moment, in UTC; a time without an offset is of ``zone``. Raises ValueError."""
    day, clock, offset = _read(text, order)
    return datetime.combine(day, clock, offset or zone).astimezone(UTC)


def _read(text: str, order: str) -> tuple[date, time, tzinfo | None]:
    for pattern in (*_UNAMBIGUOUS, _NUMERIC):
        found = pattern.fullmatch(text)
        if found is not None:
            parts = found.groupdict()
            return _day(parts, order), _clock(parts), _offset(parts.get("zone"))
    raise ValueError("This is no date.")


def _day(parts: dict[str, str], order: str) -> date:
    year = int(parts["y"]) + (2000 if len(parts["y"]) == 2 else 0)
    if "a" in parts and order == "ymd":
        raise ValueError("This date does not begin with its year.")
    if "a" in parts:
        day, month = (parts["a"], parts["b"]) if order == "dmy" else (parts["b"], parts["a"])
    else:
        day, month = parts["d"], parts["m"]
    try:
        found = date(year, _month(month), int(day))
    except ValueError:
        raise ValueError("There is no such day.") from None
    if not 1990 <= found.year <= 2100:
        raise ValueError("This date is not of our time.")
    return found


def _month(text: str) -> int:
    return int(text) if text.isdigit() else _MONTHS.index(text[:3].lower()) + 1


def _clock(parts: dict[str, str]) -> time:
    hour, half = int(parts.get("hour") or 0), (parts.get("half") or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        return time(hour, int(parts.get("minute") or 0), int(parts.get("second") or 0))
    except ValueError:
        raise ValueError("There is no such time.") from None


def _offset(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text in ("Z", "UTC"):
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    if minutes > 14 * 60:
        raise ValueError("There is no such offset from UTC.")
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
