"""People of a workspace beside its admin, as tests need them."""

from __future__ import annotations

from uuid import UUID, uuid4

from pydantic import SecretStr

from ecomops import runtime
from ecomops.domains.identity.invitations import InvitePerson, invite_person
from ecomops.domains.identity.joining import UseLink, use_link
from ecomops.domains.identity.links import LinkMade
from ecomops.domains.identity.members import list_people
from ecomops.domains.identity.schemas import Resolve, SignedIn, SignIn
from ecomops.domains.identity.service import resolve, sign_in
from ecomops.kit.context import Context
from tests.conftest import PASSWORD, Workspace, anonymous

OTHER_PASSWORD = SecretStr("copper meadow lantern 41")


def new_email() -> str:
    return f"p{uuid4().hex[:12]}@example.com"


def invited(workspace: Workspace, role: str = "finance", email: str = "") -> LinkMade:
    """Somebody who was asked to join."""
    command = InvitePerson("Bo Berg", email or new_email(), role)
    return runtime.run(workspace.ctx, invite_person, command)


def used(made: LinkMade, password: SecretStr = PASSWORD, name: str = "Bo Berg") -> SignedIn | None:
    """What comes of using a link."""
    return runtime.run(anonymous(), use_link, UseLink(made.token, name, password))


def joined(workspace: Workspace, role: str = "finance", email: str = "") -> Context:
    """Somebody who has joined, signed in."""
    return context_of(used(invited(workspace, role, email)))


def context_of(signed_in: SignedIn | None) -> Context:
    assert signed_in is not None
    return runtime.run(anonymous(), resolve, Resolve(signed_in.token))


def may_sign_in(email: str, password: SecretStr = PASSWORD) -> bool:
    return runtime.run(anonymous(), sign_in, SignIn(email, password)) is not None


def statuses(workspace: Workspace) -> dict[str, tuple[str, str]]:
    """E-mail → (role, status) of everybody on the list."""
    found = runtime.run(workspace.ctx, list_people)
    return {person.email: (person.role, person.status) for person in found}


def id_of(ctx: Context) -> UUID:
    assert ctx.actor.user_id is not None
    return ctx.actor.user_id
