"""Recording audit events."""

from dataclasses import dataclass, field
from typing import Any, Literal

from psycopg.types.json import Jsonb
from sqlmodel import Session

from ecomops.kit.context import Context
from ecomops.kit.database import driver_of
from ecomops.kit.ids import new_id
from ecomops.kit.logging import redact

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


# By the driver: an event is written in each transaction that changes something.
_INSERT = (
    "INSERT INTO audit_events (tenant_id, id, category, action, actor_id, actor, channel,"
    " resource_type, resource_id, status, correlation_id, address, payload)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


def record(session: Session, ctx: Context, event: Event) -> None:
    """Append ``event`` to the workspace's audit log, in the session's transaction."""
    session.flush()
    actor = ctx.actor
    driver_of(session).execute(
        _INSERT,
        [
            ctx.tenant, new_id(), event.category, event.action, actor.user_id, actor.label,
            ctx.channel, event.resource_type, event.resource_id, event.status,
            ctx.correlation_id, ctx.address, Jsonb(redact(event.payload)),
        ],
    )  # fmt: skip
