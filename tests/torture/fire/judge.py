"""What a workspace must look like after its last sync, whatever happened before."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import Engine

from tests.conftest import Workspace
from tests.integration.provider import Sandbox, Stored, assert_equals_the_oracle

TABLES = ("payments", "refunds", "disputes", "payouts", "payout_lines", "fees")


def judge(
    engine: Engine, workspace: Workspace, shop: Sandbox, sync_again: Callable[[], None]
) -> str:
    """What is wrong: other than the oracle, doubled, or written anew by a second sync."""
    stored = Stored(engine, workspace.ctx.tenant)
    wrong = [*_not_as_told(engine, workspace, shop), *_doubled(stored)]
    before = stored.fingerprint()
    sync_again()
    if stored.fingerprint() != before:
        wrong.append("a second sync wrote rows")
    return "; ".join(wrong)


def _not_as_told(engine: Engine, workspace: Workspace, shop: Sandbox) -> Iterator[str]:
    try:
        assert_equals_the_oracle(engine, workspace.ctx.tenant, shop.oracle())
    except AssertionError as error:
        yield f"not what the oracle says: {str(error).partition(chr(10))[0]}"


def _doubled(stored: Stored) -> Iterator[str]:
    for table in TABLES:
        ((rows, different),) = stored.rows(
            f"SELECT count(*), count(DISTINCT source_id) FROM {table} WHERE tenant_id = :tenant"
        )
        if rows != different:
            yield f"{rows - different} rows doubled: {table}"
