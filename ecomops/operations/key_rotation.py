"""Re-encrypting all credentials with the current key, one connection a transaction."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from ecomops import runtime
from ecomops.domains.audit_settings.deliveries import reseal_stream
from ecomops.domains.connections.credentials import list_stale, reseal
from ecomops.domains.identity.queries import list_tenants
from ecomops.kit.context import Context
from ecomops.kit.errors import ConflictError
from ecomops.kit.logging import get_logger

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rotation:
    """``unreadable``: credentials that no configured key opens; they are left as they are."""

    resealed: int
    unreadable: int


def rotate_keys(nobody: Context) -> Rotation:
    """Seal everything with the first of ECOMOPS_ENCRYPTION_KEYS.

    May be killed and run again at any time: what is done stays done, what is left is found again.
    """
    outcomes = [_reseal(ctx, connection) for ctx, connection in _stale(nobody)]
    outcomes += [_reseal_stream(ctx) for ctx in _workspaces(nobody)]
    return Rotation(outcomes.count("resealed"), outcomes.count("unreadable"))


def _workspaces(nobody: Context) -> Iterator[Context]:
    for tenant_id in runtime.run(nobody, list_tenants):
        yield Context(nobody.correlation_id, nobody.channel, tenant_id)


def _stale(nobody: Context) -> Iterator[tuple[Context, UUID]]:
    for ctx in _workspaces(nobody):
        for connection_id in runtime.run(ctx, list_stale):
            yield ctx, connection_id


def _reseal(ctx: Context, connection_id: UUID) -> str:
    try:
        return "resealed" if runtime.run(ctx, reseal, connection_id) else "changed"
    except ConflictError as error:
        log.error("credentials unreadable", connection_id=str(connection_id), why=error.message)
        return "unreadable"


def _reseal_stream(ctx: Context) -> str:
    try:
        return "resealed" if runtime.run(ctx, reseal_stream) else "current"
    except ConflictError as error:
        log.error("stream secret unreadable", tenant_id=str(ctx.tenant), why=error.message)
        return "unreadable"
