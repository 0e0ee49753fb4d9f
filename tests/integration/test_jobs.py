"""Jobs: made once, held by one worker, rung for until they are over."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
import redis
from pydantic import SecretStr
from sqlalchemy import Engine, text

from ecomops import runtime
from ecomops.connectors.base import Page
from ecomops.connectors.records import PaymentRecord
from ecomops.domains.jobs import lifecycle
from ecomops.domains.jobs.errors import JobCanceledError, LeaseLostError
from ecomops.domains.jobs.schemas import CancelJob, Claim, Failure, Lease, Phase
from ecomops.domains.jobs.service import cancel_job
from ecomops.domains.sync.schemas import StartSync, StorePage, SyncStarted, Target
from ecomops.domains.sync.service import start_sync
from ecomops.domains.sync.store import store_page
from ecomops.kit.context import Context
from ecomops.kit.errors import ConflictError
from ecomops.kit.ids import new_correlation_id
from ecomops.kit.settings import get_settings
from ecomops.operations.heartbeat import Heartbeat
from ecomops.runtime import outbox
from ecomops.runtime.outbox import ring_due
from tests.conftest import Workspace
from tests.integration.provider import Sandbox, Stored, begin_sync, connect, job, work

StoredOf = Callable[[Workspace], Stored]
KEY = SecretStr("sk_test_0123456789abcdef")
AGAIN = Failure("provider_unavailable", "Stripe does not answer.", again=True)


def claim(workspace: Workspace, job_id: UUID) -> Lease | None:
    """As a worker claims it: with a correlation id of its own."""
    worker = Context(new_correlation_id(), "worker", workspace.ctx.tenant)
    return runtime.run(worker, lifecycle.claim, Claim(job_id))


def claimed(workspace: Workspace, job_id: UUID) -> Lease:
    lease = claim(workspace, job_id)
    assert lease is not None
    return lease


def waiting(workspace: Workspace) -> UUID:
    """A sync that waits for a worker."""
    return begin_sync(workspace.ctx, connect(workspace.ctx, KEY))


@pytest.fixture
def expire(admin_engine: Engine) -> Callable[[UUID], None]:
    """Let a job's lease run out now, and its outbox entry come due."""

    def run_out(job_id: UUID) -> None:
        with admin_engine.begin() as connection:
            for statement in (
                "UPDATE jobs SET lease_until = now() - interval '1 s' WHERE id = :job",
                "UPDATE outbox SET ring_at = now() - interval '1 s' WHERE job_id = :job",
            ):
                connection.execute(text(statement), {"job": job_id})

    return run_out


@pytest.fixture
def bell(settings: object, admin_engine: Engine) -> Iterator[Bell]:
    """What was rung since the test began."""
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET ring_at = now() + interval '1 day'"))
    client = redis.Redis.from_url(get_settings().redis_url.get_secret_value())
    client.flushdb()
    yield Bell(client)
    client.close()


