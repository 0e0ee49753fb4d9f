"""A whole world of 100,000 lines: as the answer key says, untouched by a second sync, and the
same where every fifth request fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from ecomops.kit.settings import get_settings
from tests.conftest import Workspace
from tests.integration.provider import Sandbox, Stored, begin_sync, job, serve_scale
from tests.torture.fire.trial import BAD_DAY, PLENTY
from tests.torture.lone_worker import Taken, hire
from tests.torture.report import SEED, reported, times
from tests.torture.sources import SOURCES, Source, free_slots

SCALE = times(full=100_000, short=1_000)
MOST_ATTEMPTS = 40
MOST_MEMORY = 400  # MiB, of a worker
_OVER = text(
    "UPDATE jobs SET lease_until = now() - interval '1 s'"
    " WHERE id = :job AND status IN ('pending', 'running')"
)
_ROWS = (
    "SELECT count(*), coalesce(sum(hashtextextended(xmin::text || ctid::text, 0)), 0)"
    " FROM {} WHERE tenant_id = :tenant"
)
_OWN = (
    "tenant_id,connection_id,id,ingested_at,contents_read_at,content_hash,raw_data,"
    "order_id,payment_id,refund_id,dispute_id,payout_id,payout_line_id"
)
"""Each workspace's own; and texts, as a bulk operation tells an order's items in any order."""
_CONTENTS = (
    "SELECT count(*), coalesce(sum(hashtextextended((row - "
    f"string_to_array('{_OWN}', ','))::text, 0)), 0)"
    " FROM {} t, to_jsonb(t) row WHERE tenant_id = :tenant"
)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("large")]


@pytest.fixture(scope="module")
def world(runtime_started: None) -> Iterator[Sandbox]:
    """A sandbox to which sandbox connections lead, with a plan that allows many requests."""
    with serve_scale(SCALE) as sandbox, pytest.MonkeyPatch.context() as patch:
        sandbox.limits({"shopify": PLENTY})
        patch.setenv("ECOMOPS_SANDBOX_PORT", str(sandbox.port))
        get_settings.cache_clear()
        yield sandbox
        patch.undo()
    get_settings.cache_clear()


def synced(workspace: Workspace, connection: UUID, engine: Engine) -> tuple[UUID, list[Taken]]:
    """A sync by a worker of its own, and by others where it is put back; what each took."""
    job_id, taken = begin_sync(workspace.ctx, connection), list[Taken]()
    while not taken or taken[-1].outcome == "put_back":
        assert len(taken) < MOST_ATTEMPTS
        taken.append(hire(workspace.ctx.tenant, job_id))
        free_slots()
        with engine.begin() as database:
            database.execute(_OVER, {"job": job_id})
    done = job(workspace.ctx, job_id)
    assert (done.status, done.error_message, done.rejected) == ("completed", None, 0)
    return job_id, taken


def digest(source: Source, query: str, stored: Stored) -> dict[str, object]:
    return {table: stored.rows(query.format(table)) for table in source.tables}


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_a_large_world_comes_whole_stays_still_and_survives_a_bad_day(
    source: Source, world: Sandbox, workspace: Workspace, other_workspace: Workspace,
    admin_engine: Engine, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    world.faults({})
    connection = source.connect(workspace, world, admin_engine)
    stored = Stored(admin_engine, workspace.ctx.tenant)
    with reported(f"whole world {source}") as figures:
        _, first = synced(workspace, connection, admin_engine)
        source.compare(admin_engine, workspace, world)
        before = digest(source, _ROWS, stored)
        figures.count = sum(rows[0][0] for rows in before.values())  # type: ignore[index]
        again, second = synced(workspace, connection, admin_engine)
        changed = job(workspace.ctx, again)
        assert (changed.inserted, changed.updated) == (0, 0)
        assert digest(source, _ROWS, stored) == before
    connection = source.connect(other_workspace, world, admin_engine)
    with reported(f"whole world {source}, a fifth fails") as figures:
        world.faults({"seed": SEED, "rates": BAD_DAY, "slow_seconds": 0.03})
        _, faulty = synced(other_workspace, connection, admin_engine)
        failed = world.json("/faults")["injected"]
        world.faults({})
        source.compare(admin_engine, other_workspace, world)
        others = digest(source, _CONTENTS, Stored(admin_engine, other_workspace.ctx.tenant))
        assert others == digest(source, _CONTENTS, stored)
        figures.count = sum(failed.values())
    with capsys.disabled():
        print(f"\n{source}: { ({name: rows[0][0] for name, rows in before.items()}) }")  # type: ignore[index]
        for name, attempts in (("first", first), ("second", second), ("a fifth fails", faulty)):
            print(f"{name}: {[asdict(it) for it in attempts]}")
        print(f"requests that failed: {failed}")
    assert max(it.memory for it in (*first, *second, *faulty)) < MOST_MEMORY
