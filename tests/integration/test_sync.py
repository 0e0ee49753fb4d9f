"""Whole syncs against the sandbox and its answer key."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from ecomops import runtime
from ecomops.connectors.base import Connector, Cursor, Page
from ecomops.connectors.http import ProviderHttp
from ecomops.connectors.records import Reject, StoredRecord
from ecomops.domains.connections.changes import revoke_connection
from ecomops.domains.connections.schemas import ListConnections
from ecomops.domains.connections.service import list_connections
from ecomops.domains.sync.queries import list_rejects
from ecomops.domains.sync.schemas import ListRejects, StorePage
from ecomops.domains.sync.schemas import Stored as StoredRows
from ecomops.domains.sync.store import store_page
from ecomops.kit.context import Context
from ecomops.operations import sync_connection
from ecomops.operations.provider import connector_for
from tests.conftest import Workspace
from tests.integration.provider import (
    Sandbox,
    Stored,
    assert_equals_the_oracle,
    begin_sync,
    connect,
    job,
    sync,
    work,
)

StoredOf = Callable[[Workspace], Stored]


def test_a_first_sync_equals_the_answer_key(
    sandbox: Sandbox, workspace: Workspace, admin_engine: Engine
) -> None:
    done = sync(workspace.ctx, connect(workspace.ctx, sandbox.api_key))
    oracle = sandbox.oracle()
    assert (done.status, done.error_message, done.rejected) == ("completed", None, 0)
    assert_equals_the_oracle(admin_engine, workspace.ctx.tenant, oracle)
    tables = ("payments", "refunds", "disputes", "payouts", "payout_lines")
    assert done.inserted == sum(oracle[table]["count"] for table in tables)


def test_every_link_is_resolved(sandbox: Sandbox, workspace: Workspace, stored: StoredOf) -> None:
    sync(workspace.ctx, connect(workspace.ctx, sandbox.api_key))
    of = stored(workspace)
    for child, ref, column, parent in (
        ("refunds", "payment_ref", "payment_id", "payments"),
        ("disputes", "payment_ref", "payment_id", "payments"),
        ("payout_lines", "payout_ref", "payout_id", "payouts"),
        ("fees", "line_ref", "payout_line_id", "payout_lines"),
        ("payout_lines", "object_ref", "payment_id", "payments"),
        ("payout_lines", "object_ref", "refund_id", "refunds"),
        ("payout_lines", "object_ref", "dispute_id", "disputes"),
    ):
        wrong = of.rows(
            f"SELECT c.source_id, c.{ref} FROM {child} c LEFT JOIN {parent} p"
            f" ON p.tenant_id = c.tenant_id AND p.source_id = c.{ref}"
            f" WHERE c.tenant_id = :tenant AND c.{column} IS DISTINCT FROM p.id"
        )
        assert wrong == [], f"{child}.{column}"
        linked = f"SELECT count(*) FROM {child} WHERE tenant_id = :tenant AND {column} IS NOT NULL"
        assert of.one(linked) > 0, f"{child}.{column} is never linked: the test proves nothing"


def test_what_settled_abroad_says_for_how_much(
    sandbox: Sandbox, workspace: Workspace, stored: StoredOf
) -> None:
    sync(workspace.ctx, connect(workspace.ctx, sandbox.api_key))
    wrong = (
        "SELECT count(*) FILTER (WHERE (p.settlement_amount, p.settlement_currency, p.fx_rate)"
        " IS DISTINCT FROM (l.gross, l.currency, l.fx_rate)), count(*) FROM payments p"
        " JOIN payout_lines l ON l.tenant_id = p.tenant_id AND l.source_id = p.settlement_ref"
        " WHERE p.tenant_id = :tenant AND p.currency <> l.currency"
    )
    ((differing, abroad),) = stored(workspace).rows(wrong)
    assert (differing, abroad > 0) == (0, True)


def test_a_second_sync_rewrites_no_row(
    sandbox: Sandbox, workspace: Workspace, stored: StoredOf
) -> None:
    connection = connect(workspace.ctx, sandbox.api_key)
    sync(workspace.ctx, connection)
    before = stored(workspace).fingerprint()
    again = sync(workspace.ctx, connection)
    assert (again.status, again.inserted, again.updated) == ("completed", 0, 0)
    assert stored(workspace).fingerprint() == before


def test_a_full_walk_anew_rewrites_no_row(
    sandbox: Sandbox, workspace: Workspace, stored: StoredOf, admin_engine: Engine
) -> None:
    connection = connect(workspace.ctx, sandbox.api_key)
    first = sync(workspace.ctx, connection)
    before = stored(workspace).fingerprint()
    _do(admin_engine, workspace, FORGET_CURSORS)
    again = sync(workspace.ctx, connection)
    assert (again.inserted, again.updated) == (0, 0)
    assert again.unchanged >= first.inserted
    assert stored(workspace).fingerprint() == before


@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.slow), 3])
def test_syncs_on_later_days_equal_the_answer_key_of_the_day(
    sandbox: Sandbox, workspace: Workspace, admin_engine: Engine, step: int
) -> None:
    connection = connect(workspace.ctx, sandbox.api_key)
    sync(workspace.ctx, connection)
    assert_equals_the_oracle(admin_engine, workspace.ctx.tenant, sandbox.oracle())
    for day in range(step, 13, step):
        sandbox.set_clock(day, 3600 * (day % 5))
        done = sync(workspace.ctx, connection)
        assert done.status == "completed", done.error_message
        assert_equals_the_oracle(admin_engine, workspace.ctx.tenant, sandbox.oracle())


def test_two_workspaces_on_one_account_share_nothing(
    sandbox: Sandbox, workspace: Workspace, other_workspace: Workspace, admin_engine: Engine
) -> None:
    for each in (workspace, other_workspace):
        sync(each.ctx, connect(each.ctx, sandbox.api_key))
    for each in (workspace, other_workspace):
        assert_equals_the_oracle(admin_engine, each.ctx.tenant, sandbox.oracle())


@pytest.mark.parametrize("kind", ["server_error", "rate_limited", "truncated", "disconnected"])
def test_a_bad_day_at_the_provider_changes_nothing_but_the_time(
    sandbox: Sandbox, workspace: Workspace, admin_engine: Engine, kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(ProviderHttp, "_pause", _at_once)
    connection = connect(workspace.ctx, sandbox.api_key)
    oracle = sandbox.oracle()
    sandbox.faults({"seed": 11, "rates": {kind: 0.1}})
    done = sync(workspace.ctx, connection)
    assert done.status == "completed", done.error_message
    assert sandbox.json("/faults")["injected"].get(kind, 0) >= 2
    assert_equals_the_oracle(admin_engine, workspace.ctx.tenant, oracle)


def _at_once(*_args: object, **_kwargs: object) -> None:
    """Waits are another test's business."""


