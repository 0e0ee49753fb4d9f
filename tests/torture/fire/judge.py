"""What a workspace must look like after its last sync, whatever happened before."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import Engine

from tests.conftest import Workspace
from tests.integration.provider import Sandbox, Stored
from tests.torture.sources import Source


def judge(
    source: Source,
    engine: Engine,
    workspace: Workspace,
    shop: Sandbox,
    sync_again: Callable[[], None],
) -> str:
    """What is wrong: other than the oracle, doubled, or written anew by a second sync."""
    stored = Stored(engine, workspace.ctx.tenant)
    wrong = [*_not_as_told(source, engine, workspace, shop), *_doubled(source, stored)]
    before = versions(source, stored)
    sync_again()
    if versions(source, stored) != before:
        wrong.append("a second sync wrote rows")
    return "; ".join(wrong)


def versions(source: Source, stored: Stored) -> dict[str, set[tuple[object, ...]]]:
    """Where every row lies and which transaction wrote it: equal if untouched."""
    query = "SELECT id, ctid::text, xmin::text FROM {} WHERE tenant_id = :tenant"
    return {table: set(stored.rows(query.format(table))) for table in source.tables}


def _not_as_told(
    source: Source, engine: Engine, workspace: Workspace, shop: Sandbox
) -> Iterator[str]:
    try:
        source.compare(engine, workspace, shop)
    except AssertionError as error:
        yield f"not what the oracle says: {str(error).partition(chr(10))[0]}"


def _doubled(source: Source, stored: Stored) -> Iterator[str]:
    for table in source.tables:
        ((rows, different),) = stored.rows(
            f"SELECT count(*), count(DISTINCT source_id) FROM {table} WHERE tenant_id = :tenant"
        )
        if rows != different:
            yield f"{rows - different} rows doubled: {table}"
