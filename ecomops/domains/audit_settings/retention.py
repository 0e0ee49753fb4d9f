"""How long audit events keep address and payload. The events themselves, and hashes, stay."""

from datetime import UTC, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, select

from ecomops.domains.access.rules import require
from ecomops.domains.audit.service import Event, record
from ecomops.domains.audit.verification import REMOVED
from ecomops.domains.plans.rules import require_writable
from ecomops.kit.context import Context
from ecomops.kit.errors import InvalidInputError
from ecomops.models.identity import TenantConfig

FEWEST_DAYS, MOST_DAYS = 90, 36_500
AT_ONCE = 5_000
_REMOVE = text("SELECT remove_audit_payloads(:most)")


def get_retention(session: Session, ctx: Context, command: None) -> int | None:
    """Days that payloads are kept; None: for ever."""
    require(ctx, "audit.view")
    return session.exec(select(TenantConfig.audit_payload_days)).one()


def set_retention(session: Session, ctx: Context, command: int | None) -> None:
    """Keep payloads for so many days, at least 90, or for ever. Raises InvalidInputError."""
    require(ctx, "tenant.manage")
    require_writable(ctx)
    if command is not None and not FEWEST_DAYS <= command <= MOST_DAYS:
        message = f"Payloads are kept for {FEWEST_DAYS} to {MOST_DAYS} days, or for ever."
        raise InvalidInputError({"days": message})
    config = session.exec(select(TenantConfig).with_for_update()).one()
    change = {"audit_payload_days": {"from": config.audit_payload_days, "to": command}}
    config.audit_payload_days = command
    record(session, ctx, Event("config", "tenant_config_updated", "tenant", str(ctx.tenant),
                               payload=change))  # fmt: skip


def remove_payloads(session: Session, ctx: Context, command: None) -> int:
    """Remove address and payload of events whose time is over, some at once; of how many.

    The database's own function does it, and its trigger refuses any other change.
    """
    days = session.exec(select(TenantConfig.audit_payload_days)).one()
    if days is None:
        return 0
    removed: int = session.scalar(_REMOVE, {"most": AT_ONCE}) or 0
    if removed:
        before = (_now(session) - timedelta(days=days)).isoformat()
        payload = {"count": removed, "before": before, "days": days}
        record(session, ctx, Event("config", REMOVED, "audit_log", payload=payload))
    return removed


def _now(session: Session) -> Any:
    """The transaction's time: the one that the database's function goes by."""
    return session.execute(text("SELECT now()")).scalar_one().astimezone(UTC)
