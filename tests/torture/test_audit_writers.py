"""T11: many write at once, slowly, and fail; sealers run; nothing is lost, doubled or left."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Flag

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from ecomops import runtime
from ecomops.domains.audit.service import Event, record
from ecomops.kit.context import Context
from ecomops.kit.errors import ConflictError
from ecomops.kit.settings import Settings
from ecomops.operations.audit_sealing import seal_all
from tests.conftest import Workspace, anonymous, make_workspace
from tests.integration.audit_log import seal, verified
from tests.torture.report import SEED, reported, times

pytestmark = pytest.mark.slow

WRITERS, SEALERS, WORKSPACES = 32, 3, 4
MOST_AT_ONCE = 5


@pytest.fixture
def many_connections(settings: Settings, runtime_started: None) -> Iterator[None]:
    """One for each writer and sealer."""
    runtime.start(settings, pool_size=(WRITERS + SEALERS) // 2 + 1)
    yield
    runtime.start(settings)


def write_some(session: Session, ctx: Context, command: tuple[list[str], str]) -> list[str]:
    """Leave an event for each name, then succeed, fail, or take long to commit."""
    names, how = command
    for name in names:
        record(session, ctx, Event("job", "job_started", "job", name, payload={"name": name}))
        if how == "slow":
            time.sleep(0.02)
    if how == "fails":
        raise ConflictError("changed my mind")
    return names


def written(workspace: Workspace, writer: int, count: int) -> list[str]:
    """The names of this writer's events that were committed."""
    chance = random.Random(SEED + writer)
    done: list[str] = []
    while len(done) < count:
        some = min(chance.randint(1, MOST_AT_ONCE), count - len(done))
        names = [f"{writer}-{len(done) + one}" for one in range(some)]
        how = chance.choices(("fine", "fails", "slow"), (90, 8, 2))[0]
        try:
            done += runtime.run(workspace.ctx, write_some, (names, how))
        except ConflictError:
            continue
    return done


def sealed_until(over: Flag) -> int:
    sealed = 0
    while not over.wait(0.05):
        sealed += seal_all(anonymous())
    return sealed


def test_what_is_written_at_once_is_sealed_once(
    many_connections: None, admin_engine: Engine
) -> None:
    workspaces = [make_workspace() for _ in range(WORKSPACES)]
    each, over = times(full=200_000, short=960) // WRITERS, Flag()
    with reported("T11") as figures, ThreadPoolExecutor(WRITERS + SEALERS) as pool:
        sealers = [pool.submit(sealed_until, over) for _ in range(SEALERS)]
        try:
            jobs = [
                (number % WORKSPACES, pool.submit(written, workspaces[number % WORKSPACES],
                                                  number, each))
                for number in range(WRITERS)
            ]  # fmt: skip
            names = [(place, job.result()) for place, job in jobs]
        finally:
            over.set()
        assert sum(sealer.result() for sealer in sealers) > 0, "they sealed meanwhile"
        while seal():
            pass
        for place, workspace in enumerate(workspaces):
            mine = sorted(name for at, done in names if at == place for name in done)
            figures.count += len(mine)
            figures.failed += wrong_of(admin_engine, workspace, mine)
        assert figures.count == each * WRITERS
        assert figures.failed == 0


def wrong_of(engine: Engine, workspace: Workspace, names: list[str]) -> int:
    """Events that are lost, doubled, not sealed, or not as they were sealed."""
    query = text(
        "SELECT e.resource_id, count(l.id) FROM audit_events e LEFT JOIN audit_leaves l"
        " ON (l.tenant_id, l.id) = (e.tenant_id, e.id) WHERE e.tenant_id = :t"
        " AND e.action = 'job_started' GROUP BY e.tenant_id, e.id"
    )
    with engine.connect() as database:
        found = sorted((name, leaves) for name, leaves in
                       database.execute(query, {"t": workspace.ctx.tenant}))  # fmt: skip
    wanted = [(name, 1) for name in names]
    differing = sum(one != other for one, other in zip(found, wanted, strict=False))
    walk = verified(workspace)
    whole = walk.intact and walk.unsealed == 0 and walk.events == len(names) + 1
    return differing + abs(len(found) - len(wanted)) + (not whole)
