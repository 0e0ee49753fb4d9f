"""Look-ups by key, which have no transaction around them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, text

from ecomops import runtime
from ecomops.domains.identity.schemas import Resolve
from ecomops.domains.identity.service import resolve
from ecomops.kit.context import Context
from ecomops.kit.errors import EcomopsError
from tests.conftest import Workspace, anonymous

BOUND = "SELECT current_setting('app.current_tenant_id', true)"


def bound_tenant(cursor: psycopg.Cursor[Any], ctx: Context, command: None) -> Any:
    return cursor.execute(BOUND).fetchone()


def leaving_open(cursor: psycopg.Cursor[Any], ctx: Context, command: None) -> None:
    cursor.execute("BEGIN")


def status(cursor: psycopg.Cursor[Any], ctx: Context, command: None) -> object:
    return cursor.connection.info.transaction_status


def broken(cursor: psycopg.Cursor[Any], ctx: Context, command: None) -> None:
    cursor.execute("SELECT no_such_column FROM tenants")


def test_a_look_up_leaves_no_workspace_behind(workspace: Workspace) -> None:
    found = runtime.look_up(anonymous(), resolve, Resolve(workspace.token))
    assert found.tenant_id == workspace.ctx.tenant_id
    assert runtime.look_up(anonymous(), bound_tenant, None) in [(None,), ("",)]


def test_a_look_up_outlives_its_connections(workspace: Workspace, admin_engine: Engine) -> None:
    runtime.look_up(anonymous(), resolve, Resolve(workspace.token))
    with admin_engine.connect() as admin:
        admin.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = :app"),
            {"app": "ecomops_app"},
        )
    found = runtime.look_up(anonymous(), resolve, Resolve(workspace.token))
    assert found.tenant_id == workspace.ctx.tenant_id


def test_a_look_up_leaves_no_transaction_open(workspace: Workspace) -> None:
    runtime.look_up(anonymous(), leaving_open, None)
    assert runtime.look_up(anonymous(), status, None) == TransactionStatus.IDLE
    with pytest.raises(EcomopsError):
        runtime.look_up(anonymous(), broken, None)
    assert runtime.look_up(anonymous(), status, None) == TransactionStatus.IDLE


def test_look_ups_of_many_threads_do_not_meet(
    workspace: Workspace, other_workspace: Workspace
) -> None:
    """More threads than connections; each gets its own answer."""
    people = [workspace, other_workspace] * 100

    def tenant(person: Workspace) -> object:
        return runtime.look_up(anonymous(), resolve, Resolve(person.token)).tenant_id

    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(tenant, people))
    assert found == [person.ctx.tenant_id for person in people]


def test_what_goes_wrong_in_a_look_up_is_told_in_words(workspace: Workspace) -> None:
    with pytest.raises(EcomopsError, match="Something went wrong on our side"):
        runtime.look_up(anonymous(), broken, None)