def test_a_key_that_is_revoked_meanwhile_needs_a_person(
    sandbox: Sandbox, workspace: Workspace, stored: StoredOf
) -> None:
    connection = connect(workspace.ctx, sandbox.api_key)
    sandbox.faults({"scripts": [{"fault": "revoked", "path": "/stripe/v1/payouts"}]})
    done = sync(workspace.ctx, connection)
    assert (done.status, done.error_code) == ("failed", "provider_auth")
    assert done.error_message is not None
    assert "key" in done.error_message.lower()
    (card,) = runtime.run(workspace.ctx, list_connections, ListConnections())
    assert (card.status, card.last_error) == ("error", done.error_message)
    kept = stored(workspace).one("SELECT count(*) FROM payments WHERE tenant_id = :tenant")
    assert kept == sandbox.oracle()["payments"]["count"]
    sandbox.faults({})
    assert sync(workspace.ctx, connection).status == "completed"
    (card,) = runtime.run(workspace.ctx, list_connections, ListConnections())
    assert (card.status, card.last_error) == ("active", None)


class SomeUnreadable:
    """A provider's client some of whose records cannot be read."""

    def __init__(self, real: Connector, share: int) -> None:
        self._real, self._share = real, share

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def pages(self, stream: str, cursor: Cursor | None) -> Iterator[Page]:
        for page in self._real.pages(stream, cursor):
            yield self._damaged(page)

    def contents(self, payout_ids: Sequence[str]) -> Iterator[tuple[str, Page]]:
        for payout_id, page in self._real.contents(payout_ids):
            yield payout_id, self._damaged(page)

    def _damaged(self, page: Page) -> Page:
        bad = [record for record in page.records if hash_of(record) % self._share == 0]
        good = tuple(record for record in page.records if record not in bad)
        rejects = tuple(_reject(page.stream, record) for record in bad)
        return replace(page, records=good, rejects=(*page.rejects, *rejects))


def hash_of(record: StoredRecord) -> int:
    return sum(record.source_id.encode())


def _reject(stream: str, record: StoredRecord) -> Reject:
    return Reject(stream=stream, source_id=record.source_id, reason_code="bad_number",
                  message="The amount is no integer.", payload=record.raw)  # fmt: skip


