"""Registering, signing in and out, and who a session belongs to."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from uuid import uuid4

import bcrypt
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text

from ecomops import runtime
from ecomops.domains.identity.errors import SignInRefusedError, TooManyAttemptsError
from ecomops.domains.identity.people import AddPerson, add_person
from ecomops.domains.identity.queries import get_shell
from ecomops.domains.identity.schemas import Register, Resolve, SignedIn, SignIn, SignOut
from ecomops.domains.identity.service import (
    register,
    require_signed_in,
    resolve,
    sign_in,
    sign_out,
)
from ecomops.domains.identity.sessions import end_other_sessions, end_session, list_sessions
from ecomops.domains.identity.throttle import LIMITS, attempt_succeeded, begin_attempt
from ecomops.kit.errors import InvalidInputError, NotFoundError, UnauthenticatedError
from tests.conftest import PASSWORD, Workspace, anonymous
from tests.integration.provider import Stored

StoredOf = Callable[[Workspace], Stored]
Audit = Callable[[Workspace], list[tuple[str, str]]]


def form(**changes: str) -> Register:
    """A registration that would be accepted, but for ``changes``."""
    slug = f"w{uuid4().hex[:12]}"
    password = changes.pop("password", "plum tractor violin 88")
    good = Register(
        "Nordwind Trading", slug, "Ada Lind", f"{slug}@example.com", SecretStr(password)
    )
    return replace(good, **changes)  # type: ignore[arg-type]  # all of them text


def refused(command: Register) -> dict[str, str]:
    """The field errors of a registration."""
    with pytest.raises(InvalidInputError) as error:
        runtime.run(anonymous(), register, command)
    return error.value.fields


SLUG = "Use 3 to 63 characters: a to z, 0 to 9 and hyphens, no hyphen at either end."
EMAIL = "Enter an email address like name@company.com."
ORDINARY = "Use at most 200 ordinary characters."
UNKEPT = "This password holds a character that cannot be kept. Use ordinary ones."
GUESSABLE = "This password is too easy to guess. Use several unrelated words."


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("organization_name", "", "Enter your organization's name."),
        ("organization_name", " \t ", "Enter your organization's name."),
        ("organization_name", "x" * 201, ORDINARY),
        ("organization_name", "Nord\x00wind", ORDINARY),
        ("organization_name", "Nord\ud800wind", ORDINARY),
        ("name", "", "Enter your name."),
        ("name", "A\nB", ORDINARY),
        ("slug", "", SLUG),
        ("slug", "ab", SLUG),
        ("slug", "a" * 64, SLUG),
        ("slug", "Nordwind", SLUG),
        ("slug", "-nordwind", SLUG),
        ("slug", "nordwind-", SLUG),
        ("slug", "nord wind", SLUG),
        ("slug", "nordwínd", SLUG),
        ("slug", "nordwind\n", SLUG),
        ("slug", "nord_wind", SLUG),
        ("slug", "admin", "This slug is reserved. Choose another one."),
        ("email", "", EMAIL),
        ("email", "ada", EMAIL),
        ("email", "ada@", EMAIL),
        ("email", "ada@x@example.com", EMAIL),
        ("email", "ada\x00@example.com", EMAIL),
        ("password", "", "Use at least 12 characters."),
        ("password", "short 1234!", "Use at least 12 characters."),
        ("password", "x" * 257, "Use at most 256 characters."),
        ("password", "plum\x00tractor violin", UNKEPT),
        ("password", "plum\ud800tractor violin", UNKEPT),
        ("password", "aaaaaaaaaaaaaaaa", GUESSABLE),
        ("password", "password1234", GUESSABLE),
        ("password", "123456789012", GUESSABLE),
    ],
)
def test_a_wrong_field_is_told_beside_the_field(
    runtime_started: None, field: str, value: str, message: str
) -> None:
    assert refused(form(**{field: value})) == {field: message}


def test_all_wrong_fields_are_told_at_once(runtime_started: None) -> None:
    command = form(organization_name="", slug="x", name="", email="?", password="")
    assert set(refused(command)) == {"organization_name", "slug", "name", "email", "password"}


@pytest.mark.parametrize("slug", ["abc", "a" * 63, "7-11", "a--b"])
def test_odd_but_right_slugs_are_taken(runtime_started: None, slug: str) -> None:
    unique = f"{slug[:40]}{uuid4().hex[:8]}" if slug not in ("a" * 63,) else slug
    assert runtime.run(anonymous(), register, form(slug=unique)).token


def test_a_password_of_ten_thousand_characters_is_refused_at_once(runtime_started: None) -> None:
    begun = time.monotonic()
    assert refused(form(password="zR7 " * 2500)) == {"password": "Use at most 256 characters."}
    assert time.monotonic() - begun < 0.5


def test_enormous_names_are_refused_at_once(runtime_started: None) -> None:
    begun = time.monotonic()
    assert set(refused(form(name="n" * 10**6, organization_name="o" * 10**6))) == {
        "name",
        "organization_name",
    }
    assert time.monotonic() - begun < 1


def test_the_longest_password_counts_to_its_last_character(runtime_started: None) -> None:
    long = "correct horse battery staple " * 8 + "x" * 24
    command = form(password=long)
    assert len(long) == 256
    runtime.run(anonymous(), register, command)
    assert _sign_in(command.email, long) is not None
    assert _sign_in(command.email, long[:-1] + "y") is None


def test_a_taken_slug_is_a_field_error_and_leaves_nothing(
    workspace: Workspace, admin_engine: Engine
) -> None:
    command = form(slug=workspace.slug)
    assert refused(command) == {"slug": "This slug is taken. Choose another one."}
    assert _people(admin_engine, command.email) == 0


@pytest.mark.parametrize("twist", [str.upper, str.title, lambda email: f"  {email} "])
def test_an_email_is_taken_however_it_is_written(
    workspace: Workspace, admin_engine: Engine, twist: Callable[[str], str]
) -> None:
    command = form(email=twist(f"{workspace.slug}@example.com"))
    message = "An account with this email exists. Sign in with it instead."
    assert refused(command) == {"email": message}
    with admin_engine.connect() as connection:
        assert (
            connection.scalar(
                text("SELECT count(*) FROM tenants WHERE slug = :slug"), {"slug": command.slug}
            )
            == 0
        )


def test_a_form_that_is_sent_twice_makes_one_workspace(
    runtime_started: None, admin_engine: Engine
) -> None:
    command, barrier = form(), Barrier(3)

    def send() -> SignedIn | dict[str, str]:
        barrier.wait()
        try:
            return runtime.run(anonymous(), register, command)
        except InvalidInputError as error:
            return error.fields

    with ThreadPoolExecutor(3) as browsers:
        outcomes = [future.result() for future in [browsers.submit(send) for _ in range(3)]]
    made = [outcome for outcome in outcomes if isinstance(outcome, SignedIn)]
    assert len(made) == 1
    assert all(set(outcome) == {"slug"} for outcome in outcomes if isinstance(outcome, dict))
    assert _people(admin_engine, command.email) == 1


def test_registering_leaves_exactly_this_behind(workspace: Workspace, stored: StoredOf) -> None:
    of = stored(workspace)
    person = workspace.ctx.actor
    assert of.rows(
        "SELECT category, action, actor_id, actor, channel, resource_type, resource_id, status,"
        " correlation_id IS NOT NULL, address, payload FROM audit_events WHERE tenant_id = :tenant"
    ) == [
        (
            "auth", "tenant_registered", person.user_id, person.label, "web", "tenant",
            str(workspace.ctx.tenant), "success", True, "203.0.113.9",
            {"slug": workspace.slug, "name": "Nordwind Trading", "plan": "trial"},
        )
    ]  # fmt: skip
    ((plan, days),) = of.rows(
        "SELECT plan, round(extract(epoch FROM plan_expires_at - created_at) / 86400)"
        " FROM tenants WHERE id = :tenant"
    )
    assert (plan, days) == ("trial", 60)
    assert of.rows("SELECT role, active FROM memberships WHERE tenant_id = :tenant") == [
        ("admin", True)
    ]
    hashed = of.one("SELECT password_hash FROM users WHERE id = :person", person=person.user_id)
    assert hashed.startswith("$argon2id$v=19$m=8192,t=3,p=1$")


def test_only_a_hash_of_the_cookie_is_kept(workspace: Workspace, stored: StoredOf) -> None:
    token = workspace.token.get_secret_value()
    rows = stored(workspace).rows("SELECT sessions::text FROM sessions WHERE tenant_id = :tenant")
    assert len(rows) == 1
    assert token not in rows[0][0]
    assert len(token) >= 43


def test_signing_in(workspace: Workspace, audit: Audit) -> None:
    signed_in = _sign_in(f"  {workspace.slug.upper()}@Example.COM ", PASSWORD.get_secret_value())
    assert signed_in is not None
    assert signed_in.tenant_id == workspace.ctx.tenant
    assert signed_in.token != workspace.token
    ctx = runtime.run(anonymous(), resolve, Resolve(signed_in.token))
    assert (ctx.role, ctx.actor, ctx.tenant) == (
        "admin", workspace.ctx.actor, workspace.ctx.tenant
    )  # fmt: skip
    assert audit(workspace)[-1] == ("user_login", "success")


@pytest.mark.parametrize(
    "password", ["wrong tractor violin 88", "", "x" * 10_000, "plum\x00", "é\ud83d"]
)
def test_a_wrong_password_is_audited_and_tells_nothing(
    workspace: Workspace, stored: StoredOf, password: str
) -> None:
    outcome = _sign_in(f"{workspace.slug}@example.com", password)
    with pytest.raises(SignInRefusedError, match="The email or the password is not right"):
        require_signed_in(outcome)
    ((action, status, payload),) = stored(workspace).rows(
        "SELECT action, status, payload FROM audit_events WHERE tenant_id = :tenant"
        " AND action <> 'tenant_registered'"
    )
    assert (action, status, payload) == ("user_login_failed", "error", {})
    sessions = "SELECT count(*) FROM sessions WHERE tenant_id = :tenant"
    assert stored(workspace).one(sessions) == 1


@pytest.mark.parametrize(
    "email", ["nobody@example.com", "", "not an address", "a\x00@b.c", "\ud800@b.c", "x" * 100_000]
)
def test_somebody_unknown_gets_the_same_answer(workspace: Workspace, email: str) -> None:
    assert _sign_in(email, PASSWORD.get_secret_value()) is None


def test_signing_out_ends_this_session_alone(workspace: Workspace, audit: Audit) -> None:
    second = _sign_in(f"{workspace.slug}@example.com", PASSWORD.get_secret_value())
    assert second is not None
    runtime.run(anonymous(), sign_out, SignOut(second.token))
    with pytest.raises(UnauthenticatedError, match="Your session has ended"):
        runtime.run(anonymous(), resolve, Resolve(second.token))
    assert runtime.run(anonymous(), resolve, Resolve(workspace.token)).tenant
    runtime.run(anonymous(), sign_out, SignOut(second.token))
    assert [action for action, _ in audit(workspace)] == [
        "tenant_registered", "user_login", "user_logout"
    ]  # fmt: skip


def test_a_session_ends_when_its_time_is_over(workspace: Workspace, admin_engine: Engine) -> None:
    _change(admin_engine, "UPDATE sessions SET expires_at = now() WHERE tenant_id = :t", workspace)
    with pytest.raises(UnauthenticatedError):
        runtime.run(anonymous(), resolve, Resolve(workspace.token))


def test_somebody_who_has_left_is_not_let_in(workspace: Workspace, admin_engine: Engine) -> None:
    _change(admin_engine, "UPDATE memberships SET active = false WHERE tenant_id = :t", workspace)
    with pytest.raises(UnauthenticatedError):
        runtime.run(anonymous(), resolve, Resolve(workspace.token))
    assert _sign_in(f"{workspace.slug}@example.com", PASSWORD.get_secret_value()) is None


def test_a_role_that_is_taken_away_counts_at_once(
    workspace: Workspace, admin_engine: Engine
) -> None:
    demoted = "UPDATE memberships SET role = 'readonly' WHERE tenant_id = :t"
    _change(admin_engine, demoted, workspace)
    ctx = runtime.run(anonymous(), resolve, Resolve(workspace.token))
    assert ctx.role == "readonly"
    assert "connections.manage" not in ctx.permissions


@pytest.mark.parametrize("token", ["", "x", "é", "\ud800", "a" * 100_000])
def test_a_made_up_token_is_nobodys(runtime_started: None, token: str) -> None:
    with pytest.raises(UnauthenticatedError):
        runtime.run(anonymous(), resolve, Resolve(SecretStr(token)))


def test_one_person_in_two_workspaces(
    workspace: Workspace, other_workspace: Workspace, admin_engine: Engine, audit: Audit
) -> None:
    email = f"{workspace.slug}@example.com"
    person = runtime.run(
        other_workspace.ctx, add_person, AddPerson("Ada", email.upper(), "finance", SecretStr(""))
    )
    assert person == workspace.ctx.actor.user_id
    assert audit(other_workspace)[-1] == ("user_added", "success")
    signed_in = _sign_in(email, PASSWORD.get_secret_value())
    assert signed_in is not None
    assert signed_in.tenant_id == workspace.ctx.tenant, "the first one joined"
    left = "UPDATE memberships SET active = false WHERE tenant_id = :t"
    _change(admin_engine, left, workspace)
    signed_in = _sign_in(email, PASSWORD.get_secret_value())
    assert signed_in is not None
    assert signed_in.tenant_id == other_workspace.ctx.tenant
    ctx = runtime.run(anonymous(), resolve, Resolve(signed_in.token))
    shell = runtime.run(ctx, get_shell)
    assert (shell.workspace_slug, shell.role) == (other_workspace.slug, "finance")
    with pytest.raises(InvalidInputError, match="belongs to the workspace already"):
        runtime.run(other_workspace.ctx, add_person, AddPerson("Ada", email, "ops", SecretStr("")))


def test_sessions_are_listed_and_ended_by_their_person_in_their_workspace(
    workspace: Workspace, other_workspace: Workspace, admin_engine: Engine
) -> None:
    """Ada is in both, Bo in the second: of theirs, neither touches another's."""
    email = f"{workspace.slug}@example.com"
    joined = AddPerson("Ada", email, "finance", SecretStr(""))
    runtime.run(other_workspace.ctx, add_person, joined)
    _change(admin_engine, "UPDATE memberships SET active = false WHERE tenant_id = :t", workspace)
    there = _sign_in(email, PASSWORD.get_secret_value())
    assert there is not None
    ada = runtime.run(anonymous(), resolve, Resolve(there.token))
    _change(admin_engine, "UPDATE memberships SET active = true WHERE tenant_id = :t", workspace)

    bo = other_workspace.ctx
    assert [one.id for one in runtime.run(ada, list_sessions)] == [ada.session_id]
    assert [one.id for one in runtime.run(bo, list_sessions)] == [bo.session_id]
    for foreign in (workspace.ctx.session_id, bo.session_id):
        assert foreign is not None
        with pytest.raises(NotFoundError):
            runtime.run(ada, end_session, foreign)
    assert runtime.run(ada, end_other_sessions) == 0
    for token in (workspace.token, other_workspace.token, there.token):
        assert runtime.run(anonymous(), resolve, Resolve(token)).session_id


