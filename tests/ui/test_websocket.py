"""Who may open the websocket, and what is sent through it."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from ecomops.kit.settings import Settings
from tests.ui.tabs import HYDRATE, tab

ADDRESS = "/_event/?EIO=4&transport=websocket&token=origin-test"


def open_socket(server: TestClient, settings: Settings, **headers: str) -> Any:
    address = settings.origin.replace("http", "ws", 1) + ADDRESS
    return server.websocket_connect(address, headers={"upgrade": "websocket"} | headers)


def test_our_own_pages_open_it(server: TestClient, settings: Settings) -> None:
    with open_socket(server, settings, origin=settings.origin) as socket:
        assert socket.receive_text().startswith("0{")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:1"},
        {"origin": "http://localhost:3000.evil.example"},
    ],
)
def test_no_other_site_does(
    server: TestClient, settings: Settings, headers: dict[str, str]
) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        open_socket(server, settings, **headers),
    ):
        pytest.fail("The websocket was accepted.")
    assert closed.value.code == 1008


def test_a_page_asked_for_under_another_host_does_not(
    server: TestClient, settings: Settings
) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        open_socket(server, settings, origin=settings.origin, host="evil.example"),
    ):
        pytest.fail("The websocket was accepted.")


@pytest.mark.parametrize("path", ["/ping", "/_health", "/_all_routes", "/_upload", "/_event/"])
def test_the_frameworks_other_endpoints_are_not_there(server: TestClient, path: str) -> None:
    assert server.get(path).status_code == 404


def test_the_session_cookie_never_comes_back(server: TestClient, cookie: str) -> None:
    with tab(server, cookie=cookie, path="/dashboard") as person:
        told = person.send(HYDRATE)
    assert cookie.partition("=")[2] not in told.text


@pytest.mark.parametrize("path", ["/_event/", "/healthz", "/auth/login", "/nowhere"])
def test_no_other_origin_is_echoed(server: TestClient, path: str) -> None:
    asking = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    for method in ("GET", "POST", "OPTIONS"):
        answer = server.request(method, path, headers=asking)
        assert "access-control-allow-origin" not in answer.headers


def test_what_the_server_is_made_of_is_out_of_the_garbage_collectors_rounds(
    server: TestClient,
) -> None:
    assert gc.get_freeze_count() > 100_000
