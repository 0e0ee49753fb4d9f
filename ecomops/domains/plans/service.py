"""Changing the plan of a workspace."""

from datetime import UTC, datetime

from sqlmodel import Session

from ecomops.domains.access.rules import require
from ecomops.domains.audit.service import Event, record
from ecomops.domains.plans.rules import PLANS, TRIAL
from ecomops.kit.context import Context
from ecomops.kit.errors import InvalidInputError
from ecomops.models.identity import Tenant


def set_plan(session: Session, ctx: Context, command: str) -> None:
    """Put the workspace on the plan named ``command``; a trial begins anew.

    Raises InvalidInputError.
    """
    require(ctx, "tenant.manage")
    tenant = session.get_one(Tenant, ctx.tenant, with_for_update=True)
    put_on(session, ctx, tenant, command, trial_ends=datetime.now(UTC) + TRIAL)


def put_on(
    session: Session, ctx: Context, tenant: Tenant, plan: str, *, trial_ends: datetime
) -> None:
    """Put a workspace, which is held, on ``plan``. Raises InvalidInputError."""
    if plan not in PLANS:
        raise InvalidInputError({"plan": f"There is no plan '{plan[:20]}'."})
    payload = {"from": tenant.plan, "to": plan}
    tenant.plan = plan
    tenant.plan_expires_at = trial_ends if plan == "trial" else None
    record(session, ctx, Event("billing", "plan_changed", "tenant", str(tenant.id),
                               payload=payload))  # fmt: skip