def test_a_person_with_an_odd_name_or_role_is_not_added(workspace: Workspace) -> None:
    fresh = SecretStr("plum tractor violin 88")
    for command, field in (
        (AddPerson("Bo", "bo@example", "ops", fresh), "email"),
        (AddPerson("Bo", f"{uuid4().hex}@example.com", "owner", fresh), "role"),
        (AddPerson("Bo", f"{uuid4().hex}@example.com", "ops", SecretStr("x")), "password"),
        (AddPerson("B\x00o", f"{uuid4().hex}@example.com", "ops", fresh), "name"),
        (AddPerson(" ", f"{uuid4().hex}@example.com", "ops", fresh), "name"),
    ):
        with pytest.raises(InvalidInputError) as error:
            runtime.run(workspace.ctx, add_person, command)
        assert set(error.value.fields) == {field}


def test_a_bcrypt_hash_is_verified_and_upgraded(
    workspace: Workspace, admin_engine: Engine, stored: StoredOf
) -> None:
    password = PASSWORD.get_secret_value()
    old = bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()
    person = workspace.ctx.actor.user_id
    with admin_engine.begin() as connection:
        connection.execute(
            text("UPDATE users SET password_hash = :old WHERE id = :id"), {"old": old, "id": person}
        )
    email = f"{workspace.slug}@example.com"
    assert _sign_in(email, "wrong tractor violin 88") is None
    hashed = "SELECT password_hash FROM users WHERE id = :person"
    assert stored(workspace).one(hashed, person=person) == old
    assert _sign_in(email, "x" * 200) is None
    assert _sign_in(email, password) is not None
    assert stored(workspace).one(hashed, person=person).startswith("$argon2id$")
    assert _sign_in(email, password) is not None
    assert _sign_in(email, password + "x") is None


