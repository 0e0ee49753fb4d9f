"""A whole sync of a shop through the product, against the sandbox's answer key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from uuid import UUID

from pydantic import SecretStr

from ecomops import runtime
from ecomops.domains.connections.schemas import CreateConnection
from ecomops.domains.connections.service import create_connection
from ecomops.kit.context import Context
from tests.conftest import Workspace
from tests.integration.provider import Json, Sandbox, Stored, sync, units

StoredOf = Callable[[Workspace], Stored]

TABLES = ("orders", "payments", "refunds", "payouts", "disputes", "payout_lines")


def connect_shop(ctx: Context, sandbox: Sandbox) -> UUID:
    told = sandbox.json("/credentials.json")["shopify"]
    named = ("shop_domain", "api_key", "api_secret")
    secrets = {name: SecretStr(told[name]) for name in named}
    command = CreateConnection("shopify", "Main shop", "sandbox", secrets)
    return runtime.run(ctx, create_connection, command).id


def answer_key(sandbox: Sandbox) -> Json:
    told: Json = sandbox.json("/oracle.json?only=shopify")["shopify"]
    return told


def assert_equals_the_key(found: Stored, key: Json) -> None:
    for table in TABLES[:-1]:
        assert found.by(table, "status", "amount") == units(key[table]["by_status"]), table
    measures = ("gross", "fee", "net")
    lines = key["payout_lines"]
    assert found.by("payout_lines", "status", *measures) == units(lines["by_status"])
    categories = found.by("payout_lines", "reporting_category", *measures)
    assert categories == units(lines["by_reporting_category"])
    assert found.by("fees", "kind", "amount") == units(key["fees"]["by_kind"])
    _assert_disputes_bear_their_fees(found, key)


def _assert_disputes_bear_their_fees(found: Stored, key: Json) -> None:
    categories = units(key["payout_lines"]["by_reporting_category"])
    told: Counter[str] = Counter()
    for name in ("dispute", "dispute_reversal"):
        told.update({code: sums["fee"] for code, sums in categories.get(name, {}).items()})
    stored = found.rows(
        "SELECT fee_currency, sum(fee)::bigint FROM disputes WHERE tenant_id = :tenant GROUP BY 1"
    )
    assert {code: fee for code, fee in stored if fee} == {c: fee for c, fee in told.items() if fee}


def assert_payouts_add_up(found: Stored, key: Json) -> None:
    rows = found.rows(
        "SELECT p.source_id, p.amount, p.fee_total, count(l.id), sum(l.net)::bigint FROM payouts p"
        " LEFT JOIN payout_lines l ON l.tenant_id = p.tenant_id AND l.payout_id = p.id"
        " WHERE p.tenant_id = :tenant AND p.contents_read_at IS NOT NULL"
        " GROUP BY p.tenant_id, p.id"
    )
    told = {row["id"]: row for row in key["payouts"]["list"]}
    assert {row[0] for row in rows} == {
        name for name, row in told.items() if row["status"] != "pending"
    }
    for source_id, amount, fees, count, net in rows:
        assert (fees, count) == (units(told[source_id]["fee"]), told[source_id]["line_count"])
        assert net == amount


def test_a_sync_equals_the_answer_key_and_a_second_one_writes_nothing(
    sandbox: Sandbox, workspace: Workspace, stored: StoredOf
) -> None:
    connection, of = connect_shop(workspace.ctx, sandbox), stored(workspace)
    first = sync(workspace.ctx, connection)
    key = answer_key(sandbox)
    assert (first.status, first.error_message, first.rejected) == ("completed", None, 0)
    assert first.inserted == sum(key[table]["count"] for table in TABLES)
    assert_equals_the_key(of, key)
    assert_payouts_add_up(of, key)
    before = of.fingerprint()
    second = sync(workspace.ctx, connection)
    assert (second.status, second.inserted, second.updated) == ("completed", 0, 0)
    assert of.fingerprint() == before


def test_days_go_by_and_each_sync_equals_the_answer_key(
    sandbox: Sandbox, workspace: Workspace, stored: StoredOf
) -> None:
    connection, of = connect_shop(workspace.ctx, sandbox), stored(workspace)
    for day in (-4, -2, -1, 0):
        sandbox.set_clock(day)
        done = sync(workspace.ctx, connection)
        assert (done.status, done.rejected) == ("completed", 0)
        key = answer_key(sandbox)
        assert_equals_the_key(of, key)
        assert_payouts_add_up(of, key)


def test_every_link_is_resolved(sandbox: Sandbox, workspace: Workspace, stored: StoredOf) -> None:
    sync(workspace.ctx, connect_shop(workspace.ctx, sandbox))
    of = stored(workspace)
    for child, ref, column, parent in (
        ("payments", "order_ref", "order_id", "orders"),
        ("refunds", "order_ref", "order_id", "orders"),
        ("refunds", "payment_ref", "payment_id", "payments"),
        ("disputes", "payment_ref", "payment_id", "payments"),
        ("payout_lines", "payout_ref", "payout_id", "payouts"),
        ("payout_lines", "order_ref", "order_id", "orders"),
        ("payout_lines", "object_ref", "payment_id", "payments"),
        ("payout_lines", "object_ref", "refund_id", "refunds"),
    ):
        wrong = of.rows(
            f"SELECT c.source_id, c.{ref} FROM {child} c LEFT JOIN {parent} p"
            f" ON p.tenant_id = c.tenant_id AND p.source_id = c.{ref}"
            f" WHERE c.tenant_id = :tenant AND c.{column} IS DISTINCT FROM p.id"
        )
        assert wrong == [], f"{child}.{column}"
        linked = f"SELECT count(*) FROM {child} WHERE tenant_id = :tenant AND {column} IS NOT NULL"
        assert of.one(linked) > 0, f"{child}.{column} is never linked: the test proves nothing"
