"""Floods stop at the door, are told of, and nobody else notices."""

from __future__ import annotations

import time

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from ecomops.api.frames import FRAME_BYTES, FRAMES_A_SECOND, FRAMES_AT_ONCE
from ecomops.kit.buckets import Buckets
from ecomops.kit.settings import Settings
from ecomops.ui import door as module
from ecomops.ui.door import LONGEST_PATH, Door, people
from ecomops.ui.sockets import Socket
from tests.ui.tabs import EVENTS, HYDRATE, LOAD_SHELL, Tab, tab
from tests.ui.test_websocket import open_socket
from tests.web import door, open_wide


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


def test_a_flooding_socket_is_told_now_and_then_and_read_slowly(
    server: TestClient, cookie: str, narrow_door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One word in two seconds; and of twenty events at once most wait to be read."""
    narrow_door.people, read, take = Buckets(burst=2, per_second=10), list[str](), narrow_door._take

    def counted(socket: Socket) -> bool:
        read.append(socket.sid)
        return take(socket)

    monkeypatch.setattr(narrow_door, "_take", counted)
    with tab(server, cookie=cookie) as person:
        burst(person, 20)
        until_told(person)
        time.sleep(0.3)
        assert len(read) < 15
        open_wide(narrow_door)
        assert "too much at once" not in person._until_read().text


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


def test_a_socket_that_was_refused_or_closed_is_counted_no_more(
    server: TestClient, cookie: str, narrow_door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_SOCKETS", 1)
    with tab(server, cookie=cookie):
        for _ in range(3):
            with pytest.raises(ConnectionRefusedError), tab(server, cookie=cookie):
                pytest.fail("The socket was opened.")
    with tab(server, cookie=cookie):
        assert list(narrow_door.sockets._count.values()) == [1]


def test_what_pages_do_not_name_is_not_passed_on(
    server: TestClient, cookie: str, admitted: list[str]
) -> None:
    with tab(server, cookie=cookie) as person:
        person._socket.send_text(f'42{EVENTS},["somewhere"]')
        person._until_read()
    assert "somewhere" not in admitted


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("4" + "x" * FRAME_BYTES, 1009),
        (b"4", 1003),
        (f'451000000-{EVENTS},["event",{{"_placeholder":true,"num":0}}]', 1003),
        (f"461000000-{EVENTS},1[]", 1003),
        ("bAAAA", 1003),
    ],
    ids=["too long", "bytes", "binary event", "binary answer", "base64"],
)
def test_a_message_that_no_page_sends_closes_the_socket(
    server: TestClient, settings: Settings, message: str | bytes, code: int
) -> None:
    with open_socket(server, settings, origin=settings.origin) as socket:
        socket.receive_text()
        socket.send_text(f"40{EVENTS},")
        socket.receive_text()
        socket.send_bytes(message) if isinstance(message, bytes) else socket.send_text(message)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert closed.value.code == code


def test_a_socket_is_read_at_a_bounded_rate_whatever_it_sends(
    server: TestClient, settings: Settings
) -> None:
    """What is no event of our pages never comes to the door's own count."""
    with open_socket(server, settings, origin=settings.origin) as socket:
        socket.receive_text()
        began = time.monotonic()
        for _ in range(FRAMES_AT_ONCE + FRAMES_A_SECOND):
            socket.send_text('42/nowhere,["event"]')
        socket.send_text(f"40{EVENTS},")
        assert socket.receive_text().startswith(f"40{EVENTS}")
        assert time.monotonic() - began > 0.9


@pytest.mark.parametrize(
    "sent",
    [
        '["event","a secret in text"]',
        '["event",["a secret in a list"]]',
        '["event",{"payload":"a secret without a name"}]',
        '["event",{"name":"x","router_data":"a secret in its place"}]',
        '["event",{"name":"x","payload":"a secret"},{}]',
        '["somewhere","a secret"]',
    ],
)
def test_what_no_page_sends_is_dropped_and_not_logged(
    server: TestClient, cookie: str, caplog: pytest.LogCaptureFixture, sent: str
) -> None:
    with tab(server, cookie=cookie) as person:
        person._socket.send_text(f"42{EVENTS},{sent}")
        assert person.send(LOAD_SHELL).value("role") == "admin"
    assert "secret" not in caplog.text


def test_an_event_of_a_tab_that_went_elsewhere_is_dropped_and_not_logged(
    server: TestClient, cookie: str, caplog: pytest.LogCaptureFixture
) -> None:
    with tab(server, cookie=cookie, token="gone-elsewhere") as person:
        namespace = door()._namespace
        sid = namespace.token_to_sid["gone-elsewhere"]
        del namespace.sid_to_token[sid]
        person.start(LOAD_SHELL, {"api_key": "a secret"})
        assert person.idle().delta == {}
        namespace.sid_to_token[sid] = "gone-elsewhere"
    assert "secret" not in caplog.text


def test_what_a_closed_socket_still_sends_is_dropped(
    server: TestClient, cookie: str, narrow_door: Door, admitted: list[str]
) -> None:
    with tab(server, cookie=cookie, token="closed") as person:
        sid = narrow_door._namespace.token_to_sid["closed"]
        socket = narrow_door.sockets.get(sid)
        narrow_door.sockets.remove(sid)
        person.start(LOAD_SHELL)
        time.sleep(0.2)
        assert "event" not in admitted
        assert socket is not None
        narrow_door.sockets._open[sid] = socket


def test_a_page_of_an_endless_address_is_none() -> None:
    long, short = (f"/jobs?{'x' * length}" for length in (LONGEST_PATH, 100))
    assert module._path_in({"router_data": {"asPath": short}}) == short
    assert module._path_in({"router_data": {"asPath": long}}) == ""


def test_a_connection_that_begins_with_no_event_is_refused(
    server: TestClient, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with open_socket(server, settings, origin=settings.origin) as socket:
        socket.receive_text()
        socket.send_text(f'40{EVENTS},{{"event":"a secret"}}')
        assert socket.receive_text().startswith("44")
    assert "secret" not in caplog.text
