"""A refused use case leaves no trace in its own transaction, so its audit event gets another."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlmodel import Session

from ecomops.domains.audit.service import Event, record
from ecomops.kit.context import Context
from ecomops.kit.errors import EcomopsError, EntitlementDeniedError, PermissionDeniedError

OpenUnit = Callable[[Context], AbstractContextManager[Session]]


def record_denial(ctx: Context, error: EcomopsError, unit_of_work: OpenUnit) -> None:
    """Write the audit event of a denial; other errors leave none."""
    event = _event_of(error)
    if event is None or ctx.tenant_id is None:
        return
    with unit_of_work(ctx) as session:
        record(session, ctx, event)


def _event_of(error: EcomopsError) -> Event | None:
    if isinstance(error, PermissionDeniedError):
        payload = {"permission": error.permission}
        return Event("security", "permission_denied", status="denied", payload=payload)
    if isinstance(error, EntitlementDeniedError):
        payload = {"entitlement": error.entitlement}
        return Event("entitlement", "entitlement_denied", status="denied", payload=payload)
    return None
