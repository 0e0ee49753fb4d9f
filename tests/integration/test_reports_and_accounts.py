"""Payouts that a report and an account tell: one row, and what the account tells wins."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session

from ecomops import runtime
from ecomops.connectors.records import FeePart, PayoutLineRecord, PayoutRecord
from ecomops.domains.imports import reports
from ecomops.domains.sync.merge import Origin
from ecomops.domains.sync.store import store_records
from ecomops.domains.sync.uploaded import better_told, give_way
from ecomops.kit.context import Context
from ecomops.kit.database import driver_of
from tests.conftest import Workspace
from tests.integration.imports import bring
from tests.integration.provider import connect
from tests.integration.reports import (
    GID,
    PAYOUTS,
    SHOPIFY,
    STRIPE,
    WITHOUT_IDS,
    StoredOf,
    payouts,
    ties,
)
from tests.integration.rows import KEY


def told_by_account(session: Session, ctx: Context, command: tuple[str, UUID, list[Any]]) -> None:
    source, connection_id, records = command
    origin = Origin(ctx.tenant, connection_id, source)
    connection = driver_of(session)
    store_records(connection, origin, give_way(connection, origin, records))


def api_payout(
    source_id: str, amount: int, currency: str, day: datetime, trace_id: str | None = "TRACE1"
) -> PayoutRecord:
    return PayoutRecord(
        source_id=source_id, source_created_at=day, status="completed", source_status="PAID",
        currency=currency, raw='{"from": "the api"}', amount=amount, kind="automatic",
        itemizable=True, contents_complete=True, initiated_at=day, arrival_date=day.date(),
        trace_id=trace_id,
    )  # fmt: skip


def api_line(source_id: str, gross: int, fee: int, currency: str, **more: Any) -> PayoutLineRecord:
    parts = (FeePart(position=0, kind="processing", amount=fee - 1000, currency=currency),
             FeePart(position=1, kind="tax", amount=1000, currency=currency))  # fmt: skip
    return PayoutLineRecord(
        source_id=source_id, source_created_at=datetime(2026, 10, 1, tzinfo=UTC), status="settled",
        source_status="available", currency=currency, raw='{"from": "the api"}', gross=gross,
        fee=fee, net=gross - fee, line_type="charge", reporting_category="charge",
        available_on=None, fees=parts if fee else (), **more,
    )  # fmt: skip


def references(stored: StoredOf, workspace: Workspace) -> list[tuple[object, ...]]:
    return stored(workspace).rows(
        "SELECT source_id, trace_id FROM payouts WHERE tenant_id = :tenant"
        " AND arrival_date < '2026-01-23' ORDER BY arrival_date"
    )


def test_a_line_that_costs_nothing_any_more_has_no_fees(
    workspace: Workspace, stored: StoredOf
) -> None:
    bring(workspace.ctx, STRIPE, "stripe")
    account = connect(workspace.ctx, KEY)
    records = [api_line("txn_1", 968000, 0, "USD")]
    runtime.run(workspace.ctx, told_by_account, ("stripe", account, records))
    assert stored(workspace).rows(
        "SELECT line_ref FROM fees WHERE tenant_id = :tenant ORDER BY 1"
    ) == [("txn_3",), ("txn_4",)]


def test_a_payout_of_which_an_account_told_a_line_is_read_from_the_account(
    workspace: Workspace,
) -> None:
    account = connect(workspace.ctx, KEY)
    records = [api_line("txn_1", 1000000, 32000, "USD")]
    runtime.run(workspace.ctx, told_by_account, ("stripe", account, records))
    bring(workspace.ctx, STRIPE, "stripe")
    assert ties(workspace, date(2026, 10, 10)) == (1, 0, 1)


def test_what_the_api_tells_of_a_stripe_payout_wins_over_the_file(
    workspace: Workspace, stored: StoredOf
) -> None:
    bring(workspace.ctx, STRIPE, "stripe")
    account = connect(workspace.ctx, KEY)
    when = datetime(2026, 10, 5, 7, tzinfo=UTC)
    records = [api_payout("po_1", 753000, "USD", when), api_line("txn_1", 1000000, 32000, "USD")]
    runtime.run(workspace.ctx, told_by_account, ("stripe", account, records))
    assert stored(workspace).rows(
        "SELECT connection_id = :account, trace_id, contents_read_at, raw_data ->> 'from'"
        " FROM payouts WHERE tenant_id = :tenant AND source_id = 'po_1'", account=account,
    ) == [(True, "TRACE1", None, "the api")]  # fmt: skip
    assert stored(workspace).rows(
        "SELECT payout_ref, connection_id = :account FROM payout_lines WHERE tenant_id = :tenant"
        " AND source_id = 'txn_1'", account=account,
    ) == [("po_1", True)]  # fmt: skip
    assert stored(workspace).rows(
        "SELECT kind, amount FROM fees WHERE tenant_id = :tenant AND line_ref = 'txn_1' ORDER BY 1"
    ) == [("processing", 31000), ("tax", 1000)]
    again = bring(workspace.ctx, STRIPE + b"\n", "stripe")
    assert (again.counts.inserted, again.counts.updated, again.counts.unchanged) == (0, 0, 4)
    assert stored(workspace).rows(
        "SELECT raw_data ->> 'from' FROM payouts WHERE tenant_id = :tenant AND source_id = 'po_1'"
    ) == [("the api",)]


@pytest.mark.parametrize("data", [SHOPIFY, WITHOUT_IDS, PAYOUTS])
def test_what_the_api_tells_of_a_shopify_payout_takes_the_place_of_the_file(
    workspace: Workspace, stored: StoredOf, data: bytes
) -> None:
    bring(workspace.ctx, data, "shopify")
    account = connect(workspace.ctx, KEY)
    utc_day = datetime(2026, 1, 20, 23, tzinfo=UTC)
    records = [
        api_payout(GID, 1736000, "EUR", utc_day),
        api_line("gid://shopify/ShopifyPaymentsBalanceTransaction/1", 1800000, 64000, "EUR",
                 payout_ref=GID),
    ]  # fmt: skip
    runtime.run(workspace.ctx, told_by_account, ("shopify", account, records))
    of_the_day = [row for row in payouts(stored, workspace) if row[1] == 1736000]
    assert of_the_day == [(GID, 1736000, None, "EUR", "completed", "2026-01-20", 1, 1736000)]
    assert stored(workspace).one("SELECT count(*) FROM fees WHERE tenant_id = :tenant") == 2
    again = bring(workspace.ctx, data + b"\n", "shopify")
    assert again.counts.inserted == 0
    assert [row for row in payouts(stored, workspace) if row[1] == 1736000] == of_the_day


@pytest.mark.parametrize(
    "files", [(PAYOUTS, WITHOUT_IDS), (PAYOUTS, SHOPIFY), (PAYOUTS, WITHOUT_IDS, SHOPIFY)]
)
def test_a_bank_reference_outlasts_the_reports_that_do_not_tell_it(
    workspace: Workspace, stored: StoredOf, files: tuple[bytes, ...]
) -> None:
    for data in files:
        bring(workspace.ctx, data, "shopify")
    ((_, reference),) = references(stored, workspace)
    assert reference == "SHOP123"


@pytest.mark.parametrize(("told", "kept"), [(None, "SHOP123"), ("TRACE1", "TRACE1")])
def test_a_bank_reference_stays_until_the_account_tells_it(
    workspace: Workspace, stored: StoredOf, told: str | None, kept: str
) -> None:
    bring(workspace.ctx, PAYOUTS, "shopify")
    account = connect(workspace.ctx, KEY)
    records = [api_payout(GID, 1736000, "EUR", datetime(2026, 1, 20, 23, tzinfo=UTC), told)]
    for _ in range(2):
        runtime.run(workspace.ctx, told_by_account, ("shopify", account, records))
        assert references(stored, workspace) == [(GID, kept)]


def test_no_payout_gets_a_bank_reference_that_may_be_of_another(
    workspace: Workspace, stored: StoredOf
) -> None:
    bring(workspace.ctx, PAYOUTS, "shopify")
    account = connect(workspace.ctx, KEY)
    days = [datetime(2026, 1, day, tzinfo=UTC) for day in (20, 21)]
    records = [api_payout(f"{GID}{day.day}", 1736000, "EUR", day, None) for day in days]
    runtime.run(workspace.ctx, told_by_account, ("shopify", account, records))
    assert references(stored, workspace) == [(f"{GID}20", None), (f"{GID}21", None)]


def test_a_trace_id_that_is_told_late_or_anew_is_stored(
    workspace: Workspace, stored: StoredOf
) -> None:
    account = connect(workspace.ctx, KEY)
    when = datetime(2026, 1, 5, 7, tzinfo=UTC)
    for told, kept in ((None, None), ("A", "A"), ("B", "B"), (None, "B")):
        records = [api_payout("po_1", 753000, "USD", when, told)]
        runtime.run(workspace.ctx, told_by_account, ("stripe", account, records))
        assert references(stored, workspace) == [("po_1", kept)]


def test_reports_of_two_workspaces_do_not_meet(
    workspace: Workspace, other_workspace: Workspace, stored: StoredOf
) -> None:
    bring(workspace.ctx, STRIPE, "stripe")
    theirs = bring(other_workspace.ctx, STRIPE, "stripe")
    assert theirs.counts.inserted == 4
    account = connect(other_workspace.ctx, KEY)
    records = [api_payout("po_1", 1, "USD", datetime(2026, 10, 5, tzinfo=UTC))]
    runtime.run(other_workspace.ctx, told_by_account, ("stripe", account, records))
    assert payouts(stored, workspace)[0][:3] == ("po_1", 753000, 32000)


def test_a_row_that_an_account_tells_meanwhile_is_left_to_it(
    workspace: Workspace, stored: StoredOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account's page is committed between the file's look and its write."""
    bring(workspace.ctx, SHOPIFY, "shopify")
    account = connect(workspace.ctx, KEY)

    def and_then_the_account(*arguments: Any) -> frozenset[str]:
        told = better_told(*arguments)
        records = [api_line("txn_1", 1000000, 32000, "USD")]
        runtime.run(workspace.ctx, told_by_account, ("stripe", account, records))
        return told

    monkeypatch.setattr(reports, "better_told", and_then_the_account)
    bring(workspace.ctx, STRIPE, "stripe")
    assert stored(workspace).rows(
        "SELECT connection_id = :account, raw_data ->> 'from' FROM payout_lines"
        " WHERE tenant_id = :tenant AND source_id = 'txn_1'", account=account,
    ) == [(True, "the api")]  # fmt: skip
    assert stored(workspace).rows(
        "SELECT kind FROM fees WHERE tenant_id = :tenant AND line_ref = 'txn_1' ORDER BY 1"
    ) == [("processing",), ("tax",)]
