"""A browser tab as the server sees it: a websocket, a cookie, and the events that are sent.

It speaks Engine.IO 4 and Socket.IO 5, as Reflex's browser code does, to the whole application.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import anyio
from reflex_base.registry import RegistrationContext
from starlette.testclient import TestClient, WebSocketTestSession

EVENTS = "/_event"
HYDRATE = "reflex___state____state.hydrate_and_load"
MARK = "reflex___state____state.reflex___state____on_load_internal_state.set_is_hydrated"
PATIENCE = 10.0


@dataclass
class Answer:
    """What the server sent until it had dealt with an event: variables by State, and events."""

    delta: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)

    def names(self) -> list[str]:
        return [event["name"] for event in self.events]

    def value(self, variable: str) -> Any:
        """The newest value of the one variable of that name."""
        found = [
            value
            for variables in self.delta.values()
            for name, value in variables.items()
            if name.removesuffix("_rx_state_") == variable
        ]
        assert len(found) == 1, f"{variable} was sent {len(found)} times"
        return found[0]

    @property
    def text(self) -> str:
        return json.dumps([self.delta, self.events])


class Tab:
    """One websocket of one browser tab."""

    def __init__(self, socket: WebSocketTestSession, path: str) -> None:
        self._socket, self._path = socket, path
        self._hydrated = True

    def send(self, name: str, payload: dict[str, Any] | None = None, **changes: Any) -> Answer:
        """Send an event and return all that came back before the server was done with it."""
        self._emit(name, payload or {}, **changes)
        return self.settle()

    def settle(self) -> Answer:
        """All that comes until the server has dealt with what was sent so far."""
        self._hydrated = not self._hydrated
        self._emit(MARK, {"value": self._hydrated})
        answer = Answer()
        while not self._read_into(answer):
            pass
        return answer

    def wait_for(self, variable: str, value: Any) -> Answer:
        """All that comes until a variable has this value."""
        answer = Answer()
        while True:
            self._read_into(answer)
            if json.dumps({f"{variable}_rx_state_": value})[1:-1] in json.dumps(answer.delta):
                return answer

    def _read_into(self, answer: Answer) -> bool:
        """Whether the update was the answer to our mark."""
        update = self._receive()
        delta = update.get("delta") or {}
        root = delta.get("reflex___state____state", {})
        marked = root.pop("is_hydrated_rx_state_", None) is self._hydrated
        for state, variables in delta.items():
            if variables:
                answer.delta.setdefault(state, {}).update(variables)
        answer.events.extend(update.get("events") or [])
        return marked

    def _emit(self, name: str, payload: dict[str, Any], **changes: Any) -> None:
        router_data = {"pathname": self._path, "asPath": self._path, "query": {}}
        event = {"name": name, "payload": payload, "router_data": router_data} | changes
        self._socket.send_text(f"42{EVENTS},{json.dumps(['event', event])}")

    def _receive(self) -> dict[str, Any]:
        while True:
            text = self._frame()
            if text == "2":
                self._socket.send_text("3")
            elif text.startswith(f"42{EVENTS},"):
                name, update = json.loads(text.partition(",")[2])
                if name == "event":
                    found: dict[str, Any] = update
                    return found

    def _frame(self) -> str:
        async def within() -> Any:
            with anyio.fail_after(PATIENCE):
                return await self._socket._send_rx.receive()

        message = self._socket.portal.call(within)
        assert message["type"] == "websocket.send", message
        return str(message["text"])

    def connect(self) -> None:
        """Open the namespace, as the page does before it sends anything."""
        assert self._frame().startswith("0")
        self._socket.send_text(f"40{EVENTS},")
        assert self._frame().startswith(f"40{EVENTS}")


@contextmanager
def tab(
    server: TestClient, *, cookie: str = "", token: str = "", path: str = "/jobs"
) -> Iterator[Tab]:
    """A tab that is connected; the server has let go of it when the block is left."""
    token = token or str(uuid4())
    origin = str(server.base_url).rstrip("/")
    query = f"EIO=4&transport=websocket&token={token}"
    address = f"{origin.replace('http', 'ws', 1)}{EVENTS}/?{query}"
    headers = {"origin": origin, "cookie": cookie, "upgrade": "websocket"}
    with server.websocket_connect(address, headers=headers) as socket:
        opened = Tab(socket, path)
        opened.connect()
        yield opened
    _await_let_go(token)


def _await_let_go(token: str) -> None:
    namespace = RegistrationContext.get().app.event_namespace
    assert namespace is not None
    deadline = time.monotonic() + PATIENCE
    while token in namespace.token_to_sid:
        assert time.monotonic() < deadline, "The server still holds the socket."
        time.sleep(0.005)
