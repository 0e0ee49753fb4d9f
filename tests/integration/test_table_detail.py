"""One row: its columns, what belongs to it, where it is at its provider, how it came in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

from ecomops import runtime
from ecomops.domains.tables.catalog import TABLES, all_columns
from ecomops.domains.tables.detail import get_row, list_row_events
from ecomops.domains.tables.lineage import LISTED
from ecomops.domains.tables.provider_links import provider_url
from ecomops.domains.tables.queries import list_rows
from ecomops.domains.tables.schemas import RowAddress, RowDetail, TableQuery
from ecomops.kit.errors import NotFoundError, PermissionDeniedError
from tests.conftest import Workspace
from tests.integration.provider import Sandbox, Stored, connect, sync
from tests.integration.rows import fill_every_table

StoredOf = Callable[[Workspace], Stored]

# One order, paid, refunded and disputed, paid out with a fee, and booked: rows 001 of each table.
CHAIN = """
UPDATE payments SET order_id = (SELECT id FROM orders WHERE tenant_id = :t
    AND source_id = 'orders_001'), order_ref = 'orders_001', charge_ref = source_id
    WHERE tenant_id = :t AND source_id = 'payments_001';
UPDATE refunds SET payment_id = p.id, order_id = p.order_id, order_ref = p.order_ref
    FROM payments p WHERE p.tenant_id = :t AND p.source_id = 'payments_001'
    AND refunds.tenant_id = :t AND refunds.source_id = 'refunds_001';
UPDATE disputes SET payment_id = p.id
    FROM payments p WHERE p.tenant_id = :t AND p.source_id = 'payments_001'
    AND disputes.tenant_id = :t AND disputes.source_id = 'disputes_001';
UPDATE payouts SET amount = 9191500, source_id = 'po_1', dedupe_key = 'stripe:po_1'
    WHERE tenant_id = :t AND source_id = 'payouts_001';
UPDATE payout_lines l SET object_ref = o.source_id, payment_id = o.payment_id,
    refund_id = o.refund_id, dispute_id = o.dispute_id, payout_ref = 'po_1',
    payout_id = (SELECT id FROM payouts WHERE tenant_id = :t AND source_id = 'po_1')
    FROM (SELECT 'payout_lines_001' line, source_id, id payment_id, NULL::uuid refund_id,
              NULL::uuid dispute_id FROM payments WHERE tenant_id = :t
          UNION ALL SELECT 'payout_lines_002', source_id, NULL, id, NULL FROM refunds
              WHERE tenant_id = :t
          UNION ALL SELECT 'payout_lines_003', source_id, NULL, NULL, id FROM disputes
              WHERE tenant_id = :t) o
    WHERE l.tenant_id = :t AND l.source_id = o.line AND o.source_id LIKE '%\\_001';
UPDATE fees SET payout_line_id = (SELECT id FROM payout_lines WHERE tenant_id = :t
    AND source_id = 'payout_lines_001') WHERE tenant_id = :t AND source_id = 'fees_001';
UPDATE netsuite_transactions SET amount = 9191500, memo = 'Stripe payout (po_1), February',
    internal_id = '77', external_id = NULL WHERE tenant_id = :t
    AND source_id = 'netsuite_transactions_001';
UPDATE netsuite_transactions SET amount = -9191500, memo = 'po_1', internal_id = '77',
    external_id = NULL WHERE tenant_id = :t AND source_id = 'netsuite_transactions_002';
UPDATE netsuite_transactions SET amount = 9191500, memo = 'po_12 and xpo_1', internal_id = '78',
    external_id = NULL WHERE tenant_id = :t AND source_id = 'netsuite_transactions_003';
UPDATE netsuite_transactions SET amount = 1, memo = NULL, internal_id = '79', external_id = 'po_1'
    WHERE tenant_id = :t AND source_id = 'netsuite_transactions_004';
