"""Recording audit events."""

from dataclasses import dataclass, field
from typing import Any, Literal

from sqlmodel import Session, insert

from ecomops.kit.context import Context
from ecomops.kit.ids import new_id
from ecomops.kit.logging import redact
from ecomops.models.audit import AuditEvent

Status = Literal["success", "error", "denied"]


@dataclass(frozen=True, slots=True)
class Event:
    """What happened. ``payload`` is JSON; whatever looks like a secret in it is redacted."""

    category: str
    action: str
    resource_type: str = ""
    resource_id: str = ""
    status: Status = "success"
    payload: dict[str, Any] = field(default_factory=dict)


def record(session: Session, ctx: Context, event: Event) -> None:
    """Append ``event`` to the workspace's audit log, in the session's transaction."""
    values = {
        "tenant_id": ctx.tenant,
        "id": new_id(),
        "category": event.category,
        "action": event.action,
        "actor_id": ctx.actor.user_id,
        "actor": ctx.actor.label,
        "channel": ctx.channel,
        "resource_type": event.resource_type,
        "resource_id": event.resource_id,
        "status": event.status,
        "correlation_id": ctx.correlation_id,
        "address": ctx.address,
        "payload": redact(event.payload),
    }
    session.execute(insert(AuditEvent).inline().values(**values))
