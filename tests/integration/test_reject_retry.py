"""Retry of one record that could not be read: fetched by its id, stored, or still rejected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text

from ecomops import runtime
from ecomops.connectors.base import Connector, Cursor, Page
from ecomops.connectors.records import Reject, StoredRecord
from ecomops.domains.connections.changes import revoke_connection
from ecomops.domains.connections.schemas import ListConnections
from ecomops.domains.connections.service import list_connections
from ecomops.domains.sync.queries import list_rejects
from ecomops.domains.sync.schemas import ListRejects, RejectView
from ecomops.kit.context import Plan
from ecomops.kit.errors import (
    ConflictError,
    EntitlementDeniedError,
    NotFoundError,
    PermissionDeniedError,
    ProviderAuthError,
)
from ecomops.operations.provider import connector_for
from ecomops.operations.reject_retry import retry_reject
from tests.conftest import Workspace
from tests.integration.provider import (
    Sandbox,
    Stored,
    assert_equals_the_oracle,
    begin_sync,
    connect,
    sync,
)

StoredOf = Callable[[Workspace], Stored]
Audit = Callable[[Workspace], list[tuple[str, str]]]
TABLES = {"charges": "payments", "refunds": "refunds", "balance_transactions": "payout_lines"}


class FirstUnreadable:
    """A provider's client that cannot read the first record of each stream, however it comes."""

    def __init__(self, real: Connector) -> None:
        self._real = real
        self._bad: dict[str, str] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def pages(self, stream: str, cursor: Cursor | None) -> Iterator[Page]:
        yield from map(self._damaged, self._real.pages(stream, cursor))

    def contents(self, payout_ids: Sequence[str]) -> Iterator[tuple[str, Page]]:
        for payout_id, page in self._real.contents(payout_ids):
            yield payout_id, self._damaged(page)

    def refresh(self, stream: str, source_ids: Sequence[str]) -> Iterator[Page]:
        yield from map(self._damaged, self._real.refresh(stream, source_ids))

    def _damaged(self, page: Page) -> Page:
        if page.records:
            self._bad.setdefault(page.stream, page.records[0].source_id)
        bad = [it for it in page.records if it.source_id == self._bad.get(page.stream)]
        rejects = tuple(_reject(page.stream, it) for it in bad)
        good = tuple(it for it in page.records if it not in bad)
        return replace(page, records=good, rejects=(*page.rejects, *rejects))


def _reject(stream: str, record: StoredRecord) -> Reject:
    return Reject(stream=stream, source_id=record.source_id, reason_code="bad_number",
                  message="The amount is no integer.", payload=record.raw)  # fmt: skip


