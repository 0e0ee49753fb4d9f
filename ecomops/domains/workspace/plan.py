"""Moving a workspace to another plan, as a person asks for it."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from ecomops.domains.access.rules import require
from ecomops.domains.identity.sessions import revoked
from ecomops.domains.plans.rules import TRIAL
from ecomops.domains.plans.service import put_on
from ecomops.kit.context import Context
from ecomops.models.identity import Membership, Tenant


@dataclass(frozen=True, slots=True)
class ChangePlan:
    plan: str


def change_plan(session: Session, ctx: Context, command: ChangePlan) -> None:
    """Put the workspace on another plan, from its people's next events on.

    Open to an expired trial: this is how it ends. Back on trial, the days that are over stay over.
    What a smaller plan does not include is kept and rests until a plan includes it again. Raises
    InvalidInputError.
    """
    require(ctx, "tenant.manage")
    tenant = session.get_one(Tenant, ctx.tenant, with_for_update=True)
    if command.plan == tenant.plan:
        return
    put_on(session, ctx, tenant, command.plan, trial_ends=tenant.created_at + TRIAL)
    members = select(Membership.user_id).where(Membership.tenant_id == ctx.tenant)
    for user_id in session.exec(members.where(col(Membership.active))):
        revoked(session, user_id)
