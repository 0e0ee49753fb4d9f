"""Sealing whatever waits, one workspace's batch a transaction."""

import time
from uuid import UUID

from sqlmodel import Session

from ecomops import runtime
from ecomops.domains.audit.sealing import list_unsealed, seal_batch
from ecomops.domains.audit_settings.deliveries import tell_stream
from ecomops.kit.context import Context
from ecomops.kit.errors import EcomopsError
from ecomops.kit.logging import get_logger

LONGEST = 10.0
"""Seconds of one turn; what is left then waits for the next, a second later."""
log = get_logger(__name__)


def seal_all(nobody: Context, longest: float = LONGEST) -> int:
    """Seal what waits in all workspaces, in turns, until nothing does; how many events.

    Any number of processes may do this at once, and be killed at any moment.
    """
    ends, sealed = time.monotonic() + longest, 0
    while time.monotonic() < ends:
        done = sum(_seal(nobody, tenant_id) for tenant_id in runtime.run(nobody, list_unsealed))
        if not done:
            break
        sealed += done
    return sealed


def _seal(nobody: Context, tenant_id: UUID) -> int:
    ctx = Context(nobody.correlation_id, nobody.channel, tenant_id)
    try:
        return runtime.run(ctx, _seal_and_tell)
    except EcomopsError as error:  # one workspace's trouble is not the others'
        log.warning("not sealed", tenant_id=str(tenant_id), code=error.code, why=error.message)
        return 0


def _seal_and_tell(session: Session, ctx: Context, command: None) -> int:
    sealed = seal_batch(session, ctx, None)
    if sealed:
        tell_stream(session, ctx)
    return sealed
