"""Schedules: when they are due around changes of the clocks, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ecomops.core.schedules import freshness, in_words, last_run, next_run, problem_of

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "zone", "after", "due"),
    [
        ("0 6 * * *", BERLIN, "2026-11-20T12:00", "2026-11-21T05:00"),
        ("0 6 * * *", BERLIN, "2026-07-20T12:00", "2026-07-21T04:00"),
        ("0 6 * * 1", NEW_YORK, "2026-11-20T12:00", "2026-11-23T11:00"),
        # 02:30 is skipped on the last Sunday of March: it is run right after.
        ("30 2 * * *", BERLIN, "2027-03-27T12:00", "2027-03-28T01:00"),
        # 02:30 comes twice on the last Sunday of October: it is run once.
        ("30 2 * * *", BERLIN, "2026-10-24T12:00", "2026-10-25T00:30"),
        ("30 2 * * *", BERLIN, "2026-10-25T00:31", "2026-10-26T01:30"),
        ("0 0 29 2 *", BERLIN, "2026-11-20T12:00", "2028-02-28T23:00"),
    ],
)
def test_next_run(cron: str, zone: ZoneInfo, after: str, due: str) -> None:
    assert next_run(cron, zone, at(after)) == at(due)


def test_last_run() -> None:
    assert last_run("0 6 * * *", BERLIN, NOW) == at("2026-11-20T05:00")


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("", "five fields"),
        ("every day", "five fields"),
        ("61 * * * *", "five fields"),
        ("* * * * *", "5 minutes"),
        ("0,3 6 * * *", "5 minutes"),
        ("0 0 31 2 *", "five fields"),
        ("0 6 * * * *", "five fields"),
    ],
)
def test_what_is_refused(cron: str, said: str) -> None:
    problem = problem_of(cron, BERLIN, NOW)
    assert problem is not None
    assert said in problem


@pytest.mark.parametrize("cron", ["0 6 * * *", "*/5 * * * *", "15 */4 * * 1-5", "0 9,17 * * MON"])
def test_what_is_fine(cron: str) -> None:
    assert problem_of(cron, BERLIN, NOW) is None


def test_words() -> None:
    assert in_words("0 6 * * *") == "At 06:00"
    assert in_words("*/15 * * * *") == "Every 15 minutes"
    assert "Monday through Friday" in in_words("30 18 * * 1-5")


@pytest.mark.parametrize(
    ("last", "expected", "broken", "state"),
    [
        (None, None, False, "never"),
        (None, None, True, "broken"),
        (1, None, False, "fresh"),
        (25, None, False, "late"),
        (3, 2, False, "late"),
        (1, 2, False, "fresh"),
        (3, 0.25, False, "fresh"),
        (1, 2, True, "broken"),
    ],
)
def test_freshness(last: float | None, expected: float | None, broken: bool, state: str) -> None:
    """Hours before now of the last sync and of the schedule's last time."""

    def ago(hours: float | None) -> datetime | None:
        return None if hours is None else NOW - timedelta(hours=hours)

    assert freshness(ago(last), ago(expected), broken, NOW) == state
