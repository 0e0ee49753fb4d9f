"""How much of its plan a workspace uses."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from ecomops.domains.plans.rules import TRIAL
from ecomops.kit.context import Context

_USED = text(
    "SELECT count(*) FILTER (WHERE provider = 'netsuite'),"
    " count(*) FILTER (WHERE provider <> 'netsuite'),"
    " (SELECT count(*) FROM memberships WHERE tenant_id = :tenant AND active),"
    " (SELECT count(*) FROM schedules s JOIN connections c"
    "   ON c.tenant_id = s.tenant_id AND c.id = s.connection_id"
    "   WHERE s.active AND c.status <> 'revoked'),"
    " (SELECT created_at FROM tenants WHERE id = :tenant)"
    " FROM connections WHERE status <> 'revoked'"
)


@dataclass(frozen=True, slots=True)
class Usage:
    """Connections by kind, active people, and schedules, whether or not the plan runs them.

    ``trial_ends_at``: when its one trial ends or ended, whatever plan it is on.
    """

    netsuite: int
    sources: int
    people: int
    schedules: int
    trial_ends_at: datetime

    @property
    def connections(self) -> int:
        return self.netsuite + self.sources


def get_usage(session: Session, ctx: Context, command: None) -> Usage:
    """What counts towards the plan. For anybody who is signed in."""
    # One's own memberships elsewhere can be seen as well, so the workspace is named.
    used = session.execute(_USED, {"tenant": ctx.tenant}).one()
    netsuite, sources, people, schedules, begun = used
    return Usage(netsuite, sources, people, schedules, trial_ends_at=begun + TRIAL)
