"""How values are written on screen."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ecomops.ui import format as f

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_a_moment_is_in_the_workspaces_zone_and_names_it() -> None:
    winter = datetime(2026, 2, 16, 13, 3, tzinfo=UTC)
    assert f.moment(winter, "Europe/Berlin") == "16 Feb 2026, 14:03 CET"
    assert f.moment(winter, "UTC") == "16 Feb 2026, 13:03 UTC"


def test_a_zone_without_a_name_is_told_by_its_offset() -> None:
    instant = datetime(2026, 2, 16, 1, 30, tzinfo=UTC)
    assert f.moment(instant, "America/Sao_Paulo") == "15 Feb 2026, 22:30 UTC−03"  # noqa: RUF001


def test_a_moment_across_the_clock_change() -> None:
    before = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
    assert f.moment(before, "Europe/Berlin") == "29 Mar 2026, 01:59 CET"
    assert f.moment(before + timedelta(minutes=1), "Europe/Berlin") == "29 Mar 2026, 03:00 CEST"


def test_a_day_has_no_leading_zero() -> None:
    assert f.day(date(2026, 2, 6)) == "6 Feb 2026"


@pytest.mark.parametrize(
    ("units", "currency", "shown"),
    [
        (-12_345_000, "USD", "−1,234.50"),  # noqa: RUF001
        (12_000_000, "JPY", "1,200"),
        (12_340, "KWD", "1.234"),
        (0, "EUR", "0.00"),
    ],
)
def test_money_has_the_places_of_its_currency(units: int, currency: str, shown: str) -> None:
    assert f.amount(units, currency) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-3, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (3_599, "59 minutes ago"),
        (3_600, "1 hour ago"),
        (86_399, "23 hours ago"),
        (86_400, "yesterday"),
        (6 * 86_400, "6 days ago"),
        (7 * 86_400, "13 Nov 2026"),
    ],
)
def test_how_long_ago(seconds: int, shown: str) -> None:
    assert f.ago(NOW - timedelta(seconds=seconds), NOW) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (125, "2 min 5 s"),
        (3_600, "1 h"),
        (3_780, "1 h 3 min"),
    ],
)
def test_durations(seconds: int, shown: str) -> None:
    assert f.duration(seconds) == shown


def test_a_capped_count_says_so() -> None:
    assert f.capped(10_000, True) == "10,000+"
    assert f.capped(9_999, False) == "9,999"


def test_one_is_singular() -> None:
    assert [f.counted(n, "row") for n in (0, 1, 1_204)] == ["0 rows", "1 row", "1,204 rows"]


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("in_transit", "In transit"),
        ("completed", "Completed"),
        ("netsuite_transactions", "NetSuite transactions"),
        ("", ""),
    ],
)
def test_codes_become_words(code: str, shown: str) -> None:
    assert f.words(code) == shown


@pytest.mark.parametrize(
    ("plan", "left", "expired", "shown"),
    [
        ("trial", 46, False, "Trial · 46 days left"),
        ("trial", 1, False, "Trial · 1 day left"),
        ("trial", 0, False, "Trial · ends today"),
        ("trial", 0, True, "Trial ended · read-only"),
        ("pro", None, False, "Pro"),
    ],
)
def test_the_plan_line(plan: str, left: int | None, expired: bool, shown: str) -> None:
    assert f.plan_line(plan, left, expired) == shown


def test_the_initial_of_a_workspace() -> None:
    assert [f.initial(name) for name in ("acme goods", "  élan", "")] == ["A", "É", ""]
