"""Whole syncs of a NetSuite account against the sandbox and its answer key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text

from ecomops import runtime
from ecomops.connectors.http import ProviderHttp
from ecomops.connectors.names import netsuite_host_label
from ecomops.connectors.netsuite import NetsuiteConnector
from ecomops.core.money import from_decimal
from ecomops.domains.connections.methods import METHODS
from ecomops.domains.connections.schemas import CreateConnection
from ecomops.domains.connections.service import create_connection
from ecomops.runtime.request_slots import SharedGate
from tests.conftest import Workspace
from tests.integration.provider import Json, Sandbox, Stored, sync
from tests.integration.test_backfill import compare

StoredOf = Callable[[Workspace], Stored]
LISTS = {
    "gl_accounts": ("account",),
    "subsidiaries": ("subsidiary",),
    "accounting_periods": ("accountingperiod",),
    "ledger_segments": ("department", "classification", "location", "currency"),
}


def key_of(sandbox: Sandbox) -> Json:
    told: Json = sandbox.json("/oracle.json?only=netsuite")["netsuite"]
    return told


def connect(
    sandbox: Sandbox, workspace: Workspace, engine: Engine, *, method: str = "token"
) -> UUID:
    """A NetSuite connection that follows the accounts of the answer key."""
    told = sandbox.json("/credentials.json")["netsuite"]
    (way,) = [it for it in METHODS["netsuite"] if it.name == method]
    secrets = {name: SecretStr(told[name]) for name in way.fields}
    command = CreateConnection("netsuite", "Books", "sandbox", secrets, method)
    id = runtime.run(workspace.ctx, create_connection, command).id
    kinds = key_of(sandbox)["tracked_accounts"].values()
    follow(engine, id, [account for accounts in kinds for account in accounts])
    return id


def follow(engine: Engine, connection: UUID, accounts: Sequence[str]) -> None:
    change = (
        "UPDATE connections SET settings = jsonb_build_object('accounts',"
        " to_jsonb(CAST(:accounts AS text[]))) WHERE id = :id"
    )
    with engine.begin() as session:
        session.execute(text(change), {"accounts": list(accounts), "id": connection})


def assert_equals_the_key(stored: Stored, key: Json) -> None:
    told = key["netsuite_transactions"]
    stored_lines = "FROM netsuite_transactions WHERE tenant_id = :tenant GROUP BY 1"
    counts = stored.rows(f"SELECT status, count(*) {stored_lines}")
    assert dict(counts) == {
        status: sum(it["count"] for it in rows.values())
        for status, rows in told["by_status"].items()
    }  # fmt: skip
    sums = stored.rows(
        "SELECT currency, count(*), coalesce(sum(debit), 0)::bigint,"
        f" coalesce(sum(credit), 0)::bigint, sum(amount)::bigint {stored_lines}"
    )
    assert {row[0]: row[1:] for row in sums} == {
        currency: (it["count"], *(_units(it[name]) for name in ("debit", "credit", "amount")))
        for currency, it in told["base_totals"].items()
    }
    for table, names in LISTS.items():
        count = stored.one(f"SELECT count(*) FROM {table} WHERE tenant_id = :tenant")
        assert count == sum(key["lists"][name]["count"] for name in names), table


def _units(told: str) -> int:
    return from_decimal(Decimal(told))


def fingerprint(stored: Stored) -> dict[str, set[tuple[Any, ...]]]:
    """Where every row lies and which transaction wrote it: equal if untouched."""
    return {
        table: set(
            stored.rows(f"SELECT id, ctid::text, xmin::text FROM {table} WHERE tenant_id = :tenant")
        )
        for table in ("netsuite_transactions", *LISTS)
    }


@pytest.mark.parametrize("method", ["token", "certificate"])
def test_a_first_sync_equals_the_answer_key_and_a_second_rewrites_nothing(
    sandbox: Sandbox, workspace: Workspace, admin_engine: Engine, stored: StoredOf, method: str
) -> None:
    connection = connect(sandbox, workspace, admin_engine, method=method)
    done = sync(workspace.ctx, connection)
    assert (done.status, done.error_message, done.rejected) == ("completed", None, 0)
    assert_equals_the_key(stored(workspace), key_of(sandbox))
    before = fingerprint(stored(workspace))
    again = sync(workspace.ctx, connection)
    assert (again.status, again.inserted, again.updated) == ("completed", 0, 0)
    assert fingerprint(stored(workspace)) == before


def test_syncs_on_later_days_equal_the_answer_key_of_the_day(
    sandbox: Sandbox, workspace: Workspace, admin_engine: Engine, stored: StoredOf
) -> None:
    connection = connect(sandbox, workspace, admin_engine)
    sync(workspace.ctx, connection)
    for day in (3, 8, 30):
        sandbox.set_clock(day)
        done = sync(workspace.ctx, connection)
        assert done.status == "completed", done.error_message
        assert_equals_the_key(stored(workspace), key_of(sandbox))
    assert key_of(sandbox)["transactions"]["deleted"] > 0


def test_a_bad_day_changes_nothing_but_the_time(
    sandbox: Sandbox, workspace: Workspace, admin_engine: Engine, stored: StoredOf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(ProviderHttp, "_pause", lambda http, seconds: http._check_running())
    connection = connect(sandbox, workspace, admin_engine)
    kinds = ("rate_limited", "server_error", "truncated", "disconnected")
    sandbox.faults({"seed": 11, "rates": dict.fromkeys(kinds, 0.05)})
    done = sync(workspace.ctx, connection)
    assert done.status == "completed", done.error_message
    assert sum(sandbox.json("/faults")["injected"].values()) >= 2
    assert_equals_the_key(stored(workspace), key_of(sandbox))


def test_a_line_that_was_taken_out_of_a_transaction_does_not_stay(
    sandbox: Sandbox, workspace: Workspace, admin_engine: Engine, stored: StoredOf
) -> None:
    connection = connect(sandbox, workspace, admin_engine)
    sync(workspace.ctx, connection)
    extra = (
        "INSERT INTO netsuite_transactions SELECT (jsonb_populate_record(n, jsonb_build_object("
        "'id', uuidv7(), 'source_id', n.source_id || '9', 'dedupe_key', n.dedupe_key || '9'))).*"
        " FROM netsuite_transactions n WHERE n.connection_id = :id"
        " ORDER BY n.source_updated_at DESC LIMIT 1"
    )
    with admin_engine.begin() as session:
        session.execute(text(extra), {"id": connection})
    sync(workspace.ctx, connection)
    assert_equals_the_key(stored(workspace), key_of(sandbox))


def test_a_comparison_finds_the_lines_equal_and_fetches_one_that_was_lost(
    sandbox: Sandbox, workspace: Workspace, admin_engine: Engine, stored: StoredOf
) -> None:
    connection = connect(sandbox, workspace, admin_engine)
    sync(workspace.ctx, connection)
    check = compare(workspace, connection)["transactions"]
    assert (check.missing, check.vanished, check.different) == ((), (), ())
    assert check.provider_count == check.stored_count > 0
    lost = stored(workspace).one(
        "SELECT min(source_id) FROM netsuite_transactions WHERE tenant_id = :tenant"
        " AND created_at < now() - interval '2 days'"
    )
    with admin_engine.begin() as session:
        query = "DELETE FROM netsuite_transactions WHERE connection_id = :id AND source_id = :lost"
        session.execute(text(query), {"id": connection, "lost": lost})
    assert compare(workspace, connection)["transactions"].missing == (lost,)
    assert_equals_the_key(stored(workspace), key_of(sandbox))


def test_all_who_call_one_account_stay_below_its_limit(sandbox: Sandbox) -> None:
    told = sandbox.json("/credentials.json")["netsuite"]
    credentials = {name: SecretStr(told[name]) for name in METHODS["netsuite"][0].fields}
    base = f"{sandbox.base}/netsuite/{netsuite_host_label(told['account_id'])}"
    tight = {"netsuite": {"concurrency": 2, "milliseconds": 20}}
    httpx.put(sandbox.base + "/limits", json=tight).raise_for_status()

    def read(number: int) -> None:
        connector = NetsuiteConnector(credentials, base=base, gate=SharedGate("netsuite:test", 2))
        list(connector.pages("accounts", None))
        connector.close()

    with ThreadPoolExecutor(8) as workers:
        list(workers.map(read, range(24)))
    found = sandbox.json("/limits")["netsuite"]
    httpx.put(sandbox.base + "/limits", json={}).raise_for_status()
    assert (found["peak"], found["refused"]) == (2, 0)
