"""T15 to T19: guessing, telling people apart by time, floods of hashes, what is used twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from ecomops import runtime
from ecomops.domains.identity import passwords
from ecomops.domains.identity.account import ChangePassword, change_password
from ecomops.domains.identity.errors import TooManyAttemptsError
from ecomops.domains.identity.invitations import renew_link
from ecomops.domains.identity.members import ChangeRole, change_role, deactivate_person
from ecomops.domains.identity.schemas import Register, SignIn, SignOut
from ecomops.domains.identity.service import register, sign_in, sign_out
from ecomops.domains.identity.sessions import end_session
from ecomops.kit.errors import EcomopsError
from ecomops.kit.settings import Settings, get_settings
from ecomops.ui.pages.settings.people_state import PeopleState
from tests.api.people import Person
from tests.conftest import PASSWORD, Workspace, anonymous, make_workspace
from tests.integration.people import (
    OTHER_PASSWORD,
    context_of,
    id_of,
    invited,
    joined,
    used,
)
from tests.torture.report import reported, times
from tests.ui.tabs import LOAD_SHELL, tab
from tests.web import cookie_of

pytestmark = pytest.mark.slow

WRONG = SecretStr("not the right password")
REAL_MEMORY_KIB = 65_536
MILLISECONDS = 5.0
MOST_MEMORY = 400 * 2**20
IMPATIENCE = 0.5


@pytest.fixture
def real_hashing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Password hashes as expensive as they are in production."""
    monkeypatch.setenv("ECOMOPS_ARGON2_MEMORY_KIB", str(REAL_MEMORY_KIB))
    forget_settings()
    yield
    monkeypatch.undo()
    forget_settings()


def forget_settings() -> None:
    get_settings.cache_clear()
    passwords._context.cache_clear()


def guessed(email: str, address: str) -> bool:
    """Whether a guess was looked at."""
    try:
        runtime.run(replace(anonymous(), address=address), sign_in, SignIn(email, WRONG))
    except TooManyAttemptsError:
        return False
    return True


def later(admin: Engine, minutes: int) -> None:
    """The same as waiting: all that is counted moves into the past."""
    with admin.begin() as connection:
        connection.execute(
            text(
                "UPDATE sign_in_failures SET since = since - make_interval(mins => :m),"
                " locked_until = locked_until - make_interval(mins => :m)"
            ),
            {"m": minutes},
        )


@pytest.mark.parametrize("addresses", ["one", "many"])
def test_an_hour_of_guessing_is_a_hundred_guesses(
    runtime_started: None, admin_engine: Engine, addresses: str
) -> None:
    with reported(f"T15 from {addresses}") as figures:
        email, guesses = f"{make_workspace().slug}@example.com", 0
        for _quarter in range(4):
            for number in range(times(full=60, short=30)):
                address = f"198.51.100.{number}" if addresses == "many" else "198.51.100.1"
                guesses += guessed(email, address)
                figures.count += 1
            later(admin_engine, 15)
        figures.failed = guesses > 100
        assert guesses == {"one": 20, "many": 100}[addresses]


@contextmanager
def forgiven(admin: Engine) -> Iterator[None]:
    with admin.begin() as connection:
        connection.execute(text("DELETE FROM sign_in_failures"))
    yield


def sign_in_seconds(server: TestClient, settings: Settings, email: str) -> float:
    headers = {"origin": settings.origin, "accept": "text/html"}
    form = {"email": email, "password": WRONG.get_secret_value()}
    began = time.perf_counter()
    answer = server.post("/auth/login", data=form, headers=headers)
    taken = time.perf_counter() - began
    assert answer.headers["location"] == "/login"
    server.cookies.clear()
    return taken


@pytest.mark.usefixtures("real_hashing")
def test_how_long_a_refusal_takes_does_not_tell_who_exists(
    server: TestClient, settings: Settings, admin_engine: Engine
) -> None:
    known = f"{make_workspace().slug}@example.com"
    with reported("T16") as figures:
        seconds: dict[str, list[float]] = {"known": [], "unknown": []}
        for number in range(times(full=100, short=12)):
            both = [("known", known), ("unknown", f"{uuid4().hex[:13]}@example.com")]
            for who, email in both[:: 1 if number % 2 else -1]:
                with forgiven(admin_engine):
                    seconds[who].append(sign_in_seconds(server, settings, email))
                figures.count += 1
        apart = abs(median(seconds["known"]) - median(seconds["unknown"])) * 1000
        told = {who: round(median(taken) * 1000, 1) for who, taken in seconds.items()}
        print("medians in ms:", told)
        # A few samples on a busy machine say little: the short form only finds gross mistakes.
        figures.failed = apart > times(full=1, short=8) * MILLISECONDS
        assert figures.failed == 0, told


