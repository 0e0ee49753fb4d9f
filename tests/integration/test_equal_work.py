"""Whether a person exists cannot be told from how much is done about a wrong password."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr
from sqlalchemy import event

from ecomops import runtime
from ecomops.domains.identity.schemas import SignIn
from ecomops.domains.identity.service import sign_in
from tests.conftest import Workspace, anonymous


def statements_of(email: str) -> list[str]:
    """What the database is asked, without the values."""
    asked: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if "memberships" in statement or "users" in statement:
            asked.append(statement.split("WHERE")[0])

    event.listen(runtime.engine(), "before_cursor_execute", note)
    try:
        runtime.run(anonymous(), sign_in, SignIn(email, SecretStr("not the password")))
    finally:
        event.remove(runtime.engine(), "before_cursor_execute", note)
    return asked


def test_a_stranger_is_asked_for_as_a_known_person_is(workspace: Workspace) -> None:
    known = statements_of(f"{workspace.slug}@example.com")
    assert len(known) >= 2
    assert statements_of(f"nobody-{workspace.slug}@example.com") == known
