"""What a workspace does one after the other."""

from sqlmodel import Session, select

from ecomops.kit.context import Context
from ecomops.models.identity import Tenant


def take_turn(session: Session, ctx: Context) -> None:
    """Have others who take a turn in the workspace wait until this transaction ends.

    The lock leaves foreign keys to the workspace alone, so that people sign in and events are
    recorded during a long import.
    """
    held = select(Tenant.id).where(Tenant.id == ctx.tenant).with_for_update(key_share=True)
    session.exec(held).one()
