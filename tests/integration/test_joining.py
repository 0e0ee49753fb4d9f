"""Invitations and one-time links: who gets in by one, once, and who does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text

from ecomops import runtime
from ecomops.domains.identity.errors import LinkGoneError, TooManyAttemptsError
from ecomops.domains.identity.invitations import (
    MOST_INVITED,
    InvitePerson,
    invite_person,
    renew_link,
    withdraw_invitation,
)
from ecomops.domains.identity.joining import see_link
from ecomops.domains.identity.links import LinkMade
from ecomops.domains.identity.members import deactivate_person, list_people
from ecomops.domains.identity.queries import get_shell
from ecomops.domains.identity.sessions import list_sessions
from ecomops.kit.context import Plan
from ecomops.kit.errors import (
    ConflictError,
    EntitlementDeniedError,
    InvalidInputError,
    NotFoundError,
    UnauthenticatedError,
)
from tests.conftest import PASSWORD, Workspace, anonymous, make_workspace
from tests.integration.people import (
    OTHER_PASSWORD,
    context_of,
    id_of,
    invited,
    joined,
    may_sign_in,
    new_email,
    statuses,
    used,
)
from tests.integration.provider import Stored

StoredOf = Callable[[Workspace], Stored]
Audit = Callable[[Workspace], list[tuple[str, str]]]
WRONG = SecretStr("not the right password")


def gone(made: LinkMade) -> bool:
    """Whether a link leads nowhere, to be seen and to be used."""
    for attempt in (lambda: runtime.run(anonymous(), see_link, made.token), lambda: used(made)):
        with pytest.raises(LinkGoneError):
            attempt()
    return True


def test_somebody_new_joins_with_the_role_they_were_invited_with(
    workspace: Workspace, audit: Audit
) -> None:
    made = invited(workspace, "finance")
    seen = runtime.run(anonymous(), see_link, made.token)
    assert (seen.kind, seen.email, seen.known) == ("invitation", made.email, False)
    assert statuses(workspace)[made.email] == ("finance", "invited")
    assert not may_sign_in(made.email)
    bo = context_of(used(made, name="  Bo Berg-Lund "))
    assert (bo.tenant_id, bo.role, bo.actor.label) == (workspace.ctx.tenant, "finance", made.email)
    assert runtime.run(bo, get_shell).person_name == "Bo Berg-Lund"
    assert statuses(workspace)[made.email] == ("finance", "active")
    assert may_sign_in(made.email)
    assert audit(workspace)[-3:] == [
        ("user_added", "success"), ("user_joined", "success"), ("user_login", "success"),
    ]  # fmt: skip


def test_only_the_hash_of_a_link_is_kept(workspace: Workspace, stored: StoredOf) -> None:
    made = invited(workspace)
    of = stored(workspace)
    kept = of.one("SELECT token_hash FROM one_time_links WHERE tenant_id = :tenant")
    assert kept == sha256(made.token.get_secret_value().encode()).digest()
    columns = of.rows(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'one_time_links'"
    )
    assert {name for (name,) in columns} == {
        "token_hash", "tenant_id", "person_id", "kind", "expires_at",
    }  # fmt: skip
    assert made.token.get_secret_value() not in repr(made)


def test_a_link_works_once(workspace: Workspace) -> None:
    made = invited(workspace)
    assert used(made)
    assert gone(made)


def test_a_link_ends_after_a_week(workspace: Workspace, admin_engine: Engine) -> None:
    made = invited(workspace)
    assert made.expires_at - datetime.now(UTC) == pytest.approx(
        timedelta(days=7), abs=timedelta(minutes=1)
    )
    with admin_engine.begin() as admin:
        admin.execute(
            text("UPDATE one_time_links SET expires_at = now() WHERE tenant_id = :t"),
            {"t": workspace.ctx.tenant},
        )
    assert gone(made)
    assert statuses(workspace)[made.email] == ("finance", "link expired")


def test_a_new_link_replaces_the_old_one(workspace: Workspace, audit: Audit) -> None:
    old = invited(workspace)
    person = runtime.run(workspace.ctx, list_people)[-1]
    new = runtime.run(workspace.ctx, renew_link, person.id)
    assert (new.kind, new.email) == ("invitation", old.email)
    assert gone(old)
    assert used(new)
    assert ("invitation_link_made", "success") in audit(workspace)


def test_a_withdrawn_invitation_leads_nowhere(workspace: Workspace, audit: Audit) -> None:
    made = invited(workspace)
    person = runtime.run(workspace.ctx, list_people)[-1]
    runtime.run(workspace.ctx, withdraw_invitation, person.id)
    assert gone(made)
    assert made.email not in statuses(workspace)
    assert audit(workspace)[-1] == ("invitation_withdrawn", "success")
    with pytest.raises(NotFoundError):
        runtime.run(workspace.ctx, withdraw_invitation, person.id)
    assert used(invited(workspace, email=made.email)), "and they can be invited again"


@pytest.mark.parametrize(
    ("name", "password", "fields"),
    [
        ("", PASSWORD, {"name"}),
        ("Bo", SecretStr("short"), {"password"}),
        ("B\x00", SecretStr("aaaaaaaaaaaaaaaa"), {"name", "password"}),
    ],
)
def test_a_refused_form_leaves_the_link_as_it_was(
    workspace: Workspace, name: str, password: SecretStr, fields: set[str]
) -> None:
    made = invited(workspace)
    with pytest.raises(InvalidInputError) as refused:
        used(made, password, name)
    assert set(refused.value.fields) == fields
    assert used(made)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"name": " "}, "name"),
        ({"role": "owner"}, "role"),
    ],
)
def test_who_cannot_be_invited_is_a_field_error(
    workspace: Workspace, changes: dict[str, str], field: str
) -> None:
    command = replace(InvitePerson("Bo Berg", new_email(), "ops"), **changes)
    with pytest.raises(InvalidInputError) as refused:
        runtime.run(workspace.ctx, invite_person, command)
    assert set(refused.value.fields) == {field}
    assert len(statuses(workspace)) == 1


def test_nobody_is_invited_twice(workspace: Workspace) -> None:
    made = invited(workspace)
    with pytest.raises(InvalidInputError, match="invited already"):
        invited(workspace, email=made.email.upper())
    bo = context_of(used(made))
    with pytest.raises(InvalidInputError, match="belongs to the workspace already"):
        invited(workspace, email=made.email)
    runtime.run(workspace.ctx, deactivate_person, id_of(bo))
    with pytest.raises(InvalidInputError, match="Reactivate them instead"):
        invited(workspace, email=made.email)


def test_invitations_that_wait_are_counted(workspace: Workspace, admin_engine: Engine) -> None:
    with admin_engine.begin() as admin:
        admin.execute(
            text(
                "INSERT INTO invitations (tenant_id, email, name, role)"
                " SELECT :t, n || '@example.com', 'x', 'ops' FROM generate_series(1, :most) n"
            ),
            {"t": workspace.ctx.tenant, "most": MOST_INVITED},
        )
    with pytest.raises(ConflictError, match="100 invitations are open"):
        invited(workspace)


def test_who_has_an_account_joins_with_its_own_password(
    workspace: Workspace, other_workspace: Workspace, audit: Audit
) -> None:
    email = f"{other_workspace.slug}@example.com"
    made = invited(workspace, "ops", email)
    assert runtime.run(anonymous(), see_link, made.token).known
    assert used(made, WRONG) is None
    assert audit(workspace)[-1] == ("user_login_failed", "error")
    there = context_of(used(made, PASSWORD, name="not asked for"))
    assert (there.tenant_id, there.role) == (workspace.ctx.tenant, "ops")
    assert there.actor.user_id == other_workspace.ctx.actor.user_id
    assert runtime.run(there, get_shell).person_name == "Ada Lind"
    assert runtime.run(other_workspace.ctx, get_shell).role == "admin", "and is who they were there"


def test_guesses_at_the_password_of_an_account_are_braked_by_a_link_too(
    workspace: Workspace, other_workspace: Workspace
) -> None:
    made = invited(workspace, email=f"{other_workspace.slug}@example.com")
    for _ in range(5):
        assert used(made, WRONG) is None
    with pytest.raises(TooManyAttemptsError):
        used(made)
    assert not _is_member(workspace, other_workspace)


def _is_member(workspace: Workspace, other: Workspace) -> bool:
    return statuses(workspace)[f"{other.slug}@example.com"][1] == "active"


def test_an_admin_makes_a_link_with_which_a_person_chooses_a_new_password(
    workspace: Workspace, audit: Audit
) -> None:
    bo = joined(workspace)
    made = runtime.run(workspace.ctx, renew_link, id_of(bo))
    assert (made.kind, made.email) == ("password", bo.actor.label)
    assert may_sign_in(made.email), "nothing happens until the link is used"
    again = context_of(used(made, OTHER_PASSWORD))
    assert again.role == "finance"
    assert not may_sign_in(made.email)
    assert may_sign_in(made.email, OTHER_PASSWORD)
    assert [one.current for one in runtime.run(again, list_sessions)][-1], "the others ended"
    assert gone(made)
    assert ("password_link_made", "success") in audit(workspace)
    assert ("password_reset", "success") in audit(workspace)


def test_a_weak_new_password_leaves_the_old_one_and_the_link(workspace: Workspace) -> None:
    bo = joined(workspace)
    made = runtime.run(workspace.ctx, renew_link, id_of(bo))
    with pytest.raises(InvalidInputError):
        used(made, SecretStr("password1234"))
    assert may_sign_in(made.email)
    assert used(made, OTHER_PASSWORD)


def test_no_admin_chooses_the_password_of_who_belongs_elsewhere_too(
    workspace: Workspace, other_workspace: Workspace, audit: Audit
) -> None:
    """Or the admin of one workspace could sign in to another one."""
    guest = joined(workspace, email=f"{other_workspace.slug}@example.com")
    before = audit(workspace)
    with pytest.raises(ConflictError, match="also belongs to another workspace"):
        runtime.run(workspace.ctx, renew_link, id_of(guest))
    assert audit(workspace) == before


def test_a_password_link_ends_when_its_person_joins_another_workspace(
    workspace: Workspace, other_workspace: Workspace
) -> None:
    bo = joined(workspace)
    made = runtime.run(workspace.ctx, renew_link, id_of(bo))
    assert used(invited(other_workspace, email=made.email), PASSWORD)
    with pytest.raises(LinkGoneError):
        used(made, OTHER_PASSWORD)
    assert may_sign_in(made.email)


def test_a_membership_that_rests_elsewhere_counts_as_well(
    workspace: Workspace, other_workspace: Workspace
) -> None:
    bo = joined(workspace)
    used(invited(other_workspace, email=bo.actor.label), PASSWORD)
    runtime.run(other_workspace.ctx, deactivate_person, id_of(bo))
    with pytest.raises(ConflictError):
        runtime.run(workspace.ctx, renew_link, id_of(bo))


def test_a_link_of_who_is_deactivated_leads_nowhere(workspace: Workspace) -> None:
    bo = joined(workspace)
    made = runtime.run(workspace.ctx, renew_link, id_of(bo))
    runtime.run(workspace.ctx, deactivate_person, id_of(bo))
    assert gone(made)
    with pytest.raises(NotFoundError):
        runtime.run(workspace.ctx, renew_link, id_of(bo))


def test_no_link_is_made_for_oneself_or_a_stranger(
    workspace: Workspace, other_workspace: Workspace
) -> None:
    with pytest.raises(ConflictError, match="under Account"):
        runtime.run(workspace.ctx, renew_link, id_of(workspace.ctx))
    theirs = invited(other_workspace)
    invitation = runtime.run(other_workspace.ctx, list_people)[-1]
    for stranger in (uuid4(), id_of(other_workspace.ctx), invitation.id):
        with pytest.raises(NotFoundError):
            runtime.run(workspace.ctx, renew_link, stranger)
    with pytest.raises(NotFoundError):
        runtime.run(workspace.ctx, withdraw_invitation, invitation.id)
    assert used(theirs)


def test_an_expired_trial_invites_nobody_and_still_lets_people_in(workspace: Workspace) -> None:
    bo, waiting = joined(workspace), invited(workspace)
    past = Plan("trial", datetime.now(UTC) - timedelta(days=1))
    expired = replace(workspace.ctx, plan=past)
    with pytest.raises(EntitlementDeniedError):
        runtime.run(expired, invite_person, InvitePerson("Cy", new_email(), "ops"))
    invitation = next(p for p in runtime.run(expired, list_people) if p.email == waiting.email)
    with pytest.raises(EntitlementDeniedError):
        runtime.run(expired, renew_link, invitation.id)
    assert used(runtime.run(expired, renew_link, id_of(bo)), OTHER_PASSWORD)


def test_sessions_of_before_end_with_the_new_password(workspace: Workspace) -> None:
    made = invited(workspace)
    first = used(made)
    assert first is not None
    reset = runtime.run(workspace.ctx, renew_link, first.user_id)
    used(reset, OTHER_PASSWORD)
    with pytest.raises(UnauthenticatedError):
        context_of(first)


@pytest.mark.parametrize("token", ["", "made-up", "x" * 5000, "\ud800"])
def test_a_made_up_link_is_none(runtime_started: None, token: str) -> None:
    workspace = make_workspace()
    assert gone(replace(invited(workspace), token=SecretStr(token)))
