"""The time zones that a workspace may be in."""

from functools import cache
from zoneinfo import available_timezones

_REGIONS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
            "Indian", "Pacific")  # fmt: skip


@cache
def zones() -> tuple[str, ...]:
    """Names of IANA zones by place, as ``Europe/Berlin``, and UTC before them."""
    places = (name for name in available_timezones() if name.partition("/")[0] in _REGIONS)
    return ("UTC", *sorted(places))
