"""The doorbell: tells the workers which jobs wait. The jobs' rows stay the truth.

An outbox entry lives as long as its job. It is rung for after the commit that made it, and again
by ``ring_due`` whenever its time has come: when the first ring was lost, and when the job's lease
ran out because its worker died. Losing all of Redis loses nothing.
"""

from uuid import UUID

from celery import Celery
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlmodel import Session

from ecomops.kit.context import Context
from ecomops.kit.logging import get_logger
from ecomops.kit.settings import get_settings

BATCH = 100
PATIENCE = 2  # seconds that a person, whose click rings, waits for a broker that says nothing
TASK = "jobs.run"
log = get_logger(__name__)

_DUE = text(
    "UPDATE outbox SET rung = rung + 1,"
    " ring_at = now() + make_interval(secs => least(10 * 2 ^ least(rung, 5), 300))"
    " WHERE job_id IN ("
    " SELECT job_id FROM outbox WHERE ring_at <= now()"
    " ORDER BY ring_at LIMIT :batch FOR UPDATE SKIP LOCKED)"
    " RETURNING tenant_id, job_id, queue"
)


class _Process:
    celery: Celery | None = None


def ring_for(session: Session) -> None:
    """Ring for the jobs that this session's committed transaction put into the outbox."""
    for tenant_id, job_id, queue in session.info.pop("rings", ()):
        _ring(tenant_id, job_id, queue)


def ring_due(session: Session, ctx: Context, command: None) -> int:
    """Ring for every entry whose time has come; how many there were. Spans all tenants."""
    due = session.execute(_DUE, {"batch": BATCH}).all()
    session.info["rings"] = [tuple(row) for row in due]
    return len(due)


def _ring(tenant_id: UUID, job_id: UUID, queue: str) -> None:
    try:
        _celery().send_task(TASK, args=[str(tenant_id), str(job_id)], queue=queue, retry=False)
    except (BrokerError, RedisError, OSError) as error:
        # The entry stays: beat rings again when the broker is back.
        log.warning("ring failed", job_id=str(job_id), cause=type(error).__name__)


def _celery() -> Celery:
    if _Process.celery is None:
        _Process.celery = Celery(broker=get_settings().redis_url.get_secret_value())
        _Process.celery.conf.update(
            broker_connection_timeout=PATIENCE,
            broker_transport_options={
                "socket_timeout": PATIENCE,
                "socket_connect_timeout": PATIENCE,
                "socket_keepalive": True,
            },
            task_ignore_result=True,
        )
    return _Process.celery
