"""What the dashboard asks about connections."""

from sqlalchemy import text
from sqlmodel import Session

from ecomops.domains.access.rules import require
from ecomops.domains.connections.schemas import Onboarding
from ecomops.kit.context import Context
from ecomops.models import metadata

_TABLES = [name for name, table in metadata.tables.items() if "dedupe_key" in table.columns]
_HAS_ROWS = " OR ".join(f"EXISTS (SELECT FROM {name})" for name in sorted(_TABLES))
_ONBOARDING = text(
    "SELECT coalesce(bool_or(provider = 'netsuite'), false),"
    f" coalesce(bool_or(provider <> 'netsuite'), false), ({_HAS_ROWS})"
    " FROM connections WHERE status <> 'revoked'"
)


def get_onboarding(session: Session, ctx: Context, command: None) -> Onboarding:
    """How far the workspace has come."""
    require(ctx, "connections.view")
    netsuite, source, data = session.execute(_ONBOARDING).one()
    return Onboarding(netsuite, source, data)
