"""What a handler loaded for one session does not reach another, however long it ran."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from reflex_base.registry import RegistrationContext
from starlette.testclient import TestClient

from ecomops.ui.handlers import SIGNED_IN, handler
from ecomops.ui.pages.auth.state import AuthState
from ecomops.ui.state import AppState
from tests.ui.tabs import HYDRATE, LOAD_SHELL, tab


@pytest.fixture(scope="module")
def slow(server: TestClient) -> Iterator[type[AppState]]:
    """A State with a handler in the background that says its secret when told to go on."""

    class Slow(AppState):
        secret: str = ""
        waiting: bool = False
        done: int = 0

        @handler(SIGNED_IN, background=True)
        async def tell(self) -> None:
            async with self:
                self.waiting = True
            await GO_ON.wait()
            async with self:
                self.secret = "for the first session only"
                self.done += 1

        @handler(SIGNED_IN)
        async def fail(self) -> None:
            self.done += 1
            raise RuntimeError("The bank burned down.")

    yield Slow
    context = RegistrationContext.get()
    for name in [n for n in context.event_handlers if n.startswith(Slow.get_full_name())]:
        del context.event_handlers[name]


GO_ON = asyncio.Event()


@pytest.fixture(autouse=True)
def wait() -> None:
    GO_ON.clear()


def release(server: TestClient) -> None:
    portal: Any = server.portal
    portal.call(GO_ON.set)


def test_a_background_handler_serves_its_own_tab(
    server: TestClient, cookie: str, slow: type[AppState]
) -> None:
    with tab(server, cookie=cookie) as person:
        person.start(f"{slow.get_full_name()}.tell")
        person.wait_for("waiting", True)
        release(server)
        assert person.wait_for("done", 1).value("secret") == "for the first session only"


@pytest.mark.parametrize("thief", ["a stranger", "somebody else"])
def test_a_background_handler_writes_nothing_into_a_state_that_was_taken_over(
    server: TestClient, cookie: str, other_cookie: str, slow: type[AppState], thief: str
) -> None:
    token = f"slow-{thief}"
    with tab(server, cookie=cookie, token=token) as victim:
        victim.start(f"{slow.get_full_name()}.tell")
        victim.wait_for("waiting", True)
    theirs = other_cookie if thief == "somebody else" else ""
    with tab(server, cookie=theirs, token=token) as attacker:
        attacker.send(HYDRATE, settle=False)
        release(server)
        answers = [attacker.send(HYDRATE), attacker.send(LOAD_SHELL), attacker.send(HYDRATE)]
    assert all("first session" not in answer.text for answer in answers)
    assert answers[-1].value("done") == 0


def test_taking_a_state_over_empties_all_of_it_not_only_what_the_event_loaded(
    server: TestClient, cookie: str, slow: type[AppState]
) -> None:
    with tab(server, cookie=cookie, token="all-of-it") as victim:
        release(server)
        victim.start(f"{slow.get_full_name()}.tell")
        victim.wait_for("done", 1)
    with tab(server, token="all-of-it") as attacker:
        attacker.send(f"{AuthState.get_full_name()}.open_form")
        told = attacker.send(HYDRATE)
    assert (told.value("secret"), told.value("done")) == ("", 0)


def test_an_update_for_one_session_is_not_sent_to_the_socket_of_another(
    server: TestClient, cookie: str, other_cookie: str, slow: type[AppState]
) -> None:
    """Before the other has sent anything, the state is still the first's: only delivery guards."""
    with tab(server, cookie=cookie, token="silent") as victim:
        victim.start(f"{slow.get_full_name()}.tell")
        victim.wait_for("waiting", True)
    with tab(server, cookie=other_cookie, token="silent") as attacker:
        release(server)
        told = attacker.idle()
    assert (told.delta, told.events) == ({}, [])
    with tab(server, cookie=cookie, token="silent") as victim:
        assert victim.send(HYDRATE).value("secret") == "for the first session only"


def test_a_failing_handler_keeps_its_changes_and_tells_a_reference_not_the_reason(
    server: TestClient, cookie: str, slow: type[AppState], caplog: pytest.LogCaptureFixture
) -> None:
    with tab(server, cookie=cookie) as person:
        answer = person.send(f"{slow.get_full_name()}.fail")
    assert answer.value("done") == 1
    assert "burned" not in answer.text
    reference = answer.text.partition("Reference ")[2][:32]
    assert any(reference in record.getMessage() for record in caplog.records)
    assert "burned" in caplog.text
