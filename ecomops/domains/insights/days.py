"""The days that the dashboard tells of, as the workspace counts them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from ecomops.domains.freshness.schedules import zone_of

DAYS = 30
AHEAD = 9
"""Days after today on which payouts are expected."""


@dataclass(frozen=True, slots=True)
class Window:
    """The last thirty days of a workspace, today the last."""

    today: date
    zone: ZoneInfo

    @property
    def first(self) -> date:
        return self.today - timedelta(days=DAYS - 1)

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(_from(self.first, DAYS))

    @property
    def bounds(self) -> dict[str, Any]:
        """The midnights around each day, and the first and last of them, for a statement."""
        midnights = [
            datetime.combine(day, time(), self.zone) for day in _from(self.first, DAYS + 1)
        ]
        return {"midnights": midnights, "begin": midnights[0], "end": midnights[-1]}


def window(session: Session, today: date | None) -> Window:
    """The thirty days until ``today``, or until the day it is in the workspace now."""
    zone = zone_of(session)
    return Window(today or datetime.now(UTC).astimezone(zone).date(), zone)


def _from(first: date, count: int) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range(count))
