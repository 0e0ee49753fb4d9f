"""Doing what is due: schedules, comparisons, regular checks of connections."""

from collections.abc import Iterator
from uuid import UUID

from ecomops import runtime
from ecomops.domains.due.service import list_due
from ecomops.domains.freshness.due import SCHEDULE, take_due
from ecomops.kit.context import Context
from ecomops.kit.errors import EcomopsError
from ecomops.kit.ids import new_correlation_id
from ecomops.kit.logging import get_logger
from ecomops.operations.connection_check import check_health
from workers.app import app

log = get_logger(__name__)


@app.task(name="freshness.start_due")
def start_due() -> int:
    """Start the syncs and comparisons whose time has come; how many."""
    return sum(1 for _ in _taken("sync", "completeness"))


@app.task(name="freshness.check_connections")
def check_connections() -> int:
    """See whether the connections whose turn it is still work; how many do."""
    return sum(map(_is_well, _taken("health")))


def _taken(*kinds: str) -> Iterator[tuple[Context, UUID]]:
    """What is due and was ours to do, however many of us there are: each slot comes up once."""
    for due in runtime.run(Context(new_correlation_id(), "worker"), list_due, kinds):
        ctx = Context(new_correlation_id(), "worker", due.tenant_id, SCHEDULE)
        try:
            if runtime.run(ctx, take_due, due):
                yield ctx, due.connection_id
        except EcomopsError as error:  # one workspace's trouble is not the others'
            log.warning("due failed", connection_id=str(due.connection_id), code=error.code)


def _is_well(turn: tuple[Context, UUID]) -> bool:
    ctx, connection_id = turn
    try:
        return check_health(ctx, connection_id)
    except EcomopsError as error:  # revoked since, or sealed with a key that is gone
        log.warning("check failed", connection_id=str(connection_id), code=error.code)
        return False
