"""One row in detail, as its panel writes it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from ecomops.domains.tables.catalog import TABLES, all_columns
from ecomops.domains.tables.schemas import (
    LineGroup,
    Makeup,
    RelatedRow,
    RowAddress,
    RowDetail,
    RowEvent,
)
from ecomops.ui.pages.tables.row_facts import (
    EventLine,
    Fact,
    MakeupRow,
    event_line,
    makeup_facts,
    row_facts,
)

ONE, OTHER = UUID(int=1), UUID(int=2)
MOMENT = datetime(2026, 2, 16, 13, 3, tzinfo=UTC)


def detail(table: str, **values: Any) -> RowDetail:
    every = {column.name: None for column in all_columns(table)}
    told = {"source_id": "x_1", "status": "completed", "source": "stripe", "connection": "Main"}
    return RowDetail(RowAddress(table, ONE), every | told | values, None, (), {}, None)


def test_the_money_comes_first_with_its_own_currency() -> None:
    facts = row_facts(
        detail("disputes", amount=12_345_000, currency="USD", fee=150_000_000, fee_currency="JPY"),
        "UTC",
    )
    assert [(fact.label, fact.text) for fact in facts.money] == [
        ("Amount", "1,234.50 USD"), ("Fee", "15,000 JPY"),
    ]  # fmt: skip


def test_an_id_is_shown_short_and_copied_whole() -> None:
    gid = "gid://shopify/ShopifyPaymentsPayout/10005838471200"
    facts = row_facts(
        detail("refunds", source_id=gid, payment_ref=gid, created_at=MOMENT), "Europe/Berlin"
    )
    assert (facts.title, facts.source_id) == ("10005838471200", gid)
    assert Fact("Payment", "10005838471200", gid, "id") in facts.facts
    created = next(fact for fact in facts.facts if fact.label == "Created")
    assert created.text == created.exact == "16 Feb 2026, 14:03 CET"


def test_fields_without_a_value_are_listed_too_and_the_connection_is_last() -> None:
    facts = row_facts(detail("payouts"), "UTC")
    above = [
        column for column in all_columns("payouts")
        if column.kind in ("money", "status") or column.name == "source_id"
    ]  # fmt: skip
    assert len(facts.facts) == len(all_columns("payouts")) - len(above) + 1
    assert facts.facts[-1] == Fact("Connection", "Main", "Main", "text")
    assert facts.money == []


@pytest.mark.parametrize("table", TABLES)
def test_every_table_writes_a_row_with_little_in_it(table: str) -> None:
    facts = row_facts(detail(table), "UTC")
    assert (facts.title, facts.status, facts.provider) == ("x_1", "Completed", "Stripe")


def test_a_relative_is_a_link_that_finds_and_opens_it() -> None:
    related = RelatedRow(
        "payout_line", RowAddress("payout_lines", OTHER), "txn 1", "settled", -5_000, "EUR"
    )
    told = detail("payouts")
    told = RowDetail(told.at, told.values, None, (related,), {"payout_line": 2_000}, "https://x")
    facts = row_facts(told, "UTC")
    [relative] = facts.relatives
    assert (relative.relation, relative.name, relative.status) == (
        "Payout line", "txn 1", "Settled",
    )  # fmt: skip
    assert relative.amount == "−0.50 EUR"  # noqa: RUF001
    assert relative.address == f"/tables/payout_lines?q=txn+1&row={OTHER}"
    assert facts.more == ["Payout line: 1 of 2,000 are listed."]
    assert facts.provider_url == "https://x"


@pytest.mark.parametrize(
    ("amount", "lines_are", "verdict", "tone"),
    [
        (1_000_000, "read", "Ties out: the payout is the sum of its lines.", "good"),
        (1_000_100, "read", "Does not tie out: the lines are 0.01 USD short.", "bad"),
        (999_000, "read", "Does not tie out: the lines are 0.10 USD over.", "bad"),
        (1_000_000, "unread", "Its lines are not read to the end yet.", ""),
        (1_000_000, "none", "The provider tells no lines of this payout.", ""),
        (1, "moot", "It failed or was canceled, so its lines are not read to the end.", ""),
    ],
)
def test_whether_a_payout_is_what_it_is_made_of(
    amount: int, lines_are: str, verdict: str, tone: str
) -> None:
    charges = LineGroup("charge", "USD", 1_200, 1_030_000, 30_000, 1_000_000)
    euros = LineGroup("refund", "EUR", 1, -5_000, 0, -5_000)
    facts = makeup_facts(Makeup("USD", amount, lines_are, (charges, euros)), "po 1")
    assert facts.rows == [
        MakeupRow("Charge", "1,200", "103.00", "3.00", "100.00"),
        MakeupRow("Refund, EUR", "1", "−0.50", "0.00", "−0.50"),  # noqa: RUF001
    ]
    assert facts.total == MakeupRow("Total", "1,200", "103.00", "3.00", "100.00")
    assert (facts.verdict, facts.tone) == (verdict, tone)
    assert facts.lines_address == "/tables/payout_lines?q=po+1"


def test_an_event_is_told_in_words() -> None:
    event = RowEvent(ONE, MOMENT, "job_started", "casey@example.com", "success", "corr-1")
    assert event_line(event, "UTC") == EventLine(
        "Job started", "casey@example.com", "16 Feb 2026, 13:03 UTC"
    )