def test_what_cannot_be_read_is_kept_and_counted_until_it_can(
    sandbox: Sandbox, workspace: Workspace, stored: StoredOf, admin_engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    opened = "ecomops.operations.run_job.connector_for"
    monkeypatch.setattr(opened, lambda *given: SomeUnreadable(connector_for(*given), 7))
    connection = connect(workspace.ctx, sandbox.api_key)
    done = sync(workspace.ctx, connection)
    of = stored(workspace)
    assert done.status == "completed"
    assert done.rejected > 10
    ignored = of.one("SELECT ignored FROM jobs WHERE id = :job", job=done.id)
    told = done.inserted + done.updated + done.unchanged + done.rejected + ignored
    assert done.rows_done == told
    listed = runtime.run(workspace.ctx, list_rejects, ListRejects(1000))
    assert {view.reason_code for view in listed} == {"bad_number"}
    assert json.loads(listed[0].payload)["id"] == listed[0].source_id
    sources = {(view.stream, view.source_id) for view in listed}
    assert len(sources) == len(listed)

    monkeypatch.undo()
    _do(admin_engine, workspace, FORGET_CURSORS, FORGET_CONTENTS)
    assert sync(workspace.ctx, connection).status == "completed"
    assert runtime.run(workspace.ctx, list_rejects, ListRejects(1000)) == ()


class Unlucky:
    """``store_page`` that dies at some pages, after everything of the page was written."""

    def __init__(self, seed: int, share: int) -> None:
        self._chance, self._share, self.deaths = random.Random(seed), share, 0

    def __call__(self, session: Session, ctx: Context, command: StorePage) -> StoredRows:
        stored = store_page(session, ctx, command)
        if self._chance.randrange(self._share) == 0:
            self.deaths += 1
            raise MemoryError("killed between two pages")
        return stored


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 6))]
)
def test_a_sync_that_dies_between_pages_goes_on_where_it_was(
    sandbox: Sandbox, workspace: Workspace, stored: StoredOf, admin_engine: Engine, seed: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    unlucky = Unlucky(seed, 12)
    monkeypatch.setattr(sync_connection, "store_page", unlucky)
    connection = connect(workspace.ctx, sandbox.api_key)
    for _ in range(40):
        job_id = begin_sync(workspace.ctx, connection)
        outcome = "put_back"
        while outcome == "put_back":
            _do(admin_engine, workspace, END_PAUSES)
            outcome = work(workspace.ctx, job_id)
        if outcome == "completed":
            break
        assert job(workspace.ctx, job_id).status == "dead"
    assert unlucky.deaths >= 3
    assert outcome == "completed"
    assert_equals_the_oracle(admin_engine, workspace.ctx.tenant, sandbox.oracle())
    monkeypatch.undo()
    before = stored(workspace).fingerprint()
    sync(workspace.ctx, connection)
    assert stored(workspace).fingerprint() == before


END_PAUSES = "UPDATE jobs SET lease_until = NULL WHERE tenant_id = %s AND status = 'pending'"
FORGET_CURSORS = "DELETE FROM cursor_states WHERE tenant_id = %s"
FORGET_CONTENTS = "UPDATE payouts SET contents_read_at = NULL WHERE tenant_id = %s"


def _do(engine: Engine, workspace: Workspace, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement, (workspace.ctx.tenant,))


def test_an_account_that_is_connected_anew_finds_its_rows_again(
    sandbox: Sandbox, workspace: Workspace, stored: StoredOf, admin_engine: Engine
) -> None:
    first = connect(workspace.ctx, sandbox.api_key)
    sync(workspace.ctx, first)
    runtime.run(workspace.ctx, revoke_connection, first)
    second = connect(workspace.ctx, sandbox.api_key)
    sync(workspace.ctx, second)
    assert_equals_the_oracle(admin_engine, workspace.ctx.tenant, sandbox.oracle())
    left = "SELECT count(*) FROM payments WHERE tenant_id = :tenant AND connection_id = :first"
    assert stored(workspace).one(left, first=first) == 0
    before = stored(workspace).fingerprint()
    sync(workspace.ctx, second)
    assert stored(workspace).fingerprint() == before
    for day in (4, 9):  # what was open when the first one was revoked has moved on since
        sandbox.set_clock(day)
        sync(workspace.ctx, second)
        assert_equals_the_oracle(admin_engine, workspace.ctx.tenant, sandbox.oracle())
