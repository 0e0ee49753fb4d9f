"""The dashboard's figures as text and lengths: exact, rounded down, leading to their rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecomops.domains.insights.schemas import (
    Arrivals,
    Attention,
    CurrencyDays,
    DayMoney,
    DisputeDue,
    TieOut,
    Untied,
)
from ecomops.domains.tables.schemas import Count
from ecomops.ui.pages.dashboard import money, needs
from ecomops.ui.pages.dashboard.scale import ceiling, compact, length, share, ticks

MINUS = "\N{MINUS SIGN}"
TODAY = date(2026, 11, 27)
DAYS = [TODAY - timedelta(days=number) for number in reversed(range(30))]
NONE = Count(0, False)
TIED = TieOut(tied=3, untied=0, unread=1, untied_first=(), capped=False)
UNTIED = Untied("gid://shopify/ShopifyPaymentsPayout/7", "USD", 1_000_000, 999_900)


def days() -> CurrencyDays:
    """A month of nothing, but for one payment of 12.34 and its fee today."""
    quiet = [DayMoney(day) for day in DAYS[:-1]]
    return CurrencyDays("USD", (*quiet, DayMoney(TODAY, 1, 123_400, 5_900)), 236_000)


def calm(**given: object) -> Attention:
    nothing: dict[str, object] = {
        "today": TODAY, "broken_connections": 0, "failed_jobs": NONE, "rejects": NONE,
        "failed_payouts": NONE, "overdue_payouts": NONE, "disputes": NONE, "disputes_first": (),
    }  # fmt: skip
    return Attention(**(nothing | given))  # type: ignore[arg-type]  # by name, checked when made


@given(st.integers(min_value=1, max_value=2**63))
def test_a_scale_ends_at_a_round_amount_that_is_not_far(largest: int) -> None:
    top = ceiling(largest)
    assert largest <= top <= max(largest * 2, 2)


@pytest.mark.parametrize(
    ("units", "top"),
    [(0, 0), (-5, 0), (1, 1), (10_000, 10_000), (10_001, 15_000), (185_900, 200_000),
     (6_100_000, 8_000_000)],
)  # fmt: skip
def test_the_end_of_a_scale(units: int, top: int) -> None:
    assert ceiling(units) == top


@pytest.mark.parametrize(
    ("units", "text"),
    [(0, "0"), (5_000, "0.5"), (7_500_000, "750"), (10_000_000, "1k"), (125_000_000, "12.5k"),
     (30_000_000_000, "3M"), (25_000_000_000_000, "2.5B")],
)  # fmt: skip
def test_an_amount_on_an_axis_is_short(units: int, text: str) -> None:
    assert compact(units) == text


def test_a_chart_of_nothing_has_only_its_ground() -> None:
    assert [(it.label, it.height) for it in ticks(0)] == [("0", "0%")]


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(1, 1, "100 %"), (999, 1000, "99.9 %"), (9_999, 10_000, "99.9 %"), (0, 5, "0 %"), (1, 0, ""),
     (-29, 1000, f"{MINUS}2.9 %"), (-1, 10_000, "0 %")],
)  # fmt: skip
def test_a_share_is_never_rounded_up_to_all(part: int, whole: int, text: str) -> None:
    assert share(part, whole) == text


def test_what_is_little_can_be_seen_and_what_is_not_cannot() -> None:
    assert (length(1, 10**9), length(0, 10**9), length(-1, 5), length(1, 2)) == (
        "0.8%", "0%", "0%", "50.0%",
    )  # fmt: skip


def test_a_day_leads_to_its_payments_and_fees() -> None:
    *_, today = money.money_days(days())
    assert (today.day, today.volume, today.fees, today.payments) == (
        "27 Nov 2026", "12.34", "0.59", "1 payment",
    )  # fmt: skip
    where = "currency=USD&from=2026-11-27&to=2026-11-27"
    assert today.payments_address == f"/tables/payments?status=completed&{where}"
    assert today.fees_address == f"/tables/fees?{where}"


def test_the_axis_names_today_and_every_seventh_day_before() -> None:
    named = [it.axis for it in money.money_days(days()) if it.axis]
    assert named == ["30 Oct", "6 Nov", "13 Nov", "20 Nov", "27 Nov"]


def test_fees_are_a_share_of_what_was_settled_in_their_currency() -> None:
    _, fees, _ = money.tiles(days(), [], TODAY)
    assert (fees.figure, fees.told) == ("0.59", "2.5 % of settled volume")


def test_a_month_without_volume_has_no_share_of_it() -> None:
    nothing = CurrencyDays("JPY", tuple(DayMoney(day) for day in DAYS))
    volume, fees, coming = money.tiles(nothing, [], TODAY)
    assert (volume.figure, volume.unit, volume.told) == ("0", "JPY", "0 payments")
    assert (fees.figure, fees.told) == ("0", "Nothing settled")
    assert (coming.figure, coming.told) == ("0", "No payout is on its way")
    assert [it.volume_height for it in money.money_days(nothing)] == ["0%"] * 30


def test_payouts_are_told_by_their_fate() -> None:
    found = [
        Arrivals(TODAY, "USD", "completed", 2, 1_500_000),
        Arrivals(TODAY, "USD", "completed", 1, -500_000),
        Arrivals(TODAY, "USD", "failed", 1, 90_000),
        Arrivals(TODAY + timedelta(days=1), "USD", "pending", 1, 40_000),
        Arrivals(TODAY + timedelta(days=3), "USD", "in_transit", 1, 60_000),
    ]
    drawn = money.arrival_days(found, "USD", TODAY)
    (today,) = [it for it in drawn if it.today]
    assert (drawn[0].day, today.axis, drawn[-1].day) == ("7 Nov 2026", "Today", "6 Dec 2026")
    assert [(it.tone, it.payouts, it.amount) for it in today.parts] == [
        ("arrived", "2 payouts", "150.00"),
        ("failed", "1 payout", "9.00"),
        ("drawn", "1 payout", f"{MINUS}50.00"),
    ]
    assert today.address == (
        "/tables/payouts?status=completed&status=failed&currency=USD&arrives_from=2026-11-27"
        "&arrives_to=2026-11-27&sort=arrival_date&dir=desc"
    )
    *_, coming = money.tiles(days(), found, TODAY)
    assert (coming.figure, coming.told) == ("10.00", "2 payouts, next tomorrow")
    assert coming.address.startswith("/tables/payouts?status=pending&status=in_transit&currency=")


def test_where_all_is_well_nobody_is_needed() -> None:
    assert needs.needs_of(calm(), TIED, "UTC") == []
    assert needs.trial_need(None, expired=False, address="/x") == []
    assert needs.trial_need(15, expired=False, address="/x") == []


def test_what_needs_somebody_leads_there_the_most_urgent_first() -> None:
    due = datetime(2026, 11, 29, 23, 59, tzinfo=UTC)
    told = needs.needs_of(
        calm(
            broken_connections=1,
            failed_jobs=Count(2, False),
            rejects=Count(10_000, True),
            failed_payouts=Count(1, False),
            overdue_payouts=Count(3, False),
            disputes=Count(4, False),
            disputes_first=(
                DisputeDue("dp_1", "USD", 200_000, due),
                DisputeDue("dp_2", "USD", 1, due - timedelta(days=5)),
                DisputeDue("dp_3", "USD", 1, None),
            ),
        ),
        TieOut(9, 1, 0, (UNTIED,), False),
        "Europe/Berlin",
    )
    assert [(it.tone, it.title, it.address) for it in told] == [
        ("red", "1 connection needs attention", "/connections"),
        ("red", "2 jobs failed", "/jobs"),
        ("amber", "Dispute of 20.00 USD", "/tables/disputes?q=dp_1"),
        ("red", "Dispute of 0.0001 USD", "/tables/disputes?q=dp_2"),
        ("amber", "Dispute of 0.0001 USD", "/tables/disputes?q=dp_3"),
        ("amber", "1 more dispute",
         "/tables/disputes?status=needs_response&sort=evidence_due_at&dir=asc"),
        ("red", "1 payout does not tie out",
         "/tables/payouts?arrives_from=2026-10-29&ties=untied&sort=arrival_date&dir=desc"),
        ("red", "1 payout failed", "/tables/payouts?status=failed&from=2026-10-29"),
        ("amber", "3 payouts are late",
         "/tables/payouts?status=pending&status=in_transit&arrives_to=2026-11-26"
         "&sort=arrival_date&dir=asc"),
        ("amber", "10,000+ records could not be read", "/jobs/rejects"),
    ]  # fmt: skip
    assert [it.told for it in told if it.title.startswith("Dispute")] == [
        "Answer by 30 Nov 2026, 00:59 CET",
        "The evidence was due by 25 Nov 2026, 00:59 CET",
        "Answer soon",
    ]


@pytest.mark.parametrize(
    ("left", "expired", "title"),
    [(14, False, "Your trial ends in 14 days"), (1, False, "Your trial ends in 1 day"),
     (0, False, "Your trial ends today"), (0, True, "Your trial has ended")],
)  # fmt: skip
def test_a_trial_that_ends_soon_is_told(left: int, expired: bool, title: str) -> None:
    (told,) = needs.trial_need(left, expired=expired, address="")
    assert told.title == title


def test_a_payout_that_does_not_tie_is_told_with_what_is_missing() -> None:
    ties = TieOut(999, 1, 2, (UNTIED,), False)
    (told,) = needs.differences_of(ties)
    assert (told.payout, told.amount, told.lines, told.difference) == (
        "7", "100.00 USD", "99.99", f"{MINUS}0.01 USD",
    )  # fmt: skip
    tile = needs.tie_tile(ties, TODAY)
    assert (tile.figure, tile.told, tile.tone) == ("99.9 %", "999 of 1,000 payouts", "bad")
    assert [(it.words, it.payouts) for it in needs.verdicts_of(ties, TODAY)] == [
        ("Tie out", "999"), ("Do not tie out", "1"), ("Lines not read yet", "2"),
    ]  # fmt: skip


def test_before_any_lines_are_read_nothing_is_claimed() -> None:
    tile = needs.tie_tile(TieOut(0, 0, 4, (), False), TODAY)
    assert (tile.figure, tile.tone, tile.address) == ("\N{EN DASH}", "", "")
