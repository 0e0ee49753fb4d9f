"""Changing the plan of a workspace."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session

from ecomops.domains.access.rules import require
from ecomops.domains.audit.service import Event, record
from ecomops.domains.plans.rules import PLANS, TRIAL
from ecomops.kit.context import Context
from ecomops.kit.errors import InvalidInputError
from ecomops.models.identity import Tenant


@dataclass(frozen=True, slots=True)
class ChangePlan:
    plan: str


def change_plan(session: Session, ctx: Context, command: ChangePlan) -> None:
    """Put the workspace on another plan, as a person asks for it. Raises InvalidInputError.

    Open to an expired trial: this is how it ends. Back on trial, the days that are over stay over.
    What a smaller plan does not include is kept and rests until a plan includes it again.
    """
    require(ctx, "tenant.manage")
    tenant = session.get_one(Tenant, ctx.tenant, with_for_update=True)
    if command.plan != tenant.plan:
        _move(session, ctx, tenant, command.plan, trial_ends=tenant.created_at + TRIAL)


def set_plan(session: Session, ctx: Context, command: str) -> None:
    """Put the workspace on the plan named ``command``; a trial begins anew.

    Raises InvalidInputError.
    """
    require(ctx, "tenant.manage")
    tenant = session.get_one(Tenant, ctx.tenant, with_for_update=True)
    _move(session, ctx, tenant, command, trial_ends=datetime.now(UTC) + TRIAL)


def _move(
    session: Session, ctx: Context, tenant: Tenant, plan: str, *, trial_ends: datetime
) -> None:
    if plan not in PLANS:
        raise InvalidInputError({"plan": f"There is no plan '{plan[:20]}'."})
    payload = {"from": tenant.plan, "to": plan}
    tenant.plan = plan
    tenant.plan_expires_at = trial_ends if plan == "trial" else None
    record(session, ctx, Event("billing", "plan_changed", "tenant", str(tenant.id),
                               payload=payload))  # fmt: skip
