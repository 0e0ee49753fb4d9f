"""A workspace's days as spans of UTC."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Nothing lies outside the days next to the calendar's ends, whose midnights may not exist.
FIRST_DAY, LAST_DAY = date.min + timedelta(days=1), date.max - timedelta(days=2)


def span(
    first: date | None, last: date | None, zone: ZoneInfo
) -> tuple[datetime | None, datetime | None]:
    """From when, included, to when, excluded, these days last; None: without an end."""
    begins = _midnight(first, zone) if first and first > FIRST_DAY else None
    ends = _midnight(last + timedelta(days=1), zone) if last and last < LAST_DAY else None
    return begins, ends


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
