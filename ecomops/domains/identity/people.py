"""Adding somebody who has a password already: the demo's people, and those of tests."""

from dataclasses import dataclass
from uuid import UUID

from pydantic import SecretStr
from sqlmodel import Session, select

from ecomops.domains.access.rules import ROLES, require
from ecomops.domains.audit.service import Event, record
from ecomops.domains.identity.fields import NO_EMAIL, check_newcomer, normalized_email
from ecomops.domains.identity.queries import find_user
from ecomops.domains.identity.service import create_user
from ecomops.domains.plans.rules import require_writable
from ecomops.kit.context import Context
from ecomops.kit.errors import InvalidInputError
from ecomops.models.identity import Membership, User


@dataclass(frozen=True, slots=True)
class AddPerson:
    """A person to join the workspace. ``password`` counts only for somebody new."""

    name: str
    email: str
    role: str
    password: SecretStr


def add_person(session: Session, ctx: Context, command: AddPerson) -> UUID:
    """Give a person a role in the workspace; their id. Raises InvalidInputError."""
    require(ctx, "users.manage")
    require_writable(ctx)
    email = normalized_email(command.email)
    if email is None:
        raise InvalidInputError({"email": NO_EMAIL})
    if command.role not in ROLES:
        raise InvalidInputError({"role": f"There is no role '{command.role}'."})
    user = find_user(session, email) or _new_user(session, command, email)
    known = select(Membership).where(Membership.user_id == user.id)
    if session.exec(known.where(Membership.tenant_id == ctx.tenant)).first() is not None:
        raise InvalidInputError({"email": "This person belongs to the workspace already."})
    session.add(Membership(tenant_id=ctx.tenant, user_id=user.id, role=command.role))
    payload = {"email": email, "role": command.role}
    record(session, ctx, Event("config", "user_added", "user", str(user.id), payload=payload))
    return user.id


def _new_user(session: Session, command: AddPerson, email: str) -> User:
    check_newcomer(command.name, command.password, email)
    return create_user(session, email, command.name, command.password)
