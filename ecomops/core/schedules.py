"""Cron schedules in a time zone: whether they can be, when they are due, and how they read.

Five fields as in cron(5). Around a change of the clocks a time that is skipped is run right after
it, and one that comes twice is run once, as Debian's cron does.
"""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from cron_descriptor import CasingTypeEnum, ExpressionDescriptor, Options
from cronsim import CronSim, CronSimError

CLOSEST = timedelta(minutes=5)
LATE_AFTER = timedelta(minutes=30)
UNSCHEDULED_LATE_AFTER = timedelta(days=1)
_LOOKED_AT = 200
_HOW = (
    "Use five fields, each within its range: minute, hour, day of month, month, day of week. "
    "Try 0 6 * * *."
)

Freshness = Literal["never", "fresh", "late", "broken"]


def problem_of(cron: str, zone: ZoneInfo, now: datetime) -> str | None:
    """What is wrong with a schedule, for the person who typed it; None if nothing is."""
    try:
        fields, runs = cron.split(), list(islice(CronSim(cron, now.astimezone(zone)), _LOOKED_AT))
    except CronSimError:
        return _HOW
    if len(fields) != 5:
        return _HOW
    if any(later - earlier < CLOSEST for earlier, later in pairwise(map(_utc, runs))):
        return "Leave at least 5 minutes between two syncs."
    return None


def next_run(cron: str, zone: ZoneInfo, after: datetime) -> datetime:
    """The first time of a schedule after an instant, in UTC. Raises ValueError if none comes."""
    try:
        return _utc(next(CronSim(cron, after.astimezone(zone))))
    except (CronSimError, StopIteration) as error:
        raise ValueError(f"The schedule {cron!r} never comes.") from error


def last_run(cron: str, zone: ZoneInfo, before: datetime) -> datetime:
    """The last time of a schedule before an instant, in UTC. Raises ValueError as ``next_run``."""
    try:
        return _utc(next(CronSim(cron, before.astimezone(zone), reverse=True)))
    except (CronSimError, StopIteration) as error:
        raise ValueError(f"The schedule {cron!r} never came.") from error


def in_words(cron: str) -> str:
    """``0 6 * * *`` reads: At 06:00."""
    options = Options()
    options.use_24hour_time_format = True
    options.casing_type = CasingTypeEnum.Sentence
    return str(ExpressionDescriptor(cron, options).get_description())


def freshness(
    last_sync: datetime | None, expected: datetime | None, broken: bool, now: datetime
) -> Freshness:
    """How well a connection keeps up. ``expected``: the schedule's last time, None without one."""
    if broken:
        return "broken"
    if last_sync is None:
        return "never"
    if expected is None:
        return "late" if now - last_sync > UNSCHEDULED_LATE_AFTER else "fresh"
    overdue = last_sync < expected and now - expected > LATE_AFTER
    return "late" if overdue else "fresh"


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
