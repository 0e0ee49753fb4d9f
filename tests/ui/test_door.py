"""Floods stop at the door, are told of, and nobody else notices."""

from __future__ import annotations

import time

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from ecomops.api.limits import FRAME_BYTES
from ecomops.kit.buckets import Buckets
from ecomops.kit.settings import Settings
from ecomops.ui import door as module
from ecomops.ui.door import Door, people
from tests.ui.tabs import HYDRATE, LOAD_SHELL, Tab, tab
from tests.ui.test_websocket import open_socket
from tests.web import open_wide


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_gives_a_burst_and_then_its_rate() -> None:
    clock = Clock()
    buckets = Buckets(3, 2, clock=clock)
    assert [buckets.take("a") for _ in range(5)] == [True] * 3 + [False] * 2
    assert buckets.take("b")
    clock.now = 0.4
    assert not buckets.take("a")
    clock.now = 0.5
    assert [buckets.take("a") for _ in range(2)] == [True, False]
    clock.now = 100.0
    assert [buckets.take("a") for _ in range(4)] == [True] * 3 + [False]


def test_only_so_many_names_are_remembered() -> None:
    buckets = Buckets(1, 1, most=100)
    for number in range(1_000):
        buckets.take(number)
    assert len(buckets._levels) == 100
    assert not buckets.take(999)


def burst(person: Tab, count: int) -> None:
    for _ in range(count):
        person.start(LOAD_SHELL)


@pytest.fixture
def admitted(narrow_door: Door, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The events that passed the door, in order."""
    passed: list[str] = []
    dispatch = narrow_door._dispatch

    async def counted(event: str, *arguments: object) -> object:
        passed.append(event)
        return await dispatch(event, *arguments)

    monkeypatch.setattr(narrow_door, "_dispatch", counted)
    return passed


def test_a_flood_is_told_and_does_not_pass(
    server: TestClient, cookie: str, narrow_door: Door, admitted: list[str]
) -> None:
    began = time.monotonic()
    with tab(server, cookie=cookie) as person:
        burst(person, 300)
        until_told(person)
        time.sleep(1)
        seconds = time.monotonic() - began
        limits = people()
        assert admitted.count("event") <= limits.burst + limits.per_second * seconds
        open_wide(narrow_door)  # so that the rest is read at once


@pytest.mark.usefixtures("narrow_door")
def test_two_tabs_of_a_session_share_one_bucket(server: TestClient, cookie: str) -> None:
    with tab(server, cookie=cookie) as one, tab(server, cookie=cookie) as two:
        burst(one, 2 * people().burst)
        until_told(one)
        burst(two, people().burst // 2)  # Would all pass, had it a bucket of its own.
        until_told(two)


def until_told(person: Tab) -> None:
    while "too much at once" not in str(person._message()):
        pass


def test_a_person_at_work_is_never_told(server: TestClient, cookie: str, narrow_door: Door) -> None:
    """Eight tabs restored at once, then a click every fifth of a second."""
    for _ in range(8):
        with tab(server, cookie=cookie) as person:
            person.start(HYDRATE)
    with tab(server, cookie=cookie) as person:
        for _ in range(10):
            assert person.send(LOAD_SHELL).value("role") == "admin"
            time.sleep(0.2)


def test_strangers_of_one_address_share_a_bucket_whatever_their_cookie(
    server: TestClient, narrow_door: Door
) -> None:
    narrow_door.strangers = Buckets(burst=5, per_second=1)
    for number in range(5):
        with tab(server, cookie=f"session=made-up-{number}"):
            pass
    with pytest.raises(ConnectionRefusedError), tab(server, cookie="session=made-up-6"):
        pytest.fail("The socket was opened.")


def test_a_session_has_only_so_many_sockets(
    server: TestClient, cookie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_SOCKETS", 1)
    with (
        tab(server, cookie=cookie),
        pytest.raises(ConnectionRefusedError),
        tab(server, cookie=cookie),
    ):
        pytest.fail("The socket was opened.")


def test_a_message_above_the_limit_closes_the_socket(
    server: TestClient, settings: Settings
) -> None:
    with open_socket(server, settings, origin=settings.origin) as socket:
        socket.receive_text()
        socket.send_text("4" + "x" * FRAME_BYTES)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert closed.value.code == 1009
