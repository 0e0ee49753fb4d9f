"""The door of the websocket: how much each session may send, before anything is done about it.

Reflex's queue of events is unbounded and an event loads its state before the gate sees it, so
floods are stopped here: what is over the limit is told and dropped, and the socket is read no
faster than its limit. Counted in each web process by itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import reflex as rx
from reflex.app import EventNamespace
from reflex.state import OnLoadInternalState, StateUpdate
from reflex_base.constants import CompileVars
from reflex_base.event import Event

from ecomops.kit.buckets import Buckets
from ecomops.kit.logging import get_logger
from ecomops.kit.settings import get_settings
from ecomops.runtime.sessions import sessions, token_in
from ecomops.ui import routes
from ecomops.ui.components.toasts import toast
from ecomops.ui.sockets import Ending, Socket, Sockets

log = get_logger(__name__)

SLOW_DOWN = "That was too much at once. Please wait a moment and try again."
MOST_SOCKETS = 200
TELL_EVERY = 2.0
LONGEST_PATH = 2_000
LOAD_ANEW = Event(name=f"{OnLoadInternalState.get_full_name()}.on_load_internal")
"""What a page sends when it opens: all that it shows is loaded once more, as is now allowed."""
PLAIN = ("ping", "client_error")  # what pages send beside events


def people() -> Buckets:
    """What one session may send, whatever number of tabs it has open."""
    return Buckets(burst=40, per_second=20)


def strangers() -> Buckets:
    """The same for all who are signed out at one address, which whole offices share."""
    return Buckets(burst=120, per_second=60)


class Door:
    """Stands between the socket server and Reflex's handling of what browsers send."""

    def __init__(self, namespace: EventNamespace) -> None:
        self.people, self.strangers = people(), strangers()
        self.sockets = Sockets(sessions, self._close)
        self._namespace, self._dispatch = namespace, namespace.trigger_event
        namespace.trigger_event = self.trigger_event

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Close the sockets of sessions that end, for as long as the server runs."""
        async with self.sockets.watched():
            yield

    async def tell(self, tenant_id: UUID, event: Any) -> None:
        """Have every open page of a workspace send ``event``."""
        for socket in self.sockets.of_workspace(tenant_id):
            await self._send(socket, event)

    async def trigger_event(self, event: str, sid: str, *arguments: Any) -> Any:
        """What the socket server calls for whatever a browser does."""
        if event == "disconnect":
            self.sockets.remove(sid)
        elif event == "connect":
            return await self._connect(sid, *arguments)
        elif not await self._admits(event, sid, arguments):
            return None
        return await self._dispatch(event, sid, *arguments)

    async def _connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> Any:
        """False refuses the socket."""
        socket = await self._opened(sid, environ)
        accepted = False
        try:
            if self._take(socket) and self.sockets.count(socket) <= MOST_SOCKETS:
                accepted = await self._begin(socket, environ, auth)
            else:
                log.warning("socket_refused", address=socket.address)
        finally:
            if not accepted:
                self.sockets.remove(sid)
        return accepted

    async def _begin(self, socket: Socket, environ: dict[str, Any], auth: Any) -> bool:
        """The first event of a page comes with its connection."""
        first = auth.get(CompileVars.CONNECT_AUTH_EVENT) if isinstance(auth, dict) else None
        if first is not None and not _is_event((first,)):
            return False
        socket.path = _path_in(first) or socket.path
        return await self._dispatch("connect", socket.sid, environ, auth) is not False

    async def _opened(self, sid: str, environ: dict[str, Any]) -> Socket:
        connection = self._namespace._build_static_router_data(sid, environ)
        token = token_in(str(connection["headers"].get("cookie", "")), get_settings())
        return await self.sockets.add(sid, str(connection["ip"]), token)

    async def _admits(self, event: str, sid: str, arguments: tuple[Any, ...]) -> bool:
        socket = self.sockets.get(sid)
        if socket is None:
            return False
        if not self._take(socket):
            await self._slow_down(socket)
            return False
        if event != "event":
            return event in PLAIN
        if not _is_event(arguments) or sid not in self._namespace.sid_to_token:
            log.warning("event_of_no_page", address=socket.address)
            return False
        socket.path = _path_in(arguments[0]) or socket.path
        return True

    def _take(self, socket: Socket) -> bool:
        return self._buckets(socket).take(socket.name)

    def _buckets(self, socket: Socket) -> Buckets:
        return self.people if socket.person is not None else self.strangers

    async def _slow_down(self, socket: Socket) -> None:
        """Tell the person, now and then; and read no more from this socket for a while."""
        now = time.monotonic()
        if now - socket.told_at > TELL_EVERY:
            socket.told_at = now
            log.warning("events_over_limit", address=socket.address)
            await self._send(socket, toast(SLOW_DOWN, tone="warning"))
        await asyncio.sleep(1 / self._buckets(socket).per_second)

    async def _close(self, socket: Socket, ending: Ending) -> None:
        if ending == "changed":
            await self._send(socket, LOAD_ANEW)
            return
        if ending == "ended":
            await self._send(socket, rx.redirect(routes.sign_in_again(socket.path)))
        await self._namespace.disconnect(socket.sid)

    async def _send(self, socket: Socket, event: Any) -> None:
        update = StateUpdate(events=Event.from_event_type(event))
        await self._namespace.emit("event", update, to=socket.sid)


def _is_event(arguments: tuple[Any, ...]) -> bool:
    """Whether a page sends such a thing; what is none, Reflex would log whole."""
    match arguments:
        case ({"name": str(), **rest},):
            return isinstance(rest.get("router_data", {}), dict)
    return False


def _path_in(event: Any) -> str:
    """The page that sent an event, as its browser tells: any short path of this site."""
    router_data = event.get("router_data") if isinstance(event, dict) else None
    path = router_data.get("asPath") if isinstance(router_data, dict) else None
    if not isinstance(path, str) or len(path) > LONGEST_PATH:
        return ""
    return path if path.startswith("/") and path[1:2] not in ("/", "\\") else ""
