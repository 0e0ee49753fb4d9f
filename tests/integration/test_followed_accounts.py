"""Which accounts of NetSuite are followed, and that a sync heeds it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from pydantic import SecretStr

from ecomops import runtime
from ecomops.domains.connections.fields import FORMS
from ecomops.domains.connections.followed import (
    USUAL_TYPES,
    FollowAccounts,
    follow_accounts,
    list_accounts,
)
from ecomops.domains.connections.schemas import CreateConnection
from ecomops.domains.connections.service import create_connection
from ecomops.kit.errors import InvalidInputError, NotFoundError, PermissionDeniedError
from tests.conftest import Workspace
from tests.integration.provider import Sandbox, Stored, sync

StoredOf = Callable[[Workspace], Stored]
Audit = Callable[[Workspace], list[tuple[str, str]]]


@pytest.fixture
def books(workspace: Workspace, sandbox: Sandbox) -> UUID:
    """A NetSuite connection that was synced once."""
    told = sandbox.json("/credentials.json")["netsuite"]
    credentials = {name: SecretStr(told[name]) for name in FORMS["netsuite"]}
    command = CreateConnection("netsuite", "Books", "sandbox", credentials)
    connection = runtime.run(workspace.ctx, create_connection, command).id
    assert runtime.run(workspace.ctx, list_accounts, connection) == ()
    assert sync(workspace.ctx, connection).status == "completed"
    return connection


def accounts_read(stored: Stored) -> set[str]:
    rows = stored.rows("SELECT DISTINCT account_id FROM netsuite_transactions"
                       " WHERE tenant_id = :tenant")  # fmt: skip
    return {row[0] for row in rows}


def test_until_people_choose_the_usual_ones_are_followed(workspace: Workspace, books: UUID) -> None:
    choices = runtime.run(workspace.ctx, list_accounts, books)
    assert {it.followed for it in choices} == {True, False}
    assert all(it.followed == (it.account_type in USUAL_TYPES) for it in choices)


def test_a_choice_is_kept_and_the_next_sync_heeds_it(
    workspace: Workspace, books: UUID, stored: StoredOf, audit: Audit
) -> None:
    choices = runtime.run(workspace.ctx, list_accounts, books)
    before = accounts_read(stored(workspace))
    (fees,) = [it.internal_id for it in choices if it.number == "6100"]
    runtime.run(workspace.ctx, follow_accounts, FollowAccounts(books, (fees,)))
    kept = [it.internal_id for it in runtime.run(workspace.ctx, list_accounts, books)
            if it.followed]  # fmt: skip
    assert kept == [fees]
    assert ("followed_accounts_updated", "success") in audit(workspace)
    again = sync(workspace.ctx, books)
    assert again.status == "completed"
    assert fees in accounts_read(stored(workspace)) | before
    runtime.run(workspace.ctx, follow_accounts, FollowAccounts(books, ()))
    choices = runtime.run(workspace.ctx, list_accounts, books)
    assert all(it.followed == (it.account_type in USUAL_TYPES) for it in choices)


def test_what_cannot_be_followed(
    workspace: Workspace, other_workspace: Workspace, books: UUID
) -> None:
    with pytest.raises(InvalidInputError):
        runtime.run(workspace.ctx, follow_accounts, FollowAccounts(books, ("999999",)))
    with pytest.raises(PermissionDeniedError):
        runtime.run(workspace.as_role("finance"), follow_accounts, FollowAccounts(books, ()))
    with pytest.raises(NotFoundError):
        runtime.run(other_workspace.ctx, follow_accounts, FollowAccounts(books, ()))
    with pytest.raises(NotFoundError):
        runtime.run(other_workspace.ctx, list_accounts, books)
