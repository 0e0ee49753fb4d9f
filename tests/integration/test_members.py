"""Roles that change, people who leave and come back, and the admin who stays."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from uuid import UUID, uuid4

import pytest

from ecomops import runtime
from ecomops.domains.identity.members import (
    ChangeRole,
    change_role,
    deactivate_person,
    list_people,
    reactivate_person,
)
from ecomops.domains.identity.queries import get_shell
from ecomops.domains.identity.schemas import Resolve
from ecomops.domains.identity.service import resolve
from ecomops.kit.context import Context, Plan
from ecomops.kit.errors import (
    ConflictError,
    EcomopsError,
    EntitlementDeniedError,
    InvalidInputError,
    NotFoundError,
    UnauthenticatedError,
)
from ecomops.local.administration import system_of
from tests.conftest import PASSWORD, Workspace, anonymous
from tests.integration.people import context_of, id_of, invited, joined, may_sign_in, statuses, used
from tests.integration.provider import Stored

StoredOf = Callable[[Workspace], Stored]
Audit = Callable[[Workspace], list[tuple[str, str]]]


def demote(who: Context, user_id: UUID) -> None:
    runtime.run(who, change_role, ChangeRole(user_id, "readonly"))


def shut_out(who: Context, user_id: UUID) -> None:
    runtime.run(who, deactivate_person, user_id)


def test_a_role_is_changed_and_counts_from_the_next_event(
    workspace: Workspace, stored: StoredOf
) -> None:
    signed_in = used(invited(workspace, "readonly"))
    assert signed_in is not None
    bo = context_of(signed_in)
    runtime.run(workspace.ctx, change_role, ChangeRole(id_of(bo), "finance"))
    assert context_of(signed_in).role == "finance"
    payload = stored(workspace).one(
        "SELECT payload FROM audit_events WHERE tenant_id = :tenant AND action ="
        " 'user_role_changed'"
    )
    assert payload == {"email": bo.actor.label, "from": "readonly", "to": "finance"}


def test_the_same_role_again_changes_nothing(workspace: Workspace, audit: Audit) -> None:
    bo = joined(workspace, "finance")
    before = audit(workspace)
    runtime.run(workspace.ctx, change_role, ChangeRole(id_of(bo), "finance"))
    assert audit(workspace) == before


def test_who_is_deactivated_is_out_at_once_and_comes_back_as_they_were(
    workspace: Workspace, audit: Audit
) -> None:
    signed_in = used(invited(workspace, "ops"))
    bo = context_of(signed_in)
    runtime.run(workspace.ctx, deactivate_person, id_of(bo))
    with pytest.raises(UnauthenticatedError):
        context_of(signed_in)
    assert not may_sign_in(bo.actor.label)
    assert statuses(workspace)[bo.actor.label] == ("ops", "deactivated")
    runtime.run(workspace.ctx, reactivate_person, id_of(bo))
    with pytest.raises(UnauthenticatedError):
        context_of(signed_in)
    assert may_sign_in(bo.actor.label)
    runtime.run(workspace.ctx, reactivate_person, id_of(bo))
    told = [action for action, _ in audit(workspace) if "activated" in action]
    assert told == ["user_deactivated", "user_reactivated"], "the second time did nothing"


def test_a_deactivated_person_keeps_the_other_workspace(
    workspace: Workspace, other_workspace: Workspace
) -> None:
    guest = joined(workspace, email=f"{other_workspace.slug}@example.com")
    runtime.run(workspace.ctx, deactivate_person, id_of(guest))
    assert runtime.run(anonymous(), resolve, Resolve(other_workspace.token)).role == "admin"
    assert may_sign_in(guest.actor.label, PASSWORD)


def test_nobody_changes_their_own_role_or_leaves_by_themselves(workspace: Workspace) -> None:
    joined(workspace, "admin")
    for attempt in (demote, shut_out):
        with pytest.raises(ConflictError, match="about yourself"):
            attempt(workspace.ctx, id_of(workspace.ctx))
    assert statuses(workspace)[f"{workspace.slug}@example.com"] == ("admin", "active")


def test_one_active_admin_stays_whoever_asks(workspace: Workspace) -> None:
    """The command line, or an admin who is none any more since a moment ago."""
    system = system_of(anonymous(), workspace.slug)
    was_admin = replace(workspace.as_role("admin"), actor=joined(workspace, "finance").actor)
    for who in (system, was_admin):
        for attempt in (demote, shut_out):
            with pytest.raises(ConflictError, match="One active admin must stay"):
                attempt(who, id_of(workspace.ctx))
    assert statuses(workspace)[f"{workspace.slug}@example.com"] == ("admin", "active")


def test_an_admin_who_is_deactivated_or_invited_is_not_the_one_who_stays(
    workspace: Workspace,
) -> None:
    gone = joined(workspace, "admin")
    runtime.run(workspace.ctx, deactivate_person, id_of(gone))
    invited(workspace, "admin")
    system = system_of(anonymous(), workspace.slug)
    with pytest.raises(ConflictError, match="One active admin must stay"):
        runtime.run(system, deactivate_person, id_of(workspace.ctx))
    runtime.run(system, change_role, ChangeRole(id_of(gone), "ops"))


def test_two_admins_who_demote_each_other_at_once_leave_one(workspace: Workspace) -> None:
    other = joined(workspace, "admin")
    barrier = Barrier(2)

    def succeeds(who: Context, whom: Context) -> bool:
        barrier.wait()
        try:
            demote(who, id_of(whom))
        except EcomopsError:
            return False
        return True

    with ThreadPoolExecutor(2) as both:
        done = list(both.map(succeeds, (workspace.ctx, other), (other, workspace.ctx)))
    assert sorted(done) == [False, True]
    roles = sorted(role for role, _ in statuses(workspace).values())
    assert roles == ["admin", "readonly"]


def test_what_cannot_be_done_to_whom(workspace: Workspace, other_workspace: Workspace) -> None:
    bo = joined(workspace)
    with pytest.raises(InvalidInputError, match="no role 'owner'"):
        runtime.run(workspace.ctx, change_role, ChangeRole(id_of(bo), "owner"))
    for stranger in (uuid4(), id_of(other_workspace.ctx)):
        for attempt in (demote, shut_out):
            with pytest.raises(NotFoundError):
                attempt(workspace.ctx, stranger)
        with pytest.raises(NotFoundError):
            runtime.run(workspace.ctx, reactivate_person, stranger)
    assert runtime.run(other_workspace.ctx, get_shell).role == "admin"


def test_an_expired_trial_changes_no_role_but_shuts_people_out(workspace: Workspace) -> None:
    bo = joined(workspace)
    past = Plan("trial", datetime.now(UTC) - timedelta(days=1))
    expired = replace(workspace.ctx, plan=past)
    with pytest.raises(EntitlementDeniedError):
        runtime.run(expired, change_role, ChangeRole(id_of(bo), "ops"))
    runtime.run(expired, deactivate_person, id_of(bo))
    with pytest.raises(EntitlementDeniedError):
        runtime.run(expired, reactivate_person, id_of(bo))
    assert statuses(workspace)[bo.actor.label] == ("finance", "deactivated")


def test_the_list_is_of_this_workspace_and_tells_who_was_seen(
    workspace: Workspace, other_workspace: Workspace
) -> None:
    """The asker's own membership elsewhere is no member here."""
    guest = joined(workspace, "admin", f"{other_workspace.slug}@example.com")
    found = runtime.run(guest, list_people)
    assert sorted((one.role, one.is_self) for one in found) == [("admin", False), ("admin", True)]
    assert {one.last_seen_at for one in found} == {None}
    runtime.run(guest, get_shell)
    seen = {one.email: one.last_seen_at for one in runtime.run(guest, list_people)}
    assert seen[guest.actor.label] == pytest.approx(datetime.now(UTC), abs=timedelta(minutes=1))
    assert seen[f"{workspace.slug}@example.com"] is None


def test_being_seen_is_noted_now_and_then(workspace: Workspace, stored: StoredOf) -> None:
    def noted() -> object:
        runtime.run(workspace.ctx, get_shell)
        return stored(workspace).one(
            "SELECT last_seen_at FROM memberships WHERE tenant_id = :tenant"
        )

    assert noted() == noted()


def test_a_person_in_two_workspaces_changes_in_one(
    workspace: Workspace, other_workspace: Workspace
) -> None:
    """The one who asks belongs to both, and so sees rows of her own in both."""
    email = f"{other_workspace.slug}@example.com"
    boss = joined(workspace, "admin", email)
    bo = joined(workspace, "ops")
    with pytest.raises(NotFoundError):
        runtime.run(other_workspace.ctx, change_role, ChangeRole(id_of(bo), "admin"))
    runtime.run(workspace.ctx, change_role, ChangeRole(id_of(boss), "readonly"))
    assert statuses(workspace)[email] == ("readonly", "active")
    assert statuses(other_workspace)[email] == ("admin", "active")