@pytest.fixture
def connection(sandbox: Sandbox, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """A connection whose sync could not read one record of each stream; now all can be read."""
    found = connect(workspace.ctx, sandbox.api_key)
    with monkeypatch.context() as patch:
        opened = "ecomops.operations.run_job.connector_for"
        patch.setattr(opened, lambda *given: FirstUnreadable(connector_for(*given)))
        assert sync(workspace.ctx, found).status == "completed"
    return found


def rejects(workspace: Workspace) -> dict[str, RejectView]:
    listed = runtime.run(workspace.ctx, list_rejects, ListRejects(1000))
    assert len({view.stream for view in listed}) == len(listed)
    return {view.stream: view for view in listed}


@pytest.mark.parametrize("stream", sorted(TABLES))
def test_a_record_that_can_be_read_now_is_in_its_table(
    connection: UUID, workspace: Workspace, stored: StoredOf, audit: Audit, stream: str
) -> None:
    of = stored(workspace)
    reject = rejects(workspace)[stream]
    there = f"SELECT count(*) FROM {TABLES[stream]} WHERE tenant_id = :tenant AND source_id = :id"
    cursors = "SELECT stream, cursor::text, updated_at FROM cursor_states WHERE tenant_id = :tenant"
    before = sorted(of.rows(cursors))
    assert of.one(there, id=reject.source_id) == 0
    outcome = retry_reject(workspace.ctx, reject.id)
    assert outcome.stored
    assert outcome.message.startswith("The record is in the tables now.")
    assert of.one(there, id=reject.source_id) == 1
    assert stream not in rejects(workspace)
    assert sorted(of.rows(cursors)) == before
    assert audit(workspace)[-1] == ("record_retried", "success")


def test_after_all_were_retried_the_next_sync_equals_the_answer_key(
    sandbox: Sandbox, connection: UUID, workspace: Workspace, admin_engine: Engine
) -> None:
    for reject in rejects(workspace).values():
        assert retry_reject(workspace.ctx, reject.id).stored
    assert rejects(workspace) == {}
    assert sync(workspace.ctx, connection).status == "completed"
    assert_equals_the_oracle(admin_engine, workspace.ctx.tenant, sandbox.oracle())


def test_a_line_finds_its_payout_with_the_next_sync(
    connection: UUID, workspace: Workspace, stored: StoredOf
) -> None:
    reject = rejects(workspace)["balance_transactions"]
    outcome = retry_reject(workspace.ctx, reject.id)
    assert outcome.message.endswith("The next sync puts it into its payout.")
    payout = "SELECT payout_ref FROM payout_lines WHERE tenant_id = :tenant AND source_id = :id"
    assert stored(workspace).one(payout, id=reject.source_id) is None
    sync(workspace.ctx, connection)
    assert stored(workspace).one(payout, id=reject.source_id) is not None


def test_a_record_that_still_cannot_be_read_says_so_and_stays(
    connection: UUID, workspace: Workspace, audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = "ecomops.operations.reject_retry.connector_for"
    monkeypatch.setattr(opened, lambda *given: FirstUnreadable(connector_for(*given)))
    before = rejects(workspace)["charges"]
    outcome = retry_reject(workspace.ctx, before.id)
    assert outcome.message == "It still cannot be read: The amount is no integer."
    assert not outcome.stored
    assert rejects(workspace)["charges"] == before
    assert audit(workspace)[-1] == ("record_retried", "error")


def test_a_record_that_is_gone_stays_rejected_with_that_reason(
    connection: UUID, workspace: Workspace, admin_engine: Engine
) -> None:
    reject = rejects(workspace)["charges"]
    _do(admin_engine, "UPDATE ingest_rejects SET source_id = 'ch_gone' WHERE id = :id", reject.id)
    outcome = retry_reject(workspace.ctx, reject.id)
    assert not outcome.stored
    left = rejects(workspace)["charges"]
    assert (left.reason_code, left.source_id) == ("vanished", "ch_gone")


def test_two_records_that_are_gone_are_two_rejects(
    connection: UUID, workspace: Workspace, admin_engine: Engine
) -> None:
    listed = rejects(workspace)
    for number, stream in enumerate(("charges", "refunds")):
        forget = f"UPDATE ingest_rejects SET stream = 'charges', source_id = 'ch_{number}'"
        _do(admin_engine, f"{forget} WHERE id = :id", listed[stream].id)
        assert not retry_reject(workspace.ctx, listed[stream].id).stored
    left = runtime.run(workspace.ctx, list_rejects, ListRejects(1000))
    gone = {view.source_id for view in left if view.reason_code == "vanished"}
    assert gone == {"ch_0", "ch_1"}


def test_a_refused_key_is_told_and_stays_on_the_card(
    sandbox: Sandbox, connection: UUID, workspace: Workspace
) -> None:
    reject = rejects(workspace)["charges"]
    sandbox.faults({"scripts": [{"fault": "revoked", "path": "/stripe/v1/charges"}]})
    with pytest.raises(ProviderAuthError):
        retry_reject(workspace.ctx, reject.id)
    (card,) = runtime.run(workspace.ctx, list_connections, ListConnections())
    assert card.status == "error"
    assert rejects(workspace)["charges"] == reject


def test_while_a_sync_runs_nothing_is_fetched(connection: UUID, workspace: Workspace) -> None:
    reject = rejects(workspace)["charges"]
    begin_sync(workspace.ctx, connection)
    with pytest.raises(ConflictError, match="A sync of this connection is running"):
        retry_reject(workspace.ctx, reject.id)


def test_what_cannot_be_asked_for_says_why(
    connection: UUID, workspace: Workspace, admin_engine: Engine
) -> None:
    listed = rejects(workspace)
    nameless, done, orphan = listed["charges"], listed["refunds"], listed["balance_transactions"]
    _do(admin_engine, "UPDATE ingest_rejects SET source_id = NULL WHERE id = :id", nameless.id)
    with pytest.raises(ConflictError, match="without an id"):
        retry_reject(workspace.ctx, nameless.id)
    retry_reject(workspace.ctx, done.id)
    with pytest.raises(ConflictError, match="in the meantime"):
        retry_reject(workspace.ctx, done.id)
    with pytest.raises(NotFoundError):
        retry_reject(workspace.ctx, uuid4())
    runtime.run(workspace.ctx, revoke_connection, connection)
    with pytest.raises(ConflictError, match="was revoked"):
        retry_reject(workspace.ctx, orphan.id)


def test_only_those_who_may_run_syncs_retry_and_not_after_the_trial(
    connection: UUID, workspace: Workspace, other_workspace: Workspace
) -> None:
    reject = rejects(workspace)["charges"]
    with pytest.raises(PermissionDeniedError):
        retry_reject(workspace.as_role("readonly"), reject.id)
    over = Plan("trial", datetime.now(UTC) - timedelta(days=1))
    with pytest.raises(EntitlementDeniedError):
        retry_reject(replace(workspace.ctx, plan=over), reject.id)
    with pytest.raises(NotFoundError):
        retry_reject(other_workspace.ctx, reject.id)
    assert rejects(workspace)["charges"] == reject


def _do(engine: Engine, statement: str, reject_id: UUID) -> None:
    with engine.begin() as database:
        assert database.execute(text(statement), {"id": reject_id}).rowcount == 1