"""


@pytest.fixture(scope="module")
def chained(runtime_started: None, admin_engine: Engine) -> Workspace:
    """A workspace whose rows 001 belong together."""
    workspace = fill_every_table(admin_engine)
    with admin_engine.begin() as database:
        for statement in CHAIN.strip().split(";\n"):
            database.execute(text(statement), {"t": workspace.ctx.tenant})
    return workspace


def address(stored: Stored, table: str, source_id: str) -> RowAddress:
    """The row of a source id."""
    row_id = stored.one(
        f"SELECT id FROM {table} WHERE tenant_id = :tenant AND source_id = :source_id",
        source_id=source_id,
    )
    return RowAddress(table, row_id)


def related(detail: RowDetail) -> dict[str, set[str]]:
    """The source ids of what belongs to a row, by relation."""
    names = {row.relation for row in detail.related}
    return {n: {row.source_id for row in detail.related if row.relation == n} for n in names}


NETSUITE = {f"netsuite_transactions_00{number}" for number in (1, 2, 4)}
LINEAGE = {
    ("orders", "orders_001"): {
        "payment": {"payments_001"}, "refund": {"refunds_001"}, "dispute": {"disputes_001"},
        "payout": {"po_1"},
    },
    ("payments", "payments_001"): {
        "order": {"orders_001"}, "refund": {"refunds_001"}, "dispute": {"disputes_001"},
        "payout_line": {"payout_lines_001"}, "fee": {"fees_001"}, "payout": {"po_1"},
    },
    ("refunds", "refunds_001"): {
        "order": {"orders_001"}, "payment": {"payments_001"}, "payout_line": {"payout_lines_002"},
        "payout": {"po_1"},
    },
    ("disputes", "disputes_001"): {
        "order": {"orders_001"}, "payment": {"payments_001"}, "payout_line": {"payout_lines_003"},
        "payout": {"po_1"},
    },
    ("payout_lines", "payout_lines_001"): {
        "payment": {"payments_001"}, "fee": {"fees_001"}, "payout": {"po_1"},
    },
    ("payout_lines", "payout_lines_002"): {"refund": {"refunds_001"}, "payout": {"po_1"}},
    ("payout_lines", "payout_lines_003"): {"dispute": {"disputes_001"}, "payout": {"po_1"}},
    ("fees", "fees_001"): {
        "payout_line": {"payout_lines_001"}, "payment": {"payments_001"}, "payout": {"po_1"},
    },
    ("payouts", "po_1"): {
        "payout_line": {f"payout_lines_00{number}" for number in (1, 2, 3)}, "netsuite": NETSUITE,
    },
    ("netsuite_transactions", "netsuite_transactions_001"): {
        "payout": {"po_1"}, "same_transaction": {"netsuite_transactions_002"},
    },
    ("netsuite_transactions", "netsuite_transactions_003"): {},
    ("netsuite_transactions", "netsuite_transactions_004"): {"payout": {"po_1"}},
}  # fmt: skip


@pytest.mark.parametrize(("table", "source_id"), list(LINEAGE))
def test_a_row_leads_to_what_belongs_to_it(
    chained: Workspace, stored: StoredOf, table: str, source_id: str
) -> None:
    at = address(stored(chained), table, source_id)
    detail = runtime.run(chained.ctx, get_row, at)
    assert related(detail) == LINEAGE[table, source_id]
    assert detail.more_related == {}
    for row in detail.related:
        there = runtime.run(chained.ctx, get_row, row.at)
        assert (there.values["source_id"], there.values["status"]) == (row.source_id, row.status)
        assert (there.values["amount"], there.values["currency"]) == (row.amount, row.currency)
        back = {(it.at.table, it.source_id) for it in there.related}
        assert (table, source_id) in back or row.relation == "payout", "too many to go back"


def test_a_sale_of_a_shop_leads_to_the_charge_behind_it(
    workspace: Workspace, admin_engine: Engine, stored: StoredOf
) -> None:
    workspace = fill_every_table(admin_engine)
    with admin_engine.begin() as database:
        database.execute(
            text("UPDATE payments SET charge_ref = 'payments_002' WHERE tenant_id = :t"
                 " AND source_id IN ('payments_001', 'payments_002')"),
            {"t": workspace.ctx.tenant},
        )  # fmt: skip
    sale = address(stored(workspace), "payments", "payments_001")
    assert related(runtime.run(workspace.ctx, get_row, sale)) == {"charge": {"payments_002"}}
    charge = address(stored(workspace), "payments", "payments_002")
    assert related(runtime.run(workspace.ctx, get_row, charge)) == {"payment": {"payments_001"}}


def test_an_order_leads_to_the_charge_and_the_payout_behind_its_sale_and_back(
    chained: Workspace, admin_engine: Engine, stored: StoredOf
) -> None:
    with admin_engine.begin() as database:
        database.execute(
            text("UPDATE payments SET charge_ref = 'payments_001', order_id = (SELECT id FROM"
                 " orders WHERE tenant_id = :t AND source_id = 'orders_009')"
                 " WHERE tenant_id = :t AND source_id = 'payments_009'"),
            {"t": chained.ctx.tenant},
        )  # fmt: skip
    order = address(stored(chained), "orders", "orders_009")
    assert related(runtime.run(chained.ctx, get_row, order)) == {
        "payment": {"payments_009"}, "charge": {"payments_001"}, "payout": {"po_1"},
    }  # fmt: skip
    charge = address(stored(chained), "payments", "payments_001")
    found = related(runtime.run(chained.ctx, get_row, charge))
    assert found["order"] == {"orders_001", "orders_009"}


def test_of_many_related_rows_some_are_listed_and_all_counted(
    workspace: Workspace, admin_engine: Engine, stored: StoredOf
) -> None:
    workspace = fill_every_table(admin_engine)
    at = address(stored(workspace), "payouts", "payouts_005")
    for number in (LISTED, LISTED + 1, 40):
        with admin_engine.begin() as database:
            database.execute(
                text("UPDATE payout_lines SET payout_id = :p WHERE tenant_id = :t"
                     " AND source_id < :last"),
                {"t": workspace.ctx.tenant, "p": at.row_id, "last": f"payout_lines_{number:03}"},
            )  # fmt: skip
        detail = runtime.run(workspace.ctx, get_row, at)
        assert len(detail.related) == min(number, LISTED)
        assert detail.more_related == ({} if number == LISTED else {"payout_line": number})


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_row_tells_every_column_a_person_could_want(
    chained: Workspace, stored: StoredOf, table: str
) -> None:
    page = runtime.run(chained.ctx, list_rows, TableQuery(table))
    row = page.rows[0]
    detail = runtime.run(chained.ctx, get_row, RowAddress(table, row["id"]))
    names = [column.name for column in all_columns(table)]
    assert list(detail.values) == [*names, "connection"]
    assert detail.values["connection"] == "Main store"
    assert {**detail.values, "id": row["id"]} | row == {**detail.values, "id": row["id"]}
    assert not {"tenant_id", "content_hash", "dedupe_key", "raw_data", "payment_id"} & set(names)
    assert {"source_updated_at", "ingested_at", "subsidiary_id"} <= set(names)
    assert detail.provider_url is None, "a sandbox has no pages"


def test_there_is_no_other_row(chained: Workspace, other_workspace: Workspace) -> None:
    row = runtime.run(chained.ctx, list_rows, TableQuery("payouts")).rows[0]
    for ctx, at in (
        (chained.ctx, RowAddress("payouts", uuid4())),
        (chained.ctx, RowAddress("payments", row["id"])),
        (chained.ctx, RowAddress("users", row["id"])),
        (other_workspace.ctx, RowAddress("payouts", row["id"])),
    ):
        with pytest.raises(NotFoundError):
            runtime.run(ctx, get_row, at)
    assert runtime.run(other_workspace.ctx, list_row_events, RowAddress("payouts", row["id"])) == ()


def test_who_may_not_see_tables_sees_no_row(
    workspace: Workspace, audit: Callable[[Workspace], list[tuple[str, str]]]
) -> None:
    nobody = replace(workspace.ctx, role="", permissions=frozenset())
    before = audit(workspace)
    use_cases: list[Any] = [get_row, list_row_events]
    for use_case in use_cases:
        with pytest.raises(PermissionDeniedError):
            runtime.run(nobody, use_case, RowAddress("payouts", uuid4()))
    assert audit(workspace) == [*before, *[("permission_denied", "denied")] * 2]


def test_a_row_tells_the_events_of_the_sync_that_brought_it(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    connection = connect(workspace.ctx, sandbox.api_key)
    assert sync(workspace.ctx, connection).status == "completed"
    row = runtime.run(workspace.ctx, list_rows, TableQuery("payouts")).rows[0]
    at = RowAddress("payouts", row["id"])
    events = runtime.run(workspace.ctx, list_row_events, at)
    assert [event.action for event in events] == ["job_started", "job_completed"]
    assert len({event.correlation_id for event in events}) == 1
    assert runtime.run(workspace.as_role("finance"), list_row_events, at) == ()
    detail = runtime.run(workspace.ctx, get_row, at)
    assert detail.raw is not None
    assert detail.raw["id"] == row["source_id"]


LIVE, TEST, SHOP = {"livemode": True}, {"livemode": False}, {"shop": "nord-wind.myshopify.com"}
GID = "gid://shopify/{}/55"
PAGES = [
    ("payments", {"source": "stripe", "source_id": "ch_1"}, None, LIVE,
     "https://dashboard.stripe.com/payments/ch_1"),
    ("payments", {"source": "stripe", "source_id": "ch_1"}, None, TEST,
     "https://dashboard.stripe.com/test/payments/ch_1"),
    ("payments", {"source": "stripe", "source_id": "ch_1"}, TEST, LIVE,
     "https://dashboard.stripe.com/test/payments/ch_1"),
    ("payments", {"source": "stripe", "source_id": "ch_1"}, None, {}, None),
    ("payments", {"source": "stripe", "source_id": "../x?ch_1"}, None, LIVE, None),
    ("refunds", {"source": "stripe", "source_id": "re_1", "payment_ref": "ch_1"}, None, LIVE,
     "https://dashboard.stripe.com/payments/ch_1"),
    ("refunds", {"source": "stripe", "source_id": "re_1", "payment_ref": None}, None, LIVE, None),
    ("payouts", {"source": "stripe", "source_id": "po_1"}, None, LIVE,
     "https://dashboard.stripe.com/payouts/po_1"),
    ("disputes", {"source": "stripe", "source_id": "dp_1"}, None, TEST,
     "https://dashboard.stripe.com/test/disputes/dp_1"),
    ("payout_lines", {"source": "stripe", "source_id": "txn_1", "payout_ref": "po_1"}, None, LIVE,
     "https://dashboard.stripe.com/payouts/po_1"),
    ("fees", {"source": "stripe", "source_id": "txn_1:0"}, None, LIVE, None),
    ("orders", {"source": "shopify", "source_id": GID.format("Order")}, None, SHOP,
     "https://admin.shopify.com/store/nord-wind/orders/55"),
    ("payments", {"source": "shopify", "source_id": GID.format("OrderTransaction"),
                  "order_ref": GID.format("Order")}, None, SHOP,
     "https://admin.shopify.com/store/nord-wind/orders/55"),
    ("payouts", {"source": "shopify", "source_id": GID.format("ShopifyPaymentsPayout")}, None,
     SHOP, "https://admin.shopify.com/store/nord-wind/payments/payouts/55"),
    ("disputes", {"source": "shopify", "source_id": GID.format("ShopifyPaymentsDispute")}, None,
     SHOP, None),
    ("orders", {"source": "shopify", "source_id": GID.format("Order")}, None, {}, None),
    ("orders", {"source": "shopify", "source_id": GID.format("Order")}, None,
     {"shop": "evil.example/x.myshopify.com"}, None),
    ("netsuite_transactions", {"source": "netsuite", "source_id": "1234567_SB1:77:2"}, None, {},
     "https://1234567-sb1.app.netsuite.com/app/accounting/transactions/transaction.nl?id=77"),
    ("netsuite_transactions", {"source": "netsuite", "source_id": "evil.example/:77:2"}, None, {},
     None),
    ("payments", {"source": "bank", "source_id": "ch_1"}, None, LIVE, None),
]  # fmt: skip


@pytest.mark.parametrize(("table", "row", "raw", "detail", "page"), PAGES)
def test_the_page_at_the_provider_is_made_of_what_is_known(
    table: str, row: dict[str, Any], raw: Any, detail: dict[str, Any], page: str | None
) -> None:
    assert provider_url(table, row, raw, detail) == page


def test_a_row_of_a_real_account_leads_to_its_page_and_one_of_the_sandbox_nowhere(
    admin_engine: Engine, stored: StoredOf
) -> None:
    workspace = fill_every_table(admin_engine)
    at = address(stored(workspace), "payouts", "payouts_003")
    pages = {"sandbox": None, "provider": "https://dashboard.stripe.com/payouts/payouts_003"}
    for environment, page in pages.items():
        with admin_engine.begin() as database:
            database.execute(
                text("UPDATE connections SET environment = :environment,"
                     " detail = '{\"livemode\": true}' WHERE tenant_id = :t"),
                {"t": workspace.ctx.tenant, "environment": environment},
            )  # fmt: skip
        assert runtime.run(workspace.ctx, get_row, at).provider_url == page