class Bell:
    """The queues in Redis."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def rings(self, queue: str = "sync") -> list[str]:
        """Job ids, in the order in which they were rung."""
        messages: Any = self._redis.lrange(queue, 0, -1)
        headers = [json.loads(message)["headers"] for message in reversed(messages)]
        return [header["argsrepr"].split("'")[3] for header in headers]

    def forget(self) -> None:
        self._redis.flushdb()


def test_a_sync_is_made_once_however_often_it_is_asked_for(workspace: Workspace) -> None:
    connection = connect(workspace.ctx, KEY)
    command = StartSync(connection)
    assert runtime.run(workspace.ctx, start_sync, command) == SyncStarted(1, 0)
    assert runtime.run(workspace.ctx, start_sync, command) == SyncStarted(0, 1)


def test_of_two_who_press_at_once_one_makes_the_job(workspace: Workspace, stored: StoredOf) -> None:
    connection = connect(workspace.ctx, KEY)
    barrier = Barrier(4)

    def press() -> SyncStarted:
        barrier.wait()
        return runtime.run(workspace.ctx, start_sync, StartSync(connection))

    with ThreadPoolExecutor(4) as people:
        outcomes = [future.result() for future in [people.submit(press) for _ in range(4)]]
    assert sorted(outcome.started for outcome in outcomes) == [0, 0, 0, 1]
    jobs = "SELECT count(*) FROM jobs WHERE tenant_id = :tenant"
    entries = "SELECT count(*) FROM outbox WHERE tenant_id = :tenant"
    assert (stored(workspace).one(jobs), stored(workspace).one(entries)) == (1, 1)


def test_a_job_is_rung_for_after_the_commit(workspace: Workspace, bell: Bell) -> None:
    assert bell.rings() == []
    job_id = waiting(workspace)
    assert bell.rings() == [str(job_id)]


def test_a_job_that_was_not_committed_is_not_rung_for(workspace: Workspace, bell: Bell) -> None:
    connection = connect(workspace.ctx, KEY)

    def start_and_fail(session: Any, ctx: Context, command: None) -> None:
        start_sync(session, ctx, StartSync(connection))
        raise ConflictError("not today")

    with pytest.raises(ConflictError):
        runtime.run(workspace.ctx, start_and_fail)
    assert bell.rings() == []


def test_one_worker_gets_the_job(workspace: Workspace) -> None:
    job_id = waiting(workspace)
    barrier = Barrier(4)

    def take() -> Lease | None:
        barrier.wait()
        return claim(workspace, job_id)

    with ThreadPoolExecutor(4) as workers:
        leases = [future.result() for future in [workers.submit(take) for _ in range(4)]]
    assert sum(lease is not None for lease in leases) == 1


def test_a_worker_that_died_leaves_the_job_to_the_next(
    workspace: Workspace, expire: Callable[[UUID], None]
) -> None:
    job_id = waiting(workspace)
    first = claimed(workspace, job_id)
    assert claim(workspace, job_id) is None
    expire(job_id)
    second = claimed(workspace, job_id)
    assert (second.fence, second.attempt) == (first.fence + 1, 2)


def page(*source_ids: str) -> Page:
    """A page of payments of 12.34 USD each."""
    moment = datetime(2026, 11, 2, 10, tzinfo=UTC)
    records = tuple(
        PaymentRecord(
            source_id=source_id, source_created_at=moment, status="completed",
            source_status="succeeded", currency="USD", raw="{}", amount=123400, kind="sale",
            gateway="stripe", charge_ref=source_id,
        )
        for source_id in source_ids
    )  # fmt: skip
    return Page("charges", records, (), {"since": 5}, len(records), last=True)


def contents_of(of: Stored) -> tuple[Any, ...]:
    tables = ("payments", "cursor_states", "ingest_rejects")
    counts = [of.one(f"SELECT count(*) FROM {t} WHERE tenant_id = :tenant") for t in tables]
    return (*counts, of.rows("SELECT rows_done, fence FROM jobs WHERE tenant_id = :tenant"))


def test_a_page_of_a_worker_that_woke_too_late_is_refused_whole(
    workspace: Workspace, stored: StoredOf, expire: Callable[[UUID], None]
) -> None:
    job_id = waiting(workspace)
    zombie = claimed(workspace, job_id)
    assert zombie.connection_id is not None
    expire(job_id)
    claimed(workspace, job_id)
    before = contents_of(stored(workspace))
    late = StorePage(Target(zombie.connection_id, "stripe", zombie), page("ch_1", "ch_2"))
    with pytest.raises(LeaseLostError):
        runtime.run(workspace.ctx, store_page, late)
    for step, command in (
        (lifecycle.enter_phase, (zombie, Phase("Charges", 1, 2))),
        (lifecycle.renew, zombie),
        (lifecycle.complete, zombie),
        (lifecycle.cancel, zombie),
        (lifecycle.fail, (zombie, AGAIN)),
    ):
        with pytest.raises(LeaseLostError):
            runtime.run(workspace.ctx, step, command)  # type: ignore[arg-type]  # each its own
    assert contents_of(stored(workspace)) == before
    assert job(workspace.ctx, job_id).status == "running"


def test_a_page_of_the_worker_that_holds_the_job_is_stored(
    workspace: Workspace, stored: StoredOf
) -> None:
    lease = claimed(workspace, waiting(workspace))
    assert lease.connection_id is not None
    good = StorePage(Target(lease.connection_id, "stripe", lease), page("ch_1", "ch_2"))
    assert runtime.run(workspace.ctx, store_page, good).inserted == 2
    assert contents_of(stored(workspace)) == (2, 1, 0, [(2, 1)])


def test_a_job_that_waits_is_canceled_at_once(
    workspace: Workspace, audit: Callable[[Workspace], list[tuple[str, str]]]
) -> None:
    job_id = waiting(workspace)
    runtime.run(workspace.ctx, cancel_job, CancelJob(job_id))
    ended = job(workspace.ctx, job_id)
    assert (ended.status, ended.finished_at is not None) == ("canceled", True)
    assert claim(workspace, job_id) is None
    assert audit(workspace)[-2:] == [("job_cancel_requested", "success"),
                                     ("job_canceled", "success")]  # fmt: skip
    with pytest.raises(ConflictError, match="already canceled"):
        runtime.run(workspace.ctx, cancel_job, CancelJob(job_id))


def test_a_job_under_way_is_canceled_at_its_next_page(
    workspace: Workspace, stored: StoredOf
) -> None:
    job_id = waiting(workspace)
    lease = claimed(workspace, job_id)
    assert lease.connection_id is not None
    runtime.run(workspace.ctx, cancel_job, CancelJob(job_id))
    assert job(workspace.ctx, job_id).status == "running"
    target = Target(lease.connection_id, "stripe", lease)
    with pytest.raises(JobCanceledError):
        runtime.run(workspace.ctx, store_page, StorePage(target, page("ch_1")))
    assert contents_of(stored(workspace))[0] == 0
    runtime.run(workspace.ctx, lifecycle.cancel, lease)
    assert job(workspace.ctx, job_id).status == "canceled"


def test_cancel_ends_a_sync_that_waits_for_its_provider(
    sandbox: Sandbox, workspace: Workspace
) -> None:
    job_id = begin_sync(workspace.ctx, connect(workspace.ctx, sandbox.api_key))
    sandbox.faults({"rates": {"slow": 1}, "slow_seconds": 1})
    with ThreadPoolExecutor(1) as worker:
        working = worker.submit(work, workspace.ctx, job_id)
        while job(workspace.ctx, job_id).status == "pending":
            pass
        runtime.run(workspace.ctx, cancel_job, CancelJob(job_id))
        assert working.result(timeout=15) == "canceled"
    assert job(workspace.ctx, job_id).status == "canceled"


def test_a_lease_is_held_while_its_worker_waits(workspace: Workspace, stored: StoredOf) -> None:
    job_id = waiting(workspace)
    lease = claimed(workspace, job_id)
    until = "SELECT lease_until FROM jobs WHERE tenant_id = :tenant"
    ((before,),) = stored(workspace).rows(until)
    with Heartbeat(lifecycle.working_on(workspace.ctx, lease), lease):
        time.sleep(get_settings().job_lease_seconds / 3 + 0.5)
        ((after,),) = stored(workspace).rows(until)
    assert after > before


def test_a_canceled_job_whose_worker_died_ends_when_it_is_claimed(
    workspace: Workspace, expire: Callable[[UUID], None]
) -> None:
    job_id = waiting(workspace)
    claimed(workspace, job_id)
    runtime.run(workspace.ctx, cancel_job, CancelJob(job_id))
    expire(job_id)
    assert claim(workspace, job_id) is None
    assert job(workspace.ctx, job_id).status == "canceled"


def test_a_job_that_may_succeed_later_waits_longer_each_time(
    workspace: Workspace, stored: StoredOf, expire: Callable[[UUID], None]
) -> None:
    job_id = waiting(workspace)
    waits = []
    for attempt in range(1, 6):
        lease = claimed(workspace, job_id)
        assert lease.attempt == attempt
        runtime.run(workspace.ctx, lifecycle.fail, (lease, AGAIN))
        if attempt < 5:
            assert job(workspace.ctx, job_id).status == "pending"
            left = "SELECT extract(epoch FROM ring_at - now())::int FROM outbox WHERE job_id = :job"
            waits.append(stored(workspace).one(left, job=job_id))
            # A ring from before is no reason to begin sooner.
            assert claim(workspace, job_id) is None
            expire(job_id)
    for wait, wanted in zip(waits, (5, 20, 60, 180), strict=True):
        assert wanted - 2 <= wait <= wanted
    ended = job(workspace.ctx, job_id)
    assert (ended.status, ended.attempts, ended.error_code) == ("dead", 5, AGAIN.code)
    entries = "SELECT count(*) FROM outbox WHERE job_id = :job"
    assert stored(workspace).one(entries, job=job_id) == 0


def test_a_job_that_cannot_succeed_fails_at_once(workspace: Workspace) -> None:
    job_id = waiting(workspace)
    failure = Failure("provider_auth", "The key was revoked.", again=False)
    runtime.run(workspace.ctx, lifecycle.fail, (claimed(workspace, job_id), failure))
    ended = job(workspace.ctx, job_id)
    assert (ended.status, ended.error_message) == ("failed", "The key was revoked.")


def test_a_job_that_kills_its_workers_is_dead_after_five(
    workspace: Workspace, expire: Callable[[UUID], None]
) -> None:
    job_id = waiting(workspace)
    for _ in range(5):
        claimed(workspace, job_id)
        expire(job_id)
    assert claim(workspace, job_id) is None
    ended = job(workspace.ctx, job_id)
    assert (ended.status, ended.error_code) == ("dead", "attempts_exhausted")
    assert ended.attempts == 5, "nobody has worked on it a sixth time"
    assert begin_sync(workspace.ctx, _connection_of(ended, workspace)) != job_id


def _connection_of(ended: Any, workspace: Workspace) -> UUID:
    from ecomops.domains.connections.schemas import ListConnections
    from ecomops.domains.connections.service import list_connections

    (card,) = runtime.run(workspace.ctx, list_connections, ListConnections())
    assert card.label == ended.connection_label
    return card.id


def dispatch() -> int:
    return runtime.run(Context(new_correlation_id(), "worker"), ring_due)


def due(engine: Engine, *jobs: UUID) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE outbox SET ring_at = now() WHERE job_id = ANY(:jobs)"),
            {"jobs": list(jobs)},
        )


def test_a_ring_that_was_lost_is_rung_again(
    workspace: Workspace, bell: Bell, admin_engine: Engine
) -> None:
    job_id = waiting(workspace)
    bell.forget()
    due(admin_engine, job_id)
    assert dispatch() == 1
    assert bell.rings() == [str(job_id)]
    assert dispatch() == 0, "not at once again"


def test_a_job_made_while_the_queue_is_down_is_rung_for_later(
    workspace: Workspace, bell: Bell, admin_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    down = get_settings().model_copy(update={"redis_url": SecretStr("redis://127.0.0.1:9/0")})
    monkeypatch.setattr(outbox._Process, "celery", None)
    monkeypatch.setattr(outbox, "get_settings", lambda: down)
    job_id = waiting(workspace)
    assert job(workspace.ctx, job_id).status == "pending"
    monkeypatch.undo()
    monkeypatch.setattr(outbox._Process, "celery", None)
    assert bell.rings() == []
    due(admin_engine, job_id)
    assert dispatch() == 1
    assert bell.rings() == [str(job_id)]


def test_two_dispatchers_ring_each_job_once(
    workspace: Workspace, bell: Bell, admin_engine: Engine
) -> None:
    jobs = [_bare_job(admin_engine, workspace) for _ in range(250)]
    barrier = Barrier(3)

    def sweep() -> int:
        barrier.wait()
        return sum(dispatch() for _ in range(4))

    with ThreadPoolExecutor(3) as dispatchers:
        rung = [future.result() for future in [dispatchers.submit(sweep) for _ in range(3)]]
    assert sum(rung) == 250
    assert sorted(bell.rings()) == sorted(map(str, jobs))


def _bare_job(engine: Engine, workspace: Workspace) -> UUID:
    with engine.begin() as connection:
        made: UUID = connection.scalar(
            text("INSERT INTO outbox (job_id, tenant_id, queue) VALUES (uuidv7(), :t, 'sync')"
                 " RETURNING job_id"),
            {"t": workspace.ctx.tenant},
        )  # fmt: skip
    return made


def test_nothing_is_rung_for_a_job_that_is_over(workspace: Workspace, stored: StoredOf) -> None:
    job_id = waiting(workspace)
    runtime.run(workspace.ctx, lifecycle.complete, claimed(workspace, job_id))
    assert stored(workspace).one("SELECT count(*) FROM outbox WHERE job_id = :j", j=job_id) == 0
    assert claim(workspace, job_id) is None


@pytest.mark.parametrize("ending", ["completed", "failed", "canceled"])
def test_the_events_of_a_job_share_its_correlation_id(
    workspace: Workspace, stored: StoredOf, ending: str
) -> None:
    job_id = waiting(workspace)
    lease = claimed(workspace, job_id)
    working = lifecycle.working_on(replace(workspace.ctx, correlation_id="other-id-1"), lease)
    match ending:
        case "completed":
            runtime.run(working, lifecycle.complete, lease)
        case "canceled":
            runtime.run(working, lifecycle.cancel, lease)
        case _:
            failure = replace(AGAIN, again=False)
            runtime.run(working, lifecycle.fail, (lease, failure))
    events = stored(workspace).rows(
        "SELECT action, status, correlation_id, actor, channel FROM audit_events"
        " WHERE resource_id = :job ORDER BY xid, id",
        job=str(job_id),
    )
    told = {"completed": "job_completed", "canceled": "job_canceled"}.get(ending, "job_failed")
    assert [event[0] for event in events] == ["job_started", told]
    assert {event[2] for event in events} == {job(workspace.ctx, job_id).correlation_id}
    assert {event[3] for event in events} == {workspace.ctx.actor.label}


def test_a_whole_sync_leaves_one_story_in_the_audit_log(
    sandbox: Sandbox, workspace: Workspace, stored: StoredOf
) -> None:
    job_id = begin_sync(workspace.ctx, connect(workspace.ctx, sandbox.api_key))
    assert work(workspace.ctx, job_id) == "completed"
    events = stored(workspace).rows(
        "SELECT action, status, channel FROM audit_events WHERE correlation_id = :c"
        " ORDER BY xid, id",
        c=job(workspace.ctx, job_id).correlation_id,
    )
    assert events == [("job_started", "success", "worker"), ("job_completed", "success", "worker")]


def test_a_kind_of_job_that_nothing_here_can_do_says_so(
    workspace: Workspace, admin_engine: Engine
) -> None:
    job_id = waiting(workspace)
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE jobs SET kind = 'dance' WHERE id = :j"), {"j": job_id})
    work(workspace.ctx, job_id)
    assert "dance" in (job(workspace.ctx, job_id).error_message or "")
