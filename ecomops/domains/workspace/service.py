"""The workspace's own settings: seeing and changing them."""

from dataclasses import asdict, dataclass

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from ecomops.core.money import EXPONENTS
from ecomops.domains.access.rules import require
from ecomops.domains.audit.service import Event, record
from ecomops.domains.freshness.schedules import reschedule
from ecomops.domains.identity.fields import TAKEN_SLUG, name_problem, slug_problem
from ecomops.domains.plans.rules import require_writable
from ecomops.domains.workspace.zones import zones
from ecomops.kit.context import Context
from ecomops.kit.errors import InvalidInputError
from ecomops.models.identity import Tenant, TenantConfig


@dataclass(frozen=True, slots=True)
class WorkspaceSettings:
    """What a workspace chooses. ``fiscal_year_start`` is a month, 1 to 12."""

    name: str
    slug: str
    timezone: str
    currency: str
    fiscal_year_start: int


def get_workspace(session: Session, ctx: Context, command: None) -> WorkspaceSettings:
    """The workspace's settings as they are."""
    require(ctx, "tenant.manage")
    return _settings_of(session.get_one(Tenant, ctx.tenant), _config_of(session))


def update_workspace(session: Session, ctx: Context, command: WorkspaceSettings) -> None:
    """Change the workspace's settings; schedules follow its time zone at once.

    Raises InvalidInputError, also for a taken slug.
    """
    require(ctx, "tenant.manage")
    require_writable(ctx)
    _check(command)
    tenant = session.get_one(Tenant, ctx.tenant, with_for_update=True)
    config = _config_of(session)
    before = _settings_of(tenant, config)
    after = _apply(session, command, tenant, config)
    if before == after:
        return
    if before.timezone != after.timezone:
        reschedule(session, ctx)
    record(session, ctx, Event("config", "tenant_config_updated", "tenant", str(tenant.id),
                               payload=_difference(before, after)))  # fmt: skip


def _check(command: WorkspaceSettings) -> None:
    problems = {
        "organization_name": name_problem(command.name, "organization"),
        "slug": slug_problem(command.slug),
        "timezone": None if command.timezone in zones() else "Choose a time zone from the list.",
        "currency": None if command.currency in EXPONENTS else "Choose a currency from the list.",
        "fiscal_year_start": None if 1 <= command.fiscal_year_start <= 12 else "Choose a month.",
    }
    wrong = {field: problem for field, problem in problems.items() if problem}
    if wrong:
        raise InvalidInputError(wrong)


def _apply(
    session: Session, command: WorkspaceSettings, tenant: Tenant, config: TenantConfig
) -> WorkspaceSettings:
    try:
        with session.begin_nested():
            tenant.name, tenant.slug = command.name.strip(), command.slug
    except IntegrityError:  # The slug is the only thing here that two workspaces cannot share.
        raise InvalidInputError({"slug": TAKEN_SLUG}) from None
    config.timezone, config.currency = command.timezone, command.currency
    config.fiscal_year_start = command.fiscal_year_start
    return _settings_of(tenant, config)


def _config_of(session: Session) -> TenantConfig:
    return session.exec(select(TenantConfig)).one()


def _settings_of(tenant: Tenant, config: TenantConfig) -> WorkspaceSettings:
    return WorkspaceSettings(
        tenant.name, tenant.slug, config.timezone, config.currency, config.fiscal_year_start
    )


def _difference(before: WorkspaceSettings, after: WorkspaceSettings) -> dict[str, object]:
    was, now = asdict(before), asdict(after)
    changed = [name for name in was if was[name] != now[name]]
    return {
        "before": {name: was[name] for name in changed},
        "after": {name: now[name] for name in changed},
    }