def memory() -> int:
    """What this process holds, in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


@contextmanager
def sampled(sample: Callable[[], Any], every: float) -> Iterator[list[Any]]:
    """What ``sample`` returns, again and again while the block runs."""
    stop, seen = Event(), list[Any]()

    def keep_sampling() -> None:
        while not stop.wait(every):
            seen.append(sample())

    thread = Thread(target=keep_sampling)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


@pytest.mark.usefixtures("real_hashing")
def test_a_flood_of_sign_ins_takes_neither_the_memory_nor_the_pages(
    server: TestClient, settings: Settings, cookie: str
) -> None:
    headers = {"origin": settings.origin, "accept": "application/json"}

    def attempt(number: int) -> tuple[int, float]:
        form = {"email": f"{uuid4().hex[:13]}@example.com", "password": f"wrong password {number}"}
        began = time.monotonic()
        status = server.post("/auth/login", data=form, headers=headers).status_code
        return status, time.monotonic() - began

    def page() -> float:
        began = time.monotonic()
        assert server.get("/tables/payouts/export.csv", headers={"cookie": cookie}).is_success
        return time.monotonic() - began

    page()
    before = memory()
    with reported("T17") as figures, sampled(memory, 0.02) as held, sampled(page, 0.1) as pages:
        for _ in range(times(full=5, short=1)):
            with ThreadPoolExecutor(50) as crowd:
                answers = list(crowd.map(attempt, range(50)))
            statuses = [status for status, _ in answers]
            refused = [seconds for status, seconds in answers if status == 503]
            figures.count += len(answers)
            figures.failed += len([s for s in statuses if s not in (401, 429, 503)])
            assert statuses.count(401) >= 10
            assert len(refused) >= 20
            assert median(refused) < 4 * IMPATIENCE
    print("memory +MiB:", (max(held) - before) >> 20, "page:", max(pages), "503:", median(refused))
    assert max(held) - before < MOST_MEMORY
    assert median(pages) < IMPATIENCE
    assert figures.failed == 0


@pytest.mark.usefixtures("unwatched")
def test_a_session_that_was_ended_runs_nothing_more(server: TestClient, settings: Settings) -> None:
    with reported("T18") as figures:
        for number in range(times(full=100, short=6)):
            workspace = make_workspace()
            with tab(server, cookie=cookie_of(workspace, settings)) as person:
                assert person.send(LOAD_SHELL).value("role") == "admin"
                ENDINGS[number % len(ENDINGS)](server, settings, workspace)
                time.sleep(0.02)  # Told to the event loop from another thread.
                answer = person.send(LOAD_SHELL)
                figures.count += 1
                figures.failed += answer.names() != ["_redirect"] or workspace.slug in answer.text
        assert figures.failed == 0


def signed_out(server: TestClient, settings: Settings, workspace: Workspace) -> None:
    headers = {"origin": settings.origin, "cookie": cookie_of(workspace, settings)}
    assert server.post("/auth/logout", headers=headers).status_code == 303


def ended_in_the_list(_server: TestClient, _settings: Settings, workspace: Workspace) -> None:
    runtime.run(workspace.ctx, end_session, workspace.ctx.session_id)


def deactivated(_server: TestClient, _settings: Settings, workspace: Workspace) -> None:
    runtime.run(joined(workspace, "admin"), deactivate_person, id_of(workspace.ctx))


def password_changed_elsewhere(
    _server: TestClient, _settings: Settings, workspace: Workspace
) -> None:
    elsewhere = replace(workspace.ctx, session_id=uuid4())
    assert runtime.run(elsewhere, change_password, ChangePassword(PASSWORD, OTHER_PASSWORD))


def password_chosen_by_a_link(
    _server: TestClient, _settings: Settings, workspace: Workspace
) -> None:
    made = runtime.run(joined(workspace, "admin"), renew_link, id_of(workspace.ctx))
    assert used(made, OTHER_PASSWORD)


def another_link_used_in_this_browser(
    server: TestClient, settings: Settings, workspace: Workspace
) -> None:
    link = f"link={invited(workspace).token.get_secret_value()}"
    cookies = f"{cookie_of(workspace, settings)}; {link}"
    headers = {"origin": settings.origin, "cookie": cookies, "accept": "text/html"}
    form = {"name": "Bo Berg", "password": PASSWORD.get_secret_value()}
    answer = server.post("/auth/welcome", headers=headers, data=form)
    assert answer.headers["location"] == "/dashboard"
    server.cookies.clear()


ENDINGS = (
    signed_out,
    ended_in_the_list,
    deactivated,
    password_changed_elsewhere,
    password_chosen_by_a_link,
    another_link_used_in_this_browser,
)
"""All the ways in which a session ends before its time."""


@pytest.mark.usefixtures("unwatched")
def test_a_role_that_was_taken_away_opens_nothing_more(
    server: TestClient, settings: Settings
) -> None:
    with reported("T18 roles") as figures:
        for _ in range(times(full=100, short=3)):
            workspace = make_workspace()
            boss = joined(workspace, "admin")
            with tab(server, cookie=cookie_of(workspace, settings)) as person:
                assert person.send(LOAD_PEOPLE).value("people_loaded")
                demoted = ChangeRole(id_of(workspace.ctx), "readonly")
                runtime.run(boss, change_role, demoted)
                time.sleep(0.02)  # Told to the event loop from another thread.
                answer = person.send(LOAD_PEOPLE)
                figures.count += 1
                figures.failed += workspace.slug in answer.text
                figures.failed += "Your role does not allow this" not in answer.text
        assert figures.failed == 0


RACERS = 50
LOAD_PEOPLE = f"{PeopleState.get_full_name()}.load_people"


def race(attempt: Callable[[], Any]) -> int:
    """How many of those that try at once succeed."""

    def succeeds(_number: int) -> bool:
        try:
            return attempt() is not False
        except EcomopsError:
            return False

    with ThreadPoolExecutor(10) as racers:
        return sum(racers.map(succeeds, range(times(full=RACERS, short=12))))


def test_of_those_that_take_a_slug_at_once_one_gets_it(runtime_started: None) -> None:
    with reported("T19 slug") as figures:
        for _ in range(times(full=100, short=1)):
            slug = Person().slug

            def take(slug: str = slug) -> None:
                email = f"{uuid4().hex}@example.com"
                command = Register("Nordwind Trading", slug, "Ada Lind", email, PASSWORD)
                runtime.run(anonymous(), register, command)

            figures.count += 1
            figures.failed += race(take) != 1
        assert figures.failed == 0


def test_of_those_that_use_a_link_at_once_one_gets_in(
    runtime_started: None, admin_engine: Engine
) -> None:
    """An invitation of somebody new, of somebody known, and a new password, in turn."""
    with reported("T19 link") as figures:
        workspace, known = make_workspace(), make_workspace()
        for number in range(times(full=100, short=3)):
            email = f"{known.slug}@example.com" if number % 3 == 1 else ""
            made = invited(workspace, email=email)
            if number % 3 == 2:
                member = context_of(used(made))
                made = runtime.run(workspace.ctx, renew_link, id_of(member))
            figures.count += 1
            figures.failed += race(partial(used, made)) != 1
            figures.failed += sessions_of(admin_engine, workspace, made.email) != 1
            known = make_workspace()
        assert figures.failed == 0


def sessions_of(admin: Engine, workspace: Workspace, email: str) -> int:
    query = (
        "SELECT count(*) FROM sessions s JOIN users u ON u.id = s.user_id"
        " WHERE s.tenant_id = :tenant AND u.email = :email"
    )
    with admin.connect() as connection:
        values = {"tenant": workspace.ctx.tenant, "email": email}
        return int(connection.scalar(text(query), values) or 0)


def test_of_those_that_end_a_session_at_once_one_does(
    runtime_started: None, admin_engine: Engine
) -> None:
    with reported("T19 session") as figures:
        for _ in range(times(full=100, short=3)):
            workspace = make_workspace()

            def finish(one: Workspace = workspace) -> None:
                assert one.ctx.session_id is not None
                runtime.run(one.ctx, end_session, one.ctx.session_id)

            figures.count += 1
            figures.failed += race(finish) != 1
            figures.failed += ended(admin_engine, workspace) != 1
            runtime.run(anonymous(), sign_out, SignOut(workspace.token))
            figures.failed += ended(admin_engine, workspace) != 1
        assert figures.failed == 0


def ended(admin: Engine, workspace: Workspace) -> int:
    """How often the end of a session was audited."""
    query = (
        "SELECT count(*) FROM audit_events WHERE tenant_id = :tenant"
        " AND action IN ('session_ended', 'user_logout')"
    )
    with admin.connect() as connection:
        return int(connection.scalar(text(query), {"tenant": workspace.ctx.tenant}) or 0)
