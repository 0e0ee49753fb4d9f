"""How values are written on screen. Pure: what depends on the clock is given the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from ecomops.core import money

_ACRONYMS = {"api": "API", "csv": "CSV", "id": "ID", "netsuite": "NetSuite"}
_MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# By hand: a page of a table holds hundreds of times, and strftime is several times slower.
_BYTES = ("kB", "MB", "GB", "TB")
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def number(value: int) -> str:
    """Thousands separated, with a true minus sign: ``21,400``."""
    return f"{value:,}".replace("-", "\N{MINUS SIGN}")


def counted(value: int, noun: str) -> str:
    """``1 row``, ``21,400 rows``; for nouns whose plural ends in s."""
    return f"{number(value)} {noun}" if value == 1 else f"{number(value)} {noun}s"


def capped(value: int, is_capped: bool) -> str:
    """A count that stopped counting at ``value`` says so: ``10,000+``."""
    return f"{number(value)}+" if is_capped else number(value)


def amount(units: int, currency: str) -> str:
    """Money in units of ten-thousandths, with the currency's places and a true minus sign."""
    return money.display(units, currency)


def day(value: date) -> str:
    """``16 Feb 2026``."""
    return f"{value.day} {_MONTHS[value.month]} {value.year}"


def days(first: date | None, last: date | None) -> str:
    """The days in the shortest words; one end may be open."""
    if first and last:
        return _span(first, last)
    return f"From {day(first)}" if first else f"Until {day(last)}" if last else ""


def _span(first: date, last: date) -> str:
    dash = "\N{EN DASH}"
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}{dash}{day(last)}"
    start = f"{first.day} {first:%b}" if first.year == last.year else day(first)
    return f"{start} {dash} {day(last)}"


@lru_cache(1_000)
def moment(value: datetime, zone: str) -> str:
    """A time of UTC in the workspace's zone, with its name: ``16 Feb 2026, 14:03 CET``."""
    local = value.astimezone(ZoneInfo(zone))
    return f"{day(local)}, {local.hour:02}:{local.minute:02} {_zone_name(local)}"


def moment_to_the_second(value: datetime, zone: str) -> str:
    """As ``moment``, where the order of things matters: ``16 Feb 2026, 14:03:27 CET``."""
    local = value.astimezone(ZoneInfo(zone))
    return f"{day(local)}, {local:%H:%M:%S} {_zone_name(local)}"


def _zone_name(local: datetime) -> str:
    name = local.tzname() or ""
    return f"UTC{name}".replace("-", "\N{MINUS SIGN}") if name[:1] in "+-" else name


def ago(value: datetime, now: datetime) -> str:
    """``just now``, ``5 minutes ago``, ``yesterday``, and from a week on the date (of UTC)."""
    seconds = (now - value).total_seconds()
    if seconds < _MINUTE:
        return "just now"
    for limit, size, noun in ((_HOUR, _MINUTE, "minute"), (_DAY, _HOUR, "hour")):
        if seconds < limit:
            return f"{counted(int(seconds // size), noun)} ago"
    days = int(seconds // _DAY)
    if days < 7:
        return "yesterday" if days == 1 else f"{days} days ago"
    return day(value.astimezone(UTC))


def size(count: int) -> str:
    """Bytes as people write them: ``512 bytes``, ``1.4 MB``."""
    if count < 1_000:
        return counted(count, "byte")
    power = min((len(str(count)) - 1) // 3, len(_BYTES))
    tenths = count * 10 // 1_000**power
    figure = f"{tenths // 10}.{tenths % 10}" if tenths < 100 else number(tenths // 10)
    return f"{figure} {_BYTES[power - 1]}"


def duration(seconds: int) -> str:
    """``4 s``, ``2 min 5 s``, ``1 h 3 min``."""
    if seconds < _MINUTE:
        return f"{max(seconds, 0)} s"
    if seconds < _HOUR:
        minutes, rest = divmod(seconds, _MINUTE)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, rest = divmod(seconds, _HOUR)
    return f"{hours} h {rest // _MINUTE} min" if rest >= _MINUTE else f"{hours} h"


@lru_cache(1_000)
def words(code: str) -> str:
    """A status or kind as words: ``in_transit`` is ``In transit``."""
    parts = [_ACRONYMS.get(part, part) for part in code.split("_")]
    text = " ".join(parts)
    return text[:1].upper() + text[1:]


def lowered(text: str) -> str:
    """The text as it stands within a sentence."""
    return text[:1].lower() + text[1:]


def initial(name: str) -> str:
    """The first letter of a name, as a capital; nothing for no name."""
    return name.strip()[:1].upper()


def plan_line(plan: str, trial_days_left: int | None, expired: bool) -> str:
    """What stands below the workspace's name: ``Trial · 46 days left``."""
    if plan != "trial" or trial_days_left is None:
        return words(plan)
    if expired:
        return "Trial ended · read-only"
    if trial_days_left == 0:
        return "Trial · ends today"
    return f"Trial · {counted(trial_days_left, 'day')} left"
