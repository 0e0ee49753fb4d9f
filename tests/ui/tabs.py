"""A browser tab as the server sees it: a websocket, a cookie, and the events that are sent.

It speaks Engine.IO 4 and Socket.IO 5, as Reflex's browser code does, to the whole application.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import anyio
from reflex_base.registry import RegistrationContext
from starlette.testclient import TestClient, WebSocketTestSession

from ecomops.ui.state import AppState

EVENTS = "/_event"
HYDRATE = "reflex___state____state.hydrate_and_load"
LOAD_SHELL = f"{AppState.get_full_name()}.load_shell"
PATIENCE = 10.0


@dataclass
class Answer:
    """What the server sent until it had dealt with an event: variables by State, and events."""

    delta: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)

    def add(self, update: dict[str, Any]) -> None:
        """Take one more update in."""
        for state, variables in (update.get("delta") or {}).items():
            self.delta.setdefault(state, {}).update(variables)
        self.events.extend(update.get("events") or [])

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

    def go(self, path: str) -> None:
        """The tab is at another address from now on."""
        self._path = path

    def send(
        self, name: str, payload: dict[str, Any] | None = None, *, settle: bool = True
    ) -> Answer:
        """Send an event and return what came back; all of it, unless ``settle`` is False."""
        self.start(name, payload)
        return self.idle() if settle else self._until_read()

    def start(self, name: str, payload: dict[str, Any] | None = None) -> None:
        """Send an event and read nothing yet."""
        address = urlsplit(self._path)
        router_data = {"pathname": address.path, "asPath": self._path,
                       "query": dict(parse_qsl(address.query))}  # fmt: skip
        event = {"name": name, "payload": payload or {}, "router_data": router_data}
        self._socket.send_text(f"42{EVENTS},{json.dumps(['event', event])}")

    def idle(self) -> Answer:
        """All that comes until the server has nothing left to do."""
        answer = self._until_read()
        _await_idle()
        return self._until_read(answer)

    def wait_for(self, variable: str, value: Any) -> Answer:
        """All that comes until a variable has this value."""
        answer = Answer()
        while not any(sent.get(f"{variable}_rx_state_") == value for sent in answer.delta.values()):
            name, update = self._message()
            assert name == "event"
            answer.add(update)
        return answer

    def await_event(self) -> str:
        """The name of the next event that the server wants to be sent."""
        while True:
            name, update = self._message()
            if name == "event" and update.get("events"):
                return str(update["events"][0]["name"])

    def farewell(self) -> Answer:
        """All that comes until the server ends the connection: by its word, or by closing it."""
        answer = Answer()
        while (text := self._frame(or_close=True)) not in (f"41{EVENTS},", ""):
            if text.startswith(f"42{EVENTS},"):
                name, update = json.loads(text.partition(",")[2])
                answer.add(update if name == "event" else {})
        return answer

    def _until_read(self, answer: Answer | None = None) -> Answer:
        """All that was sent before the server answered a ping: it has read all that we sent."""
        found = answer or Answer()
        self._socket.send_text(f'42{EVENTS},["ping"]')
        while (message := self._message())[0] != "ping":
            found.add(message[1])
        return found

    def _message(self) -> tuple[str, Any]:
        """The next Socket.IO event of our namespace: its name and its argument."""
        while not (text := self._frame()).startswith(f"42{EVENTS},"):
            if text == "2":
                self._socket.send_text("3")
        name, argument = json.loads(text.partition(",")[2])
        return name, argument

    def _frame(self, *, or_close: bool = False) -> str:
        async def within() -> Any:
            with anyio.fail_after(PATIENCE):
                return await self._socket._send_rx.receive()

        message = self._socket.portal.call(within)
        if or_close and message["type"] == "websocket.close":
            return ""
        assert message["type"] == "websocket.send", message
        return str(message["text"])

    def connect(self) -> None:
        """Open the namespace, as the page does first of all. Raises ConnectionRefusedError."""
        assert self._frame().startswith("0")
        self._socket.send_text(f"40{EVENTS},")
        answer = self._frame()
        if answer.startswith("44"):
            raise ConnectionRefusedError
        assert answer.startswith(f"40{EVENTS}")

    def close(self) -> None:
        """Leave, as a page that is closed does."""
        self._socket.send_text(f"41{EVENTS},")


@contextmanager
def tab(
    server: TestClient, *, cookie: str = "", token: str = "", path: str = "/nowhere"
) -> Iterator[Tab]:
    """A tab that is connected; the server has let go of it when the block is left."""
    token = token or str(uuid4())
    origin = str(server.base_url).rstrip("/")
    address = f"{EVENTS}/?EIO=4&transport=websocket&token={token}"
    headers = {"origin": origin, "cookie": cookie, "upgrade": "websocket"}
    with server.websocket_connect(
        origin.replace("http", "ws", 1) + address, headers=headers
    ) as socket:
        opened = Tab(socket, path)
        opened.connect()
        yield opened
        opened.close()
        _await(lambda: token not in _app().event_namespace.token_to_sid)


def _await_idle() -> None:
    processor = _app().event_processor
    _await(lambda: not processor._tasks and not processor._token_queues)


def _await(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "The server is not done."
        time.sleep(0.002)


def _app() -> Any:
    return RegistrationContext.get().app
