"""Guessing passwords: locked after five failures, the same for people who do not exist."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text

from ecomops import runtime
from ecomops.domains.identity.errors import TooManyAttemptsError
from ecomops.domains.identity.schemas import SignedIn, SignIn
from ecomops.domains.identity.service import sign_in
from ecomops.kit.context import Context
from tests.conftest import PASSWORD, Workspace, anonymous

WRONG = SecretStr("not the right password")


def from_address(address: str) -> Context:
    return replace(anonymous(), address=address)


def new_address() -> str:
    return f"2001:db8::{uuid4().hex[:4]}:{uuid4().hex[:4]}"


def attempt(email: str, password: SecretStr, address: str) -> SignedIn | str | None:
    try:
        return runtime.run(from_address(address), sign_in, SignIn(email, password))
    except TooManyAttemptsError:
        return "locked"


def email_of(workspace: Workspace) -> str:
    return f"{workspace.slug}@example.com"


def test_the_sixth_attempt_is_not_even_looked_at(workspace: Workspace) -> None:
    address = new_address()
    answers = [attempt(email_of(workspace), WRONG, address) for _ in range(5)]

    assert answers == [None] * 5
    assert attempt(email_of(workspace), PASSWORD, address) == "locked"


def test_somebody_unknown_is_locked_just_the_same(runtime_started: None) -> None:
    address, email = new_address(), f"{uuid4().hex}@example.com"
    answers = [attempt(email, WRONG, address) for _ in range(6)]

    assert answers == [None] * 5 + ["locked"]


def test_capitals_make_no_other_account(workspace: Workspace) -> None:
    address, email = new_address(), email_of(workspace)
    for written in (email, email.upper(), email.title(), email.swapcase(), email.upper()):
        assert attempt(written, WRONG, address) is None

    assert attempt(email, PASSWORD, address) == "locked"


def test_another_address_is_not_locked(workspace: Workspace) -> None:
    blocked = new_address()
    for _ in range(5):
        attempt(email_of(workspace), WRONG, blocked)

    assert attempt(email_of(workspace), PASSWORD, blocked) == "locked"
    assert isinstance(attempt(email_of(workspace), PASSWORD, new_address()), SignedIn)


def test_an_account_is_locked_for_all_addresses_after_25(workspace: Workspace) -> None:
    for _ in range(25):
        assert attempt(email_of(workspace), WRONG, new_address()) is None

    assert attempt(email_of(workspace), PASSWORD, new_address()) == "locked"


def test_an_address_is_locked_for_all_accounts_after_100(workspace: Workspace) -> None:
    address = new_address()
    for number in range(100):
        assert attempt(f"{number}.{workspace.slug}@example.com", WRONG, address) is None

    assert attempt(email_of(workspace), PASSWORD, address) == "locked"


def test_a_right_password_forgives_no_guesses_from_elsewhere(workspace: Workspace) -> None:
    for _ in range(20):
        attempt(email_of(workspace), WRONG, new_address())
    assert isinstance(attempt(email_of(workspace), PASSWORD, new_address()), SignedIn)
    for _ in range(5):
        assert attempt(email_of(workspace), WRONG, new_address()) is None

    assert attempt(email_of(workspace), PASSWORD, new_address()) == "locked"


def test_a_right_password_begins_afresh(workspace: Workspace) -> None:
    address = new_address()
    for _ in range(3):
        for _ in range(4):
            attempt(email_of(workspace), WRONG, address)
        assert isinstance(attempt(email_of(workspace), PASSWORD, address), SignedIn)


def test_the_lock_ends_after_a_quarter_of_an_hour(
    workspace: Workspace, admin_engine: Engine
) -> None:
    address = new_address()
    for _ in range(5):
        attempt(email_of(workspace), WRONG, address)

    def later(minutes: int) -> None:
        with admin_engine.begin() as connection:
            earlier = "locked_until = locked_until - make_interval(mins => :m)"
            connection.execute(text(f"UPDATE sign_in_failures SET {earlier}"), {"m": minutes})

    later(14)
    assert attempt(email_of(workspace), PASSWORD, address) == "locked"
    later(2)
    assert isinstance(attempt(email_of(workspace), PASSWORD, address), SignedIn)


def test_guesses_sent_at_once_are_counted_one_by_one(workspace: Workspace) -> None:
    address = new_address()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: attempt(email_of(workspace), WRONG, address), range(16)))

    assert answers.count(None) == 5
    assert answers.count("locked") == 11


def test_nothing_readable_is_kept(workspace: Workspace, admin_engine: Engine) -> None:
    attempt(email_of(workspace), WRONG, new_address())
    with admin_engine.connect() as connection:
        kept = [
            bytes(key) for key in connection.scalars(text("SELECT key_hash FROM sign_in_failures"))
        ]
    assert len(kept) >= 3
    assert all(len(key) == 32 and workspace.slug.encode() not in key for key in kept)


@pytest.mark.parametrize("address", ["", "10.0.0.1"])
def test_attempts_without_a_known_address_count_too(workspace: Workspace, address: str) -> None:
    email = email_of(workspace)
    answers = [attempt(email, WRONG, address) for _ in range(6)]

    assert answers[-1] == "locked"
