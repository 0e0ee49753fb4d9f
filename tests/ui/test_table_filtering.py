"""The filters of a table's page: read from a form, shown as chips."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from ecomops.ui.pages.tables.address import View, page_address
from ecomops.ui.pages.tables.filtering import Choice, chips, form_of, presets, read_form

ONE = UUID("01890000-0000-7000-8000-000000000001")
PLAIN = View("payouts", sort="amount", cursor="here", row=ONE, cols="source_id-p.-source")
FIRST = replace(PLAIN, cursor=None, row=None)


def test_the_form_is_read_and_leads_to_the_first_page() -> None:
    form = {
        "status:failed": True, "source:stripe": True, "currency": "eur, usd EUR",
        "connection": str(ONE), "from": "2026-01-01", "to": "2026-01-31",
        "min": "1,250.50", "max": " 2000 ", "q": " po_1 ",
    }  # fmt: skip
    assert read_form(PLAIN, form) == (
        replace(
            FIRST,
            status=("failed",),
            source=("stripe",),
            currency=("EUR", "USD"),
            connection=ONE,
            date_from=date(2026, 1, 1),
            date_to=date(2026, 1, 31),
            amount_min=Decimal("1250.50"),
            amount_max=Decimal(2000),
            search="po_1",
        ),
        {},
    )


def test_of_payouts_arrival_and_tie_out_are_read_and_shown() -> None:
    form = {"arrives_from": "2026-01-01", "arrives_to": "2026-01-31", "ties": "untied"}
    found, wrong = read_form(PLAIN, form)
    days = (date(2026, 1, 1), date(2026, 1, 31))
    assert (found.arrives_from, found.arrives_to, found.ties, wrong) == (*days, "untied", {})
    shown = form_of(found)
    assert {name: getattr(shown, name) for name in form} == form
    assert read_form(PLAIN, {"arrives_to": "soon", "ties": "perhaps"}) == (
        FIRST,
        {"arrives_to": "Enter a day."},
    )
    assert read_form(View("payments"), form) == (View("payments"), {})


def test_an_empty_form_takes_all_filters_away() -> None:
    filtered = replace(
        PLAIN, status=("failed",), amount_min=Decimal(1), search="x", ties="tied",
        arrives_to=date(2026, 1, 31),
    )  # fmt: skip
    assert read_form(filtered, {}) == (FIRST, {})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1250.5", "1250.5"),
        ("1,250,000", "1250000"),
        ("-3", "-3"),
        ("−3", "-3"),  # noqa: RUF001
        ("1 000", "1000"),
        ("1.250,50", None),
        ("1,25", None),
        ("12,34,567", None),
        ("1e3", None),
        ("a lot", None),
        ("9" * 40, None),
    ],
)
def test_an_amount_is_read_exactly_or_not_at_all(typed: str, meant: str | None) -> None:
    view, wrong = read_form(PLAIN, {"min": typed})
    assert view.amount_min == (None if meant is None else Decimal(meant))
    assert list(wrong) == ([] if meant else ["min"])


def test_what_cannot_be_read_is_told_by_field() -> None:
    _, wrong = read_form(PLAIN, {"from": "soon", "connection": "all", "max": "-"})
    assert sorted(wrong) == ["connection", "from", "max"]


def test_the_form_shows_what_is_on() -> None:
    view = View("payouts", ("failed",), ("shopify",), ("EUR", "JPY"), amount_max=Decimal("10.50"))
    form = form_of(view)
    assert [choice.value for choice in form.statuses if choice.chosen] == ["failed"]
    assert form.sources == [
        Choice("stripe", "Stripe", False), Choice("shopify", "Shopify", True),
    ]  # fmt: skip
    assert (form.currency, form.amount_min, form.amount_max) == ("EUR, JPY", "", "10.50")


def test_each_chip_leads_to_the_screen_without_it() -> None:
    view = replace(
        PLAIN,
        status=("failed", "in_transit"),
        source=("stripe",),
        connection=ONE,
        date_from=date(2026, 1, 1),
        amount_min=Decimal("-1250.5"),
        amount_max=Decimal(2000),
        search="po_1",
    )
    first = replace(view, cursor=None, row=None)
    without = {
        "Failed": replace(first, status=("in_transit",)),
        "In transit": replace(first, status=("failed",)),
        "Stripe": replace(first, source=()),
        "Main": replace(first, connection=None),
        "From 1 Jan 2026": replace(first, date_from=None),
        "Amount −1,250.5 to 2,000": replace(first, amount_min=None, amount_max=None),  # noqa: RUF001
        "ID po_1": replace(first, search=""),
    }
    assert {chip.text: chip.without for chip in chips(view, {ONE: "Main"})} == {
        text: page_address(screen) for text, screen in without.items()
    }


def test_a_connection_that_is_not_known_is_a_chip_all_the_same() -> None:
    [chip] = chips(View("payouts", connection=ONE), {})
    assert (chip.text, chip.without) == ("One connection", "/tables/payouts")


@pytest.mark.parametrize(
    ("today", "spans"),
    [
        (
            date(2026, 2, 16),
            ["2026-02-16 2026-02-16", "2026-02-10 2026-02-16", "2026-02-01 2026-02-16",
             "2026-01-01 2026-01-31", "2026-01-01 2026-02-16"],
        ),
        (
            date(2026, 1, 1),
            ["2026-01-01 2026-01-01", "2025-12-26 2026-01-01", "2026-01-01 2026-01-01",
             "2025-12-01 2025-12-31", "2026-01-01 2026-01-01"],
        ),
    ],
)  # fmt: skip
def test_presets_are_of_the_workspace_s_day(today: date, spans: list[str]) -> None:
    found = presets(today)
    assert [f"{preset.first} {preset.last}" for preset in found] == spans
    assert [preset.words for preset in found][:2] == ["Today", "Last 7 days"]
