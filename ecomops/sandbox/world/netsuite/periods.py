"""Accounting periods: years, quarters and months, some of them closed or locked."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

_FIRST_YEAR = 2010
_PER_YEAR = 20
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class Period(NamedTuple):
    """``kind`` is year, quarter, month or adjustment; the days are both within."""

    id: int
    name: str
    kind: str
    start: date
    end: date
    parent: int | None
    closed: bool
    locked: bool

    @property
    def is_open(self) -> bool:
        return not self.closed and not self.locked


def month_id(day: date) -> int:
    """The id of the month that holds a day; the same in every world."""
    return _year_id(day.year) + 4 + day.month


def periods(first: date, today: date) -> Iterator[Period]:
    """All periods from the year before ``first`` to the one after ``today``."""
    for year in range(first.year - 1, today.year + 2):
        yield from _year(year, today)


def _year_id(year: int) -> int:
    return 100 + (year - _FIRST_YEAR) * _PER_YEAR


def _year(year: int, today: date) -> Iterator[Period]:
    start, end, id = date(year, 1, 1), date(year, 12, 31), _year_id(year)
    yield Period(id, f"FY {year}", "year", start, end, None, *_state(end, today))
    for quarter in range(4):
        first, last = date(year, 3 * quarter + 1, 1), _last_day(year, 3 * quarter + 3)
        name = f"Q{quarter + 1} {year}"
        yield Period(id + 1 + quarter, name, "quarter", first, last, id, *_state(last, today))
        for month in range(3 * quarter + 1, 3 * quarter + 4):
            first, last = date(year, month, 1), _last_day(year, month)
            name = f"{_MONTHS[month - 1]} {year}"
            state = _state(last, today)
            yield Period(id + 4 + month, name, "month", first, last, id + 1 + quarter, *state)
    name = f"Adjustment {year}"
    yield Period(id + 17, name, "adjustment", end, end, id + 4, *_state(end, today))


def _state(end: date, today: date) -> tuple[bool, bool]:
    """(closed, locked): the month before this one is locked but not closed yet, earlier ones are
    both, and a quarter or year is as its last month."""
    this_month = today.replace(day=1)
    if end >= this_month:
        return False, False
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    return end < last_month, True


def _last_day(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)
