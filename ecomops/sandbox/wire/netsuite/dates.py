"""Dates as SQL holds them here: marked text that sorts, in Oracle's precision of a second.

The mark keeps a date apart from text that looks like one, so that an answer shows dates in the
account's format and leaves the text of TO_CHAR alone. Instants are UTC.
"""

import re
from datetime import UTC, date, datetime

_MARK = "\x02"
_HELD = re.compile(_MARK + r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")
_ISO = "%Y-%m-%d %H:%M:%S"
ACCOUNT_FORMAT = "MM/DD/YYYY"
_PARTS = {
    "YYYY": "%Y", "MM": "%m", "DD": "%d", "HH24": "%H", "HH": "%I", "HH12": "%I", "MI": "%M",
    "SS": "%S", "AM": "%p", "PM": "%p", "MON": "%b", "MONTH": "%B", "YY": "%y", "DAY": "%A",
}  # fmt: skip
_PART = re.compile(r'"([^"]*)"|' + "|".join(sorted(_PARTS, key=len, reverse=True)), re.IGNORECASE)
_OTHER = re.compile(r"[-/:., T]*")


def held(moment: datetime | date) -> str:
    """The marked text of a date or an instant."""
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)
    return _MARK + moment.strftime(_ISO)


def held_instant(seconds: int) -> str:
    """The marked text of Unix seconds."""
    return held(datetime.fromtimestamp(seconds, UTC))


def is_held(value: object) -> bool:
    return isinstance(value, str) and _HELD.fullmatch(value) is not None


def shown(value: str, pattern: str = ACCOUNT_FORMAT) -> str:
    """A marked date in an Oracle pattern. Raises ValueError for a pattern that is none."""
    return datetime.strptime(value[1:], _ISO).strftime(c_pattern(pattern))


def read(text: str, pattern: str) -> str:
    """The marked date that a text is in an Oracle pattern. Raises ValueError."""
    return held(datetime.strptime(text, c_pattern(pattern)))


def truncated(value: str) -> str:
    return value[:11] + " 00:00:00"


def c_pattern(pattern: str) -> str:
    """An Oracle date pattern in the words of strftime. Raises ValueError."""
    made, end = "", 0
    for part in _PART.finditer(pattern):
        made += _between(pattern[end : part.start()])
        made += part[1] if part[1] is not None else _PARTS[part[0].upper()]
        end = part.end()
    return made + _between(pattern[end:])


def _between(text: str) -> str:
    if not _OTHER.fullmatch(text):
        raise ValueError("ORA-01821: date format not recognized")
    return text
