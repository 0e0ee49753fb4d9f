"""How much of its plan a workspace uses."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session

from ecomops.kit.context import Context

_USED = text(
    "SELECT count(*) FILTER (WHERE provider = 'netsuite'),"
    " count(*) FILTER (WHERE provider <> 'netsuite'),"
    " (SELECT count(*) FROM memberships WHERE tenant_id = :tenant AND active),"
    " (SELECT count(*) FROM schedules s JOIN connections c"
    "   ON c.tenant_id = s.tenant_id AND c.id = s.connection_id"
    "   WHERE s.active AND c.status <> 'revoked')"
    " FROM connections WHERE status <> 'revoked'"
)


@dataclass(frozen=True, slots=True)
class Usage:
    """Connections by kind, active people, and schedules, whether or not the plan runs them."""

    netsuite: int
    sources: int
    people: int
    schedules: int

    @property
    def connections(self) -> int:
        return self.netsuite + self.sources


def get_usage(session: Session, ctx: Context, command: None) -> Usage:
    """What counts towards the plan. For anybody who is signed in."""
    # One's own memberships elsewhere can be seen as well, so the workspace is named.
    return Usage(*session.execute(_USED, {"tenant": ctx.tenant}).one())
