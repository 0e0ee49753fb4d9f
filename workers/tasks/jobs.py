"""Answering rings."""

from uuid import UUID

import structlog

from ecomops import runtime
from ecomops.kit.context import Context
from ecomops.kit.ids import new_correlation_id
from ecomops.operations.run_job import run_job
from ecomops.runtime.outbox import ring_due
from workers.app import app


@app.task(name="jobs.run")
def run(tenant_id: str, job_id: str) -> str:
    """Do one job of one workspace, if nobody else does."""
    ctx = Context(new_correlation_id(), "worker", UUID(tenant_id))
    with structlog.contextvars.bound_contextvars(tenant_id=tenant_id, job_id=job_id):
        return run_job(ctx, UUID(job_id))


@app.task(name="jobs.ring_due")
def ring() -> int:
    """Ring for jobs that wait, or whose worker died."""
    return runtime.run(Context(new_correlation_id(), "worker"), ring_due)
