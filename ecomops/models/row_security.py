"""Row-level security: what each table lets the application see and write."""

from dataclasses import dataclass

from ecomops.models.base import GLOBAL_TABLES

# A stable sub-select, so that PostgreSQL evaluates it once and the tenant's index is used.
# Written as PostgreSQL prints it back, so that the two can be compared.
_CURRENT = (
    "( SELECT (NULLIF(current_setting('app.current_{}_id'::text, true), ''::text))::uuid"
    ' AS "nullif")'
)
_TENANT = f"(tenant_id = {_CURRENT.format('tenant')})"
_OWN = f"(user_id = {_CURRENT.format('user')})"


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy as PostgreSQL prints it. ``check`` None: it gives sight, never leave to write."""

    name: str
    command: str
    using: str
    check: str | None


TENANT_POLICY = Policy("tenant", "ALL", _TENANT, _TENANT)
OWN_MEMBERSHIPS = Policy("own_rows", "SELECT", _OWN, None)
_EXTRA = {"memberships": (OWN_MEMBERSHIPS,)}


def policies_of(table: str) -> tuple[Policy, ...]:
    """The policies that ``table`` must have; none for a global table."""
    return () if table in GLOBAL_TABLES else (TENANT_POLICY, *_EXTRA.get(table, ()))
