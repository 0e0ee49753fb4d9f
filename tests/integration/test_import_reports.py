"""Payout reports: canonical rows by the merge that syncs use."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from pydantic import SecretStr

from ecomops import runtime
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
from ecomops.domains.sync.schemas import StartSync
from ecomops.domains.sync.service import start_sync
from ecomops.kit.errors import ConflictError
from ecomops.operations.imports import UnreadableImportError
from tests.conftest import Workspace
from tests.integration.imports import bring
from tests.integration.provider import connect
from tests.integration.reports import (
    BALANCE,
    GID,
    PAYOUTS,
    SHOPIFY,
    STRIPE,
    TRANSACTIONS,
    WITHOUT_IDS,
    StoredOf,
    payouts,
    ties,
)
from tests.integration.rows import KEY


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
