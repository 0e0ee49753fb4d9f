"""Payout reports: canonical rows by the merge that syncs use, and what an account tells wins."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlmodel import Session

from ecomops import runtime
from ecomops.connectors.records import FeePart, PayoutLineRecord, PayoutRecord
from ecomops.connectors.reports import MADE_UP
from ecomops.domains.connections.changes import (
    EditConnection,
    SetWebhookSecret,
    edit_connection,
    revoke_connection,
    set_webhook_secret,
)
from ecomops.domains.connections.queries import get_onboarding
from ecomops.domains.connections.schemas import ListConnections
from ecomops.domains.connections.service import list_connections, open_for_test
from ecomops.domains.freshness.backfills import StartBackfill, start_backfill
from ecomops.domains.freshness.details import get_details
from ecomops.domains.freshness.schedules import list_freshness, set_schedule
from ecomops.domains.freshness.schemas import SetSchedule
from ecomops.domains.imports import reports
from ecomops.domains.imports.service import undo_import
from ecomops.domains.insights.queries import get_insights
from ecomops.domains.insights.schemas import AskInsights
from ecomops.domains.sync.merge import Origin
from ecomops.domains.sync.schemas import StartSync
from ecomops.domains.sync.service import start_sync
from ecomops.domains.sync.store import store_records
from ecomops.domains.sync.uploaded import better_told, give_way
from ecomops.kit.context import Context
from ecomops.kit.database import driver_of
from ecomops.kit.errors import ConflictError
from ecomops.operations.imports import UnreadableImportError
from tests.conftest import Workspace
from tests.integration.imports import bring
from tests.integration.provider import Stored, connect
from tests.integration.rows import KEY

StoredOf = Callable[[Workspace], Stored]

ITEMISED = (
    "automatic_payout_id,automatic_payout_effective_at_utc,automatic_payout_effective_at,"
    "balance_transaction_id,created_utc,created,available_on_utc,available_on,currency,gross,fee,"
    "net,reporting_category,source_id,description"
)
STRIPE = f"""{ITEMISED}
po_1,2026-10-05 00:00:00,2026-10-04 17:00:00,txn_1,2026-10-01 12:00:00,x,2026-10-03 00:00:00,x,usd,\
100.00,3.20,96.80,charge,ch_1,Order 1
po_1,2026-10-05 00:00:00,2026-10-04 17:00:00,txn_2,2026-10-01 13:00:00,x,2026-10-03 00:00:00,x,usd,\
-20.00,0.00,-20.00,refund,re_1,
po_1,2026-10-05 00:00:00,2026-10-04 17:00:00,txn_3,2026-10-02 13:00:00,x,2026-10-03 00:00:00,x,usd,\
-1.50,0.00,-1.50,fee,,Radar
po_2,2026-10-06 00:00:00,2026-10-05 17:00:00,txn_4,2026-10-02 14:00:00,x,2026-10-04 00:00:00,x,jpy,\
1200,40,1160,charge,ch_2,
""".replace(",x,", ",,").encode()
BALANCE = (
    b"id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),Available On (UTC),Description\n"
    b"txn_1,charge,ch_1,100.00,3.20,96.80,usd,2026-10-01 12:00,2026-10-03 00:00,\n"
    b"txn_9,payout,po_1,-96.80,0.00,-96.80,usd,2026-10-04 00:00,2026-10-05 00:00,STRIPE\n"
)
TRANSACTIONS = (
    "Transaction Date,Type,Order,Card Brand,Card Source,Payout Status,Payout Date,Payout ID,"
    "Available On,Amount,Fee,Net,Checkout,Payment Method Name,Presentment Amount,"
    "Presentment Currency,Currency"
)
SHOPIFY = f"""{TRANSACTIONS}
2026-01-19 12:07:45 +0100,charge,#1001,visa,online,paid,2026-01-21,77,2026-01-21,100.00,3.20,96.80,\
#1,card,100.00,EUR,EUR
2026-01-19 12:07:45 +0100,charge,#1001,visa,online,paid,2026-01-21,77,2026-01-21,100.00,3.20,96.80,\
#1,card,100.00,EUR,EUR
2026-01-20 09:00:00 +0100,refund,#1001,visa,online,paid,2026-01-21,77,2026-01-21,-20.00,0.00,\
-20.00,#1,card,20.00,EUR,EUR
2026-01-22 09:00:00 +0100,charge,#1002,visa,online,pending,,,2026-01-24,50.00,2.00,48.00,#2,card,\
50.00,EUR,EUR
""".encode()
WITHOUT_IDS = (
    SHOPIFY.replace(b"Payout ID,", b"").replace(b",77,", b",").replace(b"pending,,,", b"pending,,")
)
PAYOUTS = (
    b"Payout Date,Status,Charges,Refunds,Adjustments,Marketplace Sales Tax,Advances,"
    b"Reserved Funds,Fees,Retried Amount,Total,Currency,Bank Reference\n"
    b"2026-01-21,paid,200.00,-20.00,0.00,0.00,0.00,0.00,-6.40,0.00,173.60,EUR,SHOP123\n"
    b"2026-01-23,in_transit,10.00,0.00,0.00,0.00,0.00,0.00,-0.40,0.00,9.60,EUR,\n"
    b"2026-01-25,scheduled,10.00,0.00,0.00,0.00,0.00,0.00,-0.40,0.00,9.60,EUR,\n"
)
GID = "gid://shopify/ShopifyPaymentsPayout/77"


def payouts(stored: StoredOf, workspace: Workspace) -> list[tuple[object, ...]]:
    return stored(workspace).rows(
        "SELECT p.source_id, p.amount, p.fee_total, p.currency, p.status, p.arrival_date::text,"
        " count(l.id), coalesce(sum(l.net), 0)::bigint FROM payouts p LEFT JOIN payout_lines l"
        " ON l.tenant_id = p.tenant_id AND l.payout_id = p.id WHERE p.tenant_id = :tenant"
        " GROUP BY p.tenant_id, p.id ORDER BY p.source_id"
    )


@pytest.mark.parametrize("part", [1, 2, 10_000])
def test_a_stripe_report_becomes_payouts_lines_and_fees(
    workspace: Workspace, stored: StoredOf, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    monkeypatch.setattr(reports, "PART", part)
    done = bring(workspace.ctx, STRIPE, "stripe")
    assert (done.counts.rows, done.counts.inserted, done.counts.ignored) == (4, 4, 0)
    assert payouts(stored, workspace) == [
        ("po_1", 753000, 32000, "USD", "completed", "2026-10-05", 3, 753000),
        ("po_2", 11600000, 400000, "JPY", "completed", "2026-10-06", 1, 11600000),
    ]
    assert stored(workspace).rows(
        "SELECT line_ref, kind, amount, currency FROM fees WHERE tenant_id = :tenant ORDER BY 1"
    ) == [("txn_1", "processing", 32000, "USD"), ("txn_3", "platform", 15000, "USD"),
          ("txn_4", "processing", 400000, "JPY")]  # fmt: skip
    assert stored(workspace).rows(
        "SELECT created_at, dedupe_key, object_ref, reporting_category, raw_data ->> 'source_id'"
        " FROM payout_lines WHERE tenant_id = :tenant AND source_id = 'txn_1'"
    ) == [(datetime(2026, 10, 1, 12, tzinfo=UTC), "stripe:txn_1", "ch_1", "charge", "ch_1")]


def test_a_stripe_balance_tells_its_payouts_too(workspace: Workspace, stored: StoredOf) -> None:
    done = bring(workspace.ctx, BALANCE, "stripe")
    assert (done.counts.rows, done.counts.inserted) == (2, 2)
    assert payouts(stored, workspace) == [
        ("po_1", 968000, None, "USD", "completed", "2026-10-05", 0, 0)
    ]


def test_a_shopify_report_becomes_the_payout_that_the_api_will_tell(
    workspace: Workspace, stored: StoredOf
) -> None:
    done = bring(workspace.ctx, SHOPIFY, "shopify")
    counts = done.counts
    assert (counts.rows, counts.inserted, counts.ignored) == (4, 3, 1)
    assert payouts(stored, workspace) == [
        (GID, 1736000, 64000, "EUR", "completed", "2026-01-21", 3, 1736000)
    ]
    (line, *_) = stored(workspace).rows(
        "SELECT created_at, source_id, description FROM payout_lines WHERE tenant_id = :tenant"
        " ORDER BY created_at"
    )
    assert line[0] == datetime(2026, 1, 19, 11, 7, 45, tzinfo=UTC)
    assert line[1].startswith(MADE_UP)
    assert line[2] == "Order #1001"


def test_fees_of_the_payouts_export_are_negative_there(
    workspace: Workspace, stored: StoredOf
) -> None:
    done = bring(workspace.ctx, PAYOUTS, "shopify")
    assert (done.counts.rows, done.counts.inserted, done.counts.ignored) == (3, 2, 1)
    assert [row[1:5] for row in payouts(stored, workspace)] == [
        (1736000, None, "EUR", "completed"), (96000, None, "EUR", "in_transit"),
    ]  # fmt: skip
    assert stored(workspace).rows(
        "SELECT trace_id FROM payouts WHERE tenant_id = :tenant ORDER BY arrival_date"
    ) == [("SHOP123",), (None,)]


GENERATIONS = [
    "Transaction Date,Type,Order,Card Brand,Card Source,Payout Status,Payout Date,Available On,"
    "Amount,Fee,Net,Currency",
    TRANSACTIONS,
    f"{TRANSACTIONS},VAT",
    f"{TRANSACTIONS},Business Entity Name,Business Entity ID",
]


@pytest.mark.parametrize("header", GENERATIONS)
def test_every_generation_of_headers_is_understood(
    workspace: Workspace, stored: StoredOf, header: str
) -> None:
    values = {"Transaction Date": "2026-01-19 12:07:45 +0100", "Type": "charge", "Order": "#1",
              "Payout Status": "paid", "Payout Date": "2026-01-21", "Payout ID": "77",
              "Amount": "$121.00", "Fee": "$3.00", "VAT": "$0.60",
              "Net": "$117.40" if "VAT" in header else "$118.00", "Currency": "USD"}  # fmt: skip
    row = ",".join(values.get(name, "") for name in header.split(","))
    done = bring(workspace.ctx, f"{header}\n{row}\n".encode(), "shopify")
    assert (done.counts.rows, done.counts.inserted) == (1, 1)
    fees = stored(workspace).rows(
        "SELECT kind, amount FROM fees WHERE tenant_id = :tenant ORDER BY position"
    )
    assert fees == [("processing", 30000), *([("tax", 6000)] if "VAT" in header else [])]


VAT = (
    b"Transaction Date,Type,Payout Status,Payout Date,Amount,Fee,Net,VAT,Currency\n"
    b"2026-01-19 12:00,charge,paid,2026-01-21,100.00,3.00,96.40,0.60,EUR\n"
    b"2026-01-19 13:00,charge,paid,2026-01-21,100.00,3.00,96.40,0.60,EUR\n"
)
WITHOUT_VAT = VAT.replace(b"VAT,", b"").replace(b"3.00,96.40,0.60", b"3.60,96.40")


def test_a_fee_that_a_line_has_no_more_goes(workspace: Workspace, stored: StoredOf) -> None:
    fees = "SELECT kind, amount FROM fees WHERE tenant_id = :tenant ORDER BY line_ref, position"
    bring(workspace.ctx, VAT, "shopify")
    assert stored(workspace).rows(fees) == [("processing", 30000), ("tax", 6000)] * 2
    bring(workspace.ctx, WITHOUT_VAT, "shopify")
    assert stored(workspace).rows(fees) == [("processing", 36000)] * 2


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


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        ("stripe", STRIPE.replace(b"96.80", b"96.90"), "Line 2, net: Net is not"),
        ("stripe", STRIPE.replace(b"txn_2", b"txn_1"), "Line 3, balance_transaction_id: .* twice"),
        ("stripe", STRIPE.replace(b"1200,40,1160", b"12.5,0.5,12"), "0 decimals"),
        ("stripe", STRIPE.replace(b"jpy", b"xxx"), "Line 5, currency: This is no ISO 4217"),
        ("stripe", STRIPE.replace(b"po_2,2026-10-06", b"po_1,2026-10-06"), "is in USD"),
        ("shopify", SHOPIFY.replace(b"-20.00,0.00,-20.00", b"-20.00,0.00,-21.00"), "Line 4, Net"),
        ("shopify", SHOPIFY.replace(b",paid,", b",lost,"), "status of a payout is not known"),
        (
            "shopify",
            SHOPIFY.replace(
                b"+0100,refund,#1001,visa,online,paid,2026-01-21",
                b"+0100,refund,#1001,visa,online,paid,2026-01-22",
            ),
            "Line 4, Payout Date: Another line",
        ),
        (
            "stripe",
            BALANCE + BALANCE.splitlines()[2].replace(b"txn_9", b"txn_8"),
            "Line 4, Source: This payout is in the file twice",
        ),
        ("shopify", PAYOUTS.replace(b"173.60", b"173.61"), "The parts add up to 173.60"),
        ("shopify", PAYOUTS.replace(b"-6.40", b"6.40"), "The parts add up to 186.40"),
    ],
)
def test_a_report_that_does_not_add_up_stores_nothing(
    workspace: Workspace, stored: StoredOf, kind: str, data: bytes, said: str
) -> None:
    with pytest.raises(UnreadableImportError, match=said):
        bring(workspace.ctx, data, kind)
    assert payouts(stored, workspace) == []


def test_a_later_report_meets_the_rows_of_an_earlier_one(
    workspace: Workspace, stored: StoredOf
) -> None:
    bring(workspace.ctx, STRIPE, "stripe")
    again = bring(workspace.ctx, STRIPE + b"\n", "stripe")
    assert (again.counts.inserted, again.counts.updated, again.counts.unchanged) == (0, 0, 4)
    bring(workspace.ctx, SHOPIFY, "shopify")
    again = bring(workspace.ctx, SHOPIFY + b"\n", "shopify")
    assert (again.counts.inserted, again.counts.unchanged, again.counts.ignored) == (0, 3, 1)


def ties(workspace: Workspace, today: date) -> tuple[int, int, int]:
    """How many payouts of the last month tie, do not tie, and are not read."""
    told = runtime.run(workspace.ctx, get_insights, AskInsights(today)).tie_out
    return told.tied, told.untied, told.unread


@pytest.mark.parametrize(
    ("kind", "files", "told"),
    [
        ("stripe", (STRIPE,), (2, 0, 0)),
        ("stripe", (BALANCE,), (0, 0, 1)),
        ("shopify", (SHOPIFY,), (1, 0, 0)),
        ("shopify", (WITHOUT_IDS,), (1, 0, 0)),
        ("shopify", (PAYOUTS,), (0, 0, 2)),
        ("shopify", (PAYOUTS, WITHOUT_IDS), (1, 0, 1)),
        ("shopify", (WITHOUT_IDS, PAYOUTS), (1, 0, 1)),
        ("shopify", (PAYOUTS, SHOPIFY), (1, 0, 1)),
    ],
)
def test_a_payout_whose_lines_a_report_tells_is_read(
    workspace: Workspace, kind: str, files: tuple[bytes, ...], told: tuple[int, int, int]
) -> None:
    for data in files:
        bring(workspace.ctx, data, kind)
    today = date(2026, 10, 10) if kind == "stripe" else date(2026, 1, 30)
    assert ties(workspace, today) == told


def test_a_payout_of_which_an_account_told_a_line_is_read_from_the_account(
    workspace: Workspace,
) -> None:
    account = connect(workspace.ctx, KEY)
    records = [api_line("txn_1", 1000000, 32000, "USD")]
    runtime.run(workspace.ctx, told_by_account, ("stripe", account, records))
    bring(workspace.ctx, STRIPE, "stripe")
    assert ties(workspace, date(2026, 10, 10)) == (1, 0, 1)


@pytest.mark.parametrize(
    ("kind", "data"),
    [("stripe", STRIPE), ("shopify", SHOPIFY), ("shopify", WITHOUT_IDS), ("shopify", PAYOUTS)],
)
def test_a_report_that_is_brought_again_rewrites_no_row(
    workspace: Workspace, stored: StoredOf, kind: str, data: bytes
) -> None:
    bring(workspace.ctx, data, kind)
    before = stored(workspace).fingerprint()
    bring(workspace.ctx, data + b"\n", kind)
    assert stored(workspace).fingerprint() == before


@pytest.mark.parametrize(
    "files", [(PAYOUTS, SHOPIFY), (SHOPIFY, PAYOUTS), (WITHOUT_IDS, SHOPIFY),
              (SHOPIFY, WITHOUT_IDS), (PAYOUTS, WITHOUT_IDS, SHOPIFY)],
)  # fmt: skip
def test_a_payout_that_one_file_names_and_another_does_not_is_one(
    workspace: Workspace, stored: StoredOf, files: tuple[bytes, ...]
) -> None:
    for data in files:
        bring(workspace.ctx, data, "shopify")
    named = [row for row in payouts(stored, workspace) if row[5] == "2026-01-21"]
    assert named == [(GID, 1736000, 64000, "EUR", "completed", "2026-01-21", 3, 1736000)]
    assert stored(workspace).one("SELECT count(*) FROM fees WHERE tenant_id = :tenant") == 2


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


def api_line(
    source_id: str, gross: int, fee: int, currency: str, **more: object
) -> PayoutLineRecord:
    parts = (FeePart(position=0, kind="processing", amount=fee - 1000, currency=currency),
             FeePart(position=1, kind="tax", amount=1000, currency=currency))  # fmt: skip
    return PayoutLineRecord(
        source_id=source_id, source_created_at=datetime(2026, 10, 1, tzinfo=UTC), status="settled",
        source_status="available", currency=currency, raw='{"from": "the api"}', gross=gross,
        fee=fee, net=gross - fee, line_type="charge", reporting_category="charge",
        available_on=None, fees=parts if fee else (), **more,  # type: ignore[arg-type]  # as given
    )  # fmt: skip


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


def references(stored: StoredOf, workspace: Workspace) -> list[tuple[object, ...]]:
    return stored(workspace).rows(
        "SELECT source_id, trace_id FROM payouts WHERE tenant_id = :tenant"
        " AND arrival_date < '2026-01-23' ORDER BY arrival_date"
    )


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


def test_files_cost_no_place_in_the_plan_and_are_no_account(
    workspace: Workspace, stored: StoredOf
) -> None:
    bring(workspace.ctx, STRIPE, "stripe")
    bring(workspace.ctx, SHOPIFY, "shopify")
    cards = runtime.run(workspace.ctx, list_connections, ListConnections())
    assert {(card.label, card.holds_files) for card in cards} == {
        ("Uploaded Stripe files", True), ("Uploaded Shopify files", True),
    }  # fmt: skip
    assert runtime.run(workspace.ctx, list_freshness) == ()
    assert runtime.run(workspace.ctx, get_onboarding).source
    with pytest.raises(ConflictError, match="nothing to sync"):
        runtime.run(workspace.ctx, start_sync, StartSync())
    connect(workspace.ctx, KEY)  # the trial's one source is still to be had
    assert stored(workspace).rows(
        "SELECT count(*) FROM due_times d JOIN connections c ON c.id = d.connection_id"
        " WHERE d.tenant_id = :tenant AND c.environment = 'files' UNION ALL SELECT count(*)"
        " FROM webhook_routes r JOIN connections c ON c.id = r.connection_id"
        " WHERE r.tenant_id = :tenant AND c.environment = 'files'"
    ) == [(0,), (0,)]


def test_what_needs_an_account_is_refused_for_files(workspace: Workspace) -> None:
    bring(workspace.ctx, STRIPE, "stripe")
    (card,) = runtime.run(workspace.ctx, list_connections, ListConnections())
    day = datetime.now(UTC).date()
    admin = workspace.ctx
    attempts: list[tuple[object, object]] = [
        (start_sync, StartSync(card.id)),
        (open_for_test, card.id),
        (get_details, card.id),
        (edit_connection, EditConnection(card.id, "Mine")),
        (set_webhook_secret, SetWebhookSecret(card.id, SecretStr("whsec_0123456789"))),
        (revoke_connection, card.id),
        (set_schedule, SetSchedule(card.id, None)),
        (start_backfill, StartBackfill(card.id, day, day)),
    ]
    for use_case, command in attempts:
        with pytest.raises(ConflictError, match="holds files"):
            runtime.run(admin, use_case, command)  # type: ignore[arg-type]  # each its own
    (after,) = runtime.run(admin, list_connections, ListConnections())
    assert after == card


def test_a_report_is_not_undone(workspace: Workspace, stored: StoredOf) -> None:
    done = bring(workspace.ctx, STRIPE, "stripe")
    with pytest.raises(ConflictError, match="cannot be undone"):
        runtime.run(workspace.ctx, undo_import, done.import_id)
    assert len(payouts(stored, workspace)) == 2


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
