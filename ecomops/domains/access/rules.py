"""The one table of roles and permissions: checks, tests and the docs page are made from it."""

from functools import cache

from ecomops.kit.context import Context
from ecomops.kit.errors import PermissionDeniedError

ROLES = ("admin", "finance", "ops", "readonly")

_EVERYBODY = frozenset(ROLES)
_ADMIN = frozenset({"admin"})
_RUNNERS = frozenset({"admin", "finance", "ops"})
_FINANCE = frozenset({"admin", "finance"})

PERMISSIONS: dict[str, frozenset[str]] = {
    "tenant.manage": _ADMIN,
    "users.manage": _ADMIN,
    "connections.manage": _ADMIN,
    "audit.view": _ADMIN,
    "connections.view": _EVERYBODY,
    "tables.view": _EVERYBODY,
    "exports.csv": _EVERYBODY,
    "exports.excel": _EVERYBODY,
    "jobs.view": _EVERYBODY,
    "jobs.run": _RUNNERS,
    "schedules.manage": frozenset({"admin", "ops"}),
    "imports.run": _FINANCE,
    "recon.run": _FINANCE,
    "recon.resolve": _FINANCE,
    "recon.close": _FINANCE,
    "evidence.export": _FINANCE,
    "journals.configure": _FINANCE,
    "journals.prepare": _FINANCE,
    "journals.approve": _FINANCE,
}
"""Permission → the roles that have it."""


@cache
def permissions_of(role: str) -> frozenset[str]:
    """Everything that ``role`` may do; nothing for an unknown one."""
    return frozenset(name for name, roles in PERMISSIONS.items() if role in roles)


def require(ctx: Context, permission: str) -> None:
    """First line of every use case. Raises PermissionDeniedError."""
    if permission not in ctx.permissions:
        raise PermissionDeniedError(permission)
