"""What the command line does in workspaces, as the system."""

from collections.abc import Iterator
from contextlib import contextmanager

from ecomops import runtime
from ecomops.domains.access.rules import permissions_of
from ecomops.domains.identity.invitations import InvitePerson
from ecomops.domains.identity.members import list_people
from ecomops.domains.identity.queries import find_tenant
from ecomops.domains.plans import service as plans
from ecomops.kit.context import Context, Plan
from ecomops.kit.errors import NotFoundError
from ecomops.kit.ids import new_correlation_id
from ecomops.kit.settings import get_settings
from ecomops.operations import invitations, key_rotation


@contextmanager
def connected() -> Iterator[Context]:
    """A context of nobody, while this process's connections are open."""
    runtime.start(get_settings())
    try:
        yield Context(new_correlation_id(), "cli")
    finally:
        runtime.stop()


def system_of(nobody: Context, slug: str) -> Context:
    """The system, in the workspace with this slug. Raises NotFoundError."""
    tenant = runtime.run(nobody, find_tenant, slug)
    if tenant is None:
        raise NotFoundError(f"There is no workspace with the slug '{slug}'.")
    return Context(
        nobody.correlation_id,
        "cli",
        tenant_id=tenant.id,
        role="admin",
        permissions=permissions_of("admin"),
        plan=Plan(tenant.plan, tenant.plan_expires_at),
    )


def set_plan(slug: str, plan: str) -> None:
    """Change a workspace's plan. Raises NotFoundError."""
    with connected() as nobody:
        runtime.run(system_of(nobody, slug), plans.set_plan, plan)


def invite_person(slug: str, email: str, role: str) -> str:
    """Invite somebody to a workspace; the link for them. Raises EcomopsError."""
    with connected() as nobody:
        command = InvitePerson(email.partition("@")[0], email, role)
        return invitations.invite(system_of(nobody, slug), command).address


def link_for_person(slug: str, email: str) -> str:
    """Another link for who is invited, or for a member who lost the password.

    Raises NotFoundError, ConflictError.
    """
    with connected() as nobody:
        system = system_of(nobody, slug)
        for person in runtime.run(system, list_people):
            if person.email == email.strip().lower():
                return invitations.make_link(system, person.id).address
    raise NotFoundError(f"Nobody in '{slug}' has this email.")


def rotate_keys() -> key_rotation.Rotation:
    """Encrypt all credentials of all workspaces with the current key."""
    with connected() as nobody:
        return key_rotation.rotate_keys(nobody)
