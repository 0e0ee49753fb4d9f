"""Forgetting uploads that nobody imported."""

from ecomops import runtime
from ecomops.domains.identity.queries import list_tenants
from ecomops.domains.imports.drafts import forget_expired
from ecomops.kit.context import Context
from ecomops.kit.errors import EcomopsError
from ecomops.kit.ids import new_correlation_id
from ecomops.kit.logging import get_logger
from workers.app import app

log = get_logger(__name__)


@app.task(name="imports.forget_expired")
def forget() -> int:
    """Delete the uploads whose hour is over, workspace by workspace; how many."""
    forgotten = 0
    for tenant_id in runtime.run(Context(new_correlation_id(), "worker"), list_tenants):
        ctx = Context(new_correlation_id(), "worker", tenant_id)
        try:
            forgotten += runtime.run(ctx, forget_expired)
        except EcomopsError as error:  # one workspace's trouble is not the others'
            log.warning("uploads not forgotten", tenant_id=str(tenant_id), code=error.code)
    return forgotten
