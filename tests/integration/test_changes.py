"""Syncs that ask the provider what changed, and what a key may not read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from ecomops import runtime
from ecomops.connectors import http
from ecomops.connectors.stripe import events
from ecomops.domains.connections.changes import EditConnection, edit_connection
from ecomops.domains.connections.schemas import ListConnections
from ecomops.domains.connections.service import list_connections
from ecomops.domains.jobs.schemas import JobView
from ecomops.domains.sync.schemas import Stored as StoredRows
from ecomops.domains.sync.schemas import StorePage
from ecomops.domains.sync.store import store_page
from ecomops.operations import sync_connection
from ecomops.operations.connection_check import check_connection, check_health
from tests.conftest import Workspace
from tests.integration.provider import (
    Sandbox,
    Stored,
    assert_equals_the_oracle,
    begin_sync,
    connect,
    lead_to,
    serve,
    sync,
    work,
)

StoredOf = Callable[[Workspace], Stored]
Requests = Counter[str]


@pytest.fixture(scope="module")
def _large() -> Iterator[Sandbox]:
    with serve(days=60, orders_per_day=20) as sandbox:
        yield sandbox


@pytest.fixture
def large(_large: Sandbox, sandbox: Sandbox) -> Iterator[Sandbox]:
    """Two months of a shop, to which sandbox connections lead."""
    lead_to(_large)
    _large.reset()
    yield _large
    lead_to(sandbox)


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Requests:
    """How many requests went out, by kind: ``events``, ``by id`` or ``list``."""
    counted: Requests = Counter()
    send = http.ProviderHttp._send

    def counting(self: http.ProviderHttp, call: Any) -> http.Answer:
        _, _, resource, *rest = call.path.split("/")
        counted["by id" if rest else "events" if resource == "events" else "list"] += 1
        return send(self, call)

    monkeypatch.setattr(http.ProviderHttp, "_send", counting)
    return counted


def changes_of_a_sync(workspace: Workspace, shop: Sandbox, requests: Requests) -> Requests:
    """What the second sync asks for, three days after the first."""
    shop.set_clock(0)
    connection = connect(workspace.ctx, shop.api_key)
    assert sync(workspace.ctx, connection).status == "completed"
    shop.set_clock(3)
    requests.clear()
    done = sync(workspace.ctx, connection)
    assert done.status == "completed", done.error_message
    return Counter(requests)


def test_the_feed_spares_most_requests_and_leads_to_the_same(
    large: Sandbox, workspace: Workspace, other_workspace: Workspace, requests: Requests,
    admin_engine: Engine, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    with_feed = changes_of_a_sync(workspace, large, requests)
    monkeypatch.setattr(sync_connection, "changes_of", lambda *given: None)
    without = changes_of_a_sync(other_workspace, large, requests)
    for each in (workspace, other_workspace):
        assert_equals_the_oracle(admin_engine, each.ctx.tenant, large.oracle())
    print(f"with the feed {with_feed}, without it {without}")
    assert without["events"] == 0
    assert with_feed["by id"] < without["by id"] / 2
    assert with_feed["events"] <= 6
    assert with_feed["list"] == without["list"]


def test_a_quiet_account_is_asked_for_next_to_nothing(
    large: Sandbox, workspace: Workspace, requests: Requests
) -> None:
    connection = connect(workspace.ctx, large.api_key)
    sync(workspace.ctx, connection)
    for _ in range(2):
        requests.clear()
        again = sync(workspace.ctx, connection)
        assert (again.inserted, again.updated) == (0, 0)
        assert requests["events"] == 4
        assert requests["by id"] <= 12


def test_a_mark_that_is_too_old_means_looking_at_all_that_is_open(
    sandbox: Sandbox, workspace: Workspace, requests: Requests, admin_engine: Engine
) -> None:
    connection = connect(workspace.ctx, sandbox.api_key)
    sync(workspace.ctx, connection)
    sandbox.set_clock(36)
    requests.clear()
    assert sync(workspace.ctx, connection).status == "completed"
    assert_equals_the_oracle(admin_engine, workspace.ctx.tenant, sandbox.oracle())
    assert requests["events"] >= 8  # in vain for each stream, then for a new mark
    assert requests["by id"] > 20
    sandbox.set_clock(37)
    requests.clear()
    sync(workspace.ctx, connection)
    assert_equals_the_oracle(admin_engine, workspace.ctx.tenant, sandbox.oracle())


def test_a_feed_that_is_too_long_means_looking_at_all_that_is_open(
    sandbox: Sandbox, workspace: Workspace, admin_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "MOST_PAGES", 1)
    monkeypatch.setattr(events, "PAGE_SIZE", 3)
    connection = connect(workspace.ctx, sandbox.api_key)
    for day in (0, 3, 6):
        sandbox.set_clock(day)
        sync(workspace.ctx, connection)
        assert_equals_the_oracle(admin_engine, workspace.ctx.tenant, sandbox.oracle())


def marks(stored: Stored) -> dict[str, Any]:
    rows = stored.rows(
        "SELECT stream, cursor FROM cursor_states WHERE tenant_id = :tenant"
        " AND stream LIKE '%@changes'"
    )
    return {str(stream): cursor for stream, cursor in rows}


class DiesAfter:
    """``store_page`` that dies after so many pages of changes, all of which were stored."""

    def __init__(self, pages: int) -> None:
        self.left = pages

    def __call__(self, session: Any, ctx: Any, command: StorePage) -> StoredRows:
        stored = store_page(session, ctx, command)
        told_by_id = not command.moves_cursor and command.payout_ref is None
        if told_by_id and command.page.stream == "payouts":
            self.left -= 1
            if self.left == 0:
                raise MemoryError("killed with its changes")
        return stored


def test_the_mark_moves_only_once_the_changes_are_stored(
    sandbox: Sandbox, workspace: Workspace, stored: StoredOf, admin_engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    connection = connect(workspace.ctx, sandbox.api_key)
    sync(workspace.ctx, connection)
    of = stored(workspace)
    before = marks(of)
    assert before.keys() == {
        f"{it}@changes" for it in ("charges", "refunds", "disputes", "payouts")
    }
    sandbox.set_clock(3)
    dying = DiesAfter(1)
    monkeypatch.setattr(sync_connection, "store_page", dying)
    job_id = begin_sync(workspace.ctx, connection)
    assert work(workspace.ctx, job_id) == "put_back"
    assert dying.left == 0
    after = marks(of)
    assert after["payouts@changes"] == before["payouts@changes"]
    assert after["charges@changes"] != before["charges@changes"]
    with admin_engine.begin() as connected:
        ended = "UPDATE jobs SET lease_until = NULL WHERE tenant_id = %s AND status = 'pending'"
        connected.exec_driver_sql(ended, (workspace.ctx.tenant,))
    assert work(workspace.ctx, job_id) == "completed"
    assert marks(of)["payouts@changes"] != before["payouts@changes"]
    assert_equals_the_oracle(admin_engine, workspace.ctx.tenant, sandbox.oracle())


def restricted(sandbox: Sandbox) -> SecretStr:
    return SecretStr(sandbox.json("/credentials.json")["stripe"]["restricted_api_key"])


def card(workspace: Workspace) -> Any:
    (found,) = runtime.run(workspace.ctx, list_connections, ListConnections())
    return found


def test_a_key_without_a_permission_reads_everything_else_and_it_is_said(
    sandbox: Sandbox, workspace: Workspace, stored: StoredOf
) -> None:
    connection = connect(workspace.ctx, restricted(sandbox))
    of, oracle = stored(workspace), sandbox.oracle()
    for _ in range(2):
        done: JobView = sync(workspace.ctx, connection)
        assert (done.status, done.error_message) == ("completed", None)
        for table in ("payments", "refunds", "payouts", "payout_lines"):
            count = of.one(f"SELECT count(*) FROM {table} WHERE tenant_id = :tenant")
            assert count == oracle[table]["count"], table
        assert of.one("SELECT count(*) FROM disputes WHERE tenant_id = :tenant") == 0
        said = card(workspace)
        assert said.status == "active"
        assert said.last_error.startswith(
            "Read without Disputes. The Stripe key lacks a permission"
        )
        assert "rak_dispute_read" in said.last_error
    assert check_health(workspace.ctx, connection)
    assert check_connection(workspace.ctx, connection).ok
    assert card(workspace).last_error == said.last_error
    detail = of.one("SELECT detail FROM connections WHERE tenant_id = :tenant")
    assert detail["missing_permissions"] == {"Disputes": "rak_dispute_read"}


def test_a_permission_that_is_given_back_is_caught_up_with(
    sandbox: Sandbox, workspace: Workspace, admin_engine: Engine
) -> None:
    connection = connect(workspace.ctx, restricted(sandbox))
    sync(workspace.ctx, connection)
    edit = EditConnection(connection, "Main store", {"api_key": sandbox.api_key})
    runtime.run(workspace.ctx, edit_connection, edit)
    sandbox.set_clock(2)
    assert sync(workspace.ctx, connection).status == "completed"
    assert card(workspace).last_error is None
    assert_equals_the_oracle(admin_engine, workspace.ctx.tenant, sandbox.oracle())
