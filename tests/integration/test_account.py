"""What people change about themselves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydantic import SecretStr

from ecomops import runtime
from ecomops.domains.identity.account import (
    ChangePassword,
    change_password,
    rename_myself,
    require_right,
)
from ecomops.domains.identity.errors import LinkGoneError, TooManyAttemptsError
from ecomops.domains.identity.invitations import renew_link
from ecomops.domains.identity.queries import get_shell
from ecomops.domains.identity.schemas import Resolve, SignIn
from ecomops.domains.identity.service import resolve, sign_in
from ecomops.kit.errors import InvalidInputError, UnauthenticatedError
from tests.conftest import PASSWORD, Workspace, anonymous
from tests.integration.people import (
    OTHER_PASSWORD,
    context_of,
    id_of,
    invited,
    joined,
    may_sign_in,
    used,
)
from tests.integration.provider import Stored

StoredOf = Callable[[Workspace], Stored]
Audit = Callable[[Workspace], list[tuple[str, str]]]
WRONG = SecretStr("not the right password")


def test_a_name_is_changed_and_audited(workspace: Workspace, stored: StoredOf) -> None:
    runtime.run(workspace.ctx, rename_myself, " Ada Lovelace ")
    assert runtime.run(workspace.ctx, get_shell).person_name == "Ada Lovelace"
    query = "SELECT payload FROM audit_events WHERE tenant_id = :tenant AND action = 'user_renamed'"
    assert stored(workspace).one(query) == {"from": "Ada Lind", "to": "Ada Lovelace"}
    runtime.run(workspace.ctx, rename_myself, "Ada Lovelace")
    assert len(stored(workspace).rows(query)) == 1
    for odd in ("", "x" * 201, "A\x00"):
        with pytest.raises(InvalidInputError):
            runtime.run(workspace.ctx, rename_myself, odd)


def test_a_new_password_ends_every_other_session_in_all_workspaces(
    workspace: Workspace, other_workspace: Workspace, stored: StoredOf
) -> None:
    email = f"{workspace.slug}@example.com"
    second = runtime.run(anonymous(), sign_in, SignIn(email, PASSWORD))
    there = used(invited(other_workspace, email=email))
    done = runtime.run(workspace.ctx, change_password, ChangePassword(PASSWORD, OTHER_PASSWORD))
    assert done
    assert runtime.run(anonymous(), resolve, Resolve(workspace.token)), "this browser stays"
    for ended in (second, there):
        with pytest.raises(UnauthenticatedError):
            context_of(ended)
    assert not may_sign_in(email)
    assert may_sign_in(email, OTHER_PASSWORD)
    assert stored(workspace).one(
        "SELECT payload FROM audit_events WHERE tenant_id = :tenant AND action = 'password_changed'"
    ) == {"sessions_ended": 2}


def test_the_current_password_is_needed_and_guesses_are_braked(
    workspace: Workspace, audit: Audit
) -> None:
    for _ in range(5):
        guess = runtime.run(workspace.ctx, change_password, ChangePassword(WRONG, OTHER_PASSWORD))
        assert not guess
    with pytest.raises(TooManyAttemptsError):
        runtime.run(workspace.ctx, change_password, ChangePassword(PASSWORD, OTHER_PASSWORD))
    assert audit(workspace)[-1] == ("password_changed", "error")
    with pytest.raises(InvalidInputError, match="not your current password"):
        require_right(done=False)


def test_a_weak_new_password_is_refused(workspace: Workspace) -> None:
    for weak in ("short", "password1234", "aaaaaaaaaaaaaaaa"):
        command = ChangePassword(PASSWORD, SecretStr(weak))
        with pytest.raises(InvalidInputError) as refused:
            runtime.run(workspace.ctx, change_password, command)
        assert set(refused.value.fields) == {"password"}
    assert may_sign_in(f"{workspace.slug}@example.com")


def test_a_link_to_choose_another_password_ends_with_the_change(workspace: Workspace) -> None:
    bo = joined(workspace)
    made = runtime.run(workspace.ctx, renew_link, id_of(bo))
    assert runtime.run(bo, change_password, ChangePassword(PASSWORD, OTHER_PASSWORD))
    with pytest.raises(LinkGoneError):
        used(made, PASSWORD)
