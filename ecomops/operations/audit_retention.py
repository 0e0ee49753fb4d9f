"""Removing payloads whose time is over, some of one workspace a transaction."""

from ecomops import runtime
from ecomops.domains.audit_settings.retention import AT_ONCE, remove_payloads
from ecomops.domains.identity.queries import list_tenants
from ecomops.kit.context import Context
from ecomops.kit.errors import EcomopsError
from ecomops.kit.logging import get_logger

log = get_logger(__name__)


def remove_all_due(nobody: Context) -> int:
    """In every workspace that wants it; of how many events. May be killed and run again."""
    removed = 0
    for tenant_id in runtime.run(nobody, list_tenants):
        ctx = Context(nobody.correlation_id, nobody.channel, tenant_id)
        try:
            removed += _remove(ctx)
        except EcomopsError as error:  # one workspace's trouble is not the others'
            log.warning("payloads kept", tenant_id=str(tenant_id), code=error.code)
    return removed


def _remove(ctx: Context) -> int:
    removed = 0
    while some := runtime.run(ctx, remove_payloads):
        removed += some
        if some < AT_ONCE:
            break
    return removed
