"""Files whose time is over, in all workspaces."""

from uuid import UUID

from ecomops import runtime
from ecomops.domains.identity.queries import list_tenants
from ecomops.kit.context import Context
from ecomops.kit.errors import EcomopsError
from ecomops.kit.ids import new_correlation_id
from ecomops.kit.logging import get_logger
from ecomops.operations.export_expiry import remove_expired
from workers.app import app

log = get_logger(__name__)


@app.task(name="exports.expire")
def expire() -> int:
    """Remove them; how many went."""
    tenants = runtime.run(Context(new_correlation_id(), "worker"), list_tenants)
    return sum(map(_expire_of, tenants))


def _expire_of(tenant_id: UUID) -> int:
    try:
        return remove_expired(Context(new_correlation_id(), "worker", tenant_id))
    except EcomopsError as error:  # one workspace's trouble is not the others'
        log.warning("expiry failed", tenant_id=str(tenant_id), code=error.code)
        return 0