def test_an_email_is_looked_up_by_index(admin_engine: Engine, runtime_started: None) -> None:
    with admin_engine.connect() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = connection.execute(
            text("EXPLAIN SELECT * FROM users WHERE lower(email) = 'a@b.c'")
        ).scalars()
        assert "uq_users_email" in " ".join(plan)


def test_an_expired_trial_still_lets_people_in(workspace: Workspace, admin_engine: Engine) -> None:
    over = "UPDATE tenants SET plan_expires_at = now() - interval '1 day' WHERE id = :t"
    _change(admin_engine, over, workspace)
    signed_in = _sign_in(f"{workspace.slug}@example.com", PASSWORD.get_secret_value())
    assert signed_in is not None
    ctx = runtime.run(anonymous(), resolve, Resolve(signed_in.token))
    shell = runtime.run(ctx, get_shell)
    assert (shell.expired, shell.trial_days_left) == (True, 0)


def _sign_in(email: str, password: str) -> SignedIn | None:
    # Every attempt from an address of its own: the brakes on guessing are another test's business.
    ctx = replace(anonymous(), address=f"2001:db8::{uuid4().hex[:4]}")
    return runtime.run(ctx, sign_in, SignIn(email, SecretStr(password)))


def _people(engine: Engine, email: str) -> int:
    with engine.connect() as connection:
        return int(
            connection.scalar(text("SELECT count(*) FROM users WHERE email = :e"), {"e": email})
            or 0
        )


def _change(engine: Engine, statement: str, workspace: Workspace) -> None:
    with engine.begin() as connection:
        done = connection.execute(text(statement), {"t": workspace.ctx.tenant})
        assert done.rowcount >= 1


def test_a_sign_in_of_one_s_own_buys_no_more_guesses(workspace: Workspace) -> None:
    address = f"203.0.113.{uuid4()}"

    def attempt(email: str, *, succeeds: bool = False) -> None:
        with runtime.unit_of_work(workspace.ctx) as session:
            begin_attempt(session, email, address)
            if succeeds:
                attempt_succeeded(session, email, address)

    most = LIMITS[-1].failures
    for number in range(most - 1):
        attempt(f"p{number}@example.com")
    attempt("own@example.com", succeeds=True)
    attempt("one-more@example.com")
    with pytest.raises(TooManyAttemptsError):
        attempt("and-another@example.com")
