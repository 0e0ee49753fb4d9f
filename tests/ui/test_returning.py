"""A page that comes back gets its own state; a duplicated tab and a stranger get an empty one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from reflex_base.constants import CompileVars
from starlette.testclient import TestClient

from ecomops.ui.pages.connections.form_state import ConnectionForm
from tests.ui.tabs import EVENTS, HYDRATE, tab

OPEN = f"{ConnectionForm.get_full_name()}.begin_adding"
JUST_LOADED = {str(CompileVars.PAYLOAD_HASHES): list[str]()}


@contextmanager
def arriving(server: TestClient, cookie: str, token: str, payload: dict[str, Any]) -> Iterator[str]:
    """The first words to a page that connects with this token: what it is told before its state."""
    origin = str(server.base_url).rstrip("/")
    address = f"{EVENTS}/?EIO=4&transport=websocket&token={token}"
    headers = {"origin": origin, "cookie": cookie, "upgrade": "websocket"}
    page = {"pathname": "/connections", "asPath": "/connections", "query": {}}
    auth = {"event": {"name": HYDRATE, "payload": payload, "router_data": page}}
    with server.websocket_connect(
        origin.replace("http", "ws", 1) + address, headers=headers
    ) as socket:
        assert socket.receive_text().startswith("0")
        socket.send_text(f"40{EVENTS},{json.dumps(auth)}")
        yield socket.receive_text()
        socket.send_text(f"41{EVENTS},")


def is_new(words: str) -> bool:
    return "new_token" in words


def test_a_page_that_comes_back_before_its_old_socket_is_gone_keeps_its_state(
    server: TestClient, cookie: str
) -> None:
    token = str(uuid4())
    with tab(server, cookie=cookie, token=token, path="/connections") as person:
        person.send(OPEN)
        with arriving(server, cookie, token, {}) as words:
            assert not is_new(words)


def test_a_duplicated_tab_gets_a_state_of_its_own(server: TestClient, cookie: str) -> None:
    token = str(uuid4())
    with tab(server, cookie=cookie, token=token, path="/connections") as person:
        person.send(OPEN)
        with arriving(server, cookie, token, JUST_LOADED) as words:
            assert is_new(words)


def test_another_session_cannot_come_back_in_somebodys_place(
    server: TestClient, cookie: str, other_cookie: str
) -> None:
    token = str(uuid4())
    with tab(server, cookie=cookie, token=token, path="/connections") as person:
        person.send(OPEN)
        for theirs in (other_cookie, ""):
            with arriving(server, theirs, token, {}) as words:
                assert is_new(words)
        assert person.send(OPEN).value("form_number") == 2


@pytest.mark.parametrize(("arrival", "opened"), [(JUST_LOADED, 1), ({}, 2)])
def test_what_was_open_is_closed_by_a_reload_alone(
    server: TestClient, cookie: str, arrival: dict[str, Any], opened: int
) -> None:
    token = str(uuid4())
    with tab(server, cookie=cookie, token=token, path="/connections") as person:
        person.send(OPEN)
    with tab(server, cookie=cookie, token=token, path="/connections") as person:
        person.send(HYDRATE, arrival)
        assert person.send(OPEN).value("form_number") == opened
