"""The open websockets of this process, each of somebody, and closed when that ends.

A session that was revoked or has expired ends its sockets, and a page whose person got another
role loads anew: at once when it happened in this process, else at the next look, ``LOOK_EVERY``
seconds apart. A socket whose session could not be looked up for ``UNSURE_FOR`` seconds is closed
as well.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Literal
from uuid import UUID

from pydantic import SecretStr

from ecomops.kit.context import Context
from ecomops.kit.errors import EcomopsError, UnauthenticatedError
from ecomops.kit.ids import new_correlation_id
from ecomops.kit.logging import get_logger
from ecomops.runtime.sessions import Sessions

log = get_logger(__name__)

LOOK_EVERY = 1.0
UNSURE_FOR = 30.0
Ending = Literal["ended", "changed", "unsure"]


@dataclass(slots=True)
class Socket:
    """One websocket: the cookie that opened it, and the person of that session if there is one."""

    sid: str
    address: str
    token: SecretStr | None
    person: Context | None
    sure_at: float
    path: str = "/"
    told_at: float = 0.0

    @property
    def name(self) -> Hashable:
        """Whose it is, for counting: the session's, or the network's of an unknown browser."""
        if self.person is not None:
            return self.person.session_id
        return network_of(self.address)


def network_of(address: str) -> str:
    """The address, or for IPv6 the /64 around it: one customer has all of that."""
    try:
        prefix = 64 if ip_address(address).version == 6 else 32
    except ValueError:
        return address
    return str(ip_network(f"{address}/{prefix}", strict=False))


class Sockets:
    """Knows the open sockets and closes, through ``close``, those that must be.

    One whose person ``changed`` stays open; ``close`` has its page load anew.
    """

    def __init__(
        self,
        sessions: Sessions,
        close: Callable[[Socket, Ending], Awaitable[None]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sessions, self._close, self._clock = sessions, close, clock
        self._open: dict[str, Socket] = {}
        self._count: Counter[Hashable] = Counter()
        self._now = asyncio.Event()

    async def add(self, sid: str, address: str, token: SecretStr | None) -> Socket:
        """A socket was opened with this cookie."""
        person = await self._person(token, address)
        socket = Socket(sid, address, token, person, self._clock())
        self._open[sid] = socket
        self._count[socket.name] += 1
        return socket

    def get(self, sid: str) -> Socket | None:
        """The open socket of this id."""
        return self._open.get(sid)

    def of_workspace(self, tenant_id: UUID) -> list[Socket]:
        """The open sockets of a workspace's people."""
        return [it for it in self._open.values() if it.person and it.person.tenant_id == tenant_id]

    def remove(self, sid: str) -> None:
        """A socket was closed."""
        socket = self._open.pop(sid, None)
        if socket is not None:
            self._count[socket.name] -= 1
            self._count += Counter()  # Forgets those who have none.

    def count(self, socket: Socket) -> int:
        """How many sockets are open of the same session or network."""
        return self._count[socket.name]

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Look after the open sockets for as long as the block runs."""
        watch = asyncio.create_task(self._watch(), name="watch over open sockets")
        try:
            with self._sessions.telling(self._now.set):
                yield
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch

    async def _watch(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._now.wait(), LOOK_EVERY)
            self._now.clear()
            try:
                await self.look()
            except Exception:
                log.exception("sockets_not_looked_at")

    async def look(self) -> None:
        """Look every session up that has a socket open, and close what is not its any more."""
        for socket in [one for one in self._open.values() if one.person is not None]:
            ending = await self._ending(socket)
            if ending is None:
                continue
            log.info("socket_not_as_it_was", why=ending)
            if ending != "changed":
                self.remove(socket.sid)
            await self._close(socket, ending)

    async def _ending(self, socket: Socket) -> Ending | None:
        assert socket.token is not None
        assert socket.person is not None
        try:
            person = await self._sessions.resolve(socket.token, _nobody(socket.address))
        except UnauthenticatedError:
            return "ended"
        except EcomopsError:
            return "unsure" if self._clock() - socket.sure_at > UNSURE_FOR else None
        socket.sure_at = self._clock()
        before, socket.person = socket.person, person
        return None if person.role == before.role else "changed"

    async def _person(self, token: SecretStr | None, address: str) -> Context | None:
        try:
            return await self._sessions.find(token, _nobody(address))
        except EcomopsError:
            return None  # Counted as unknown; the gate decides about its events.


def _nobody(address: str) -> Context:
    return Context(correlation_id=new_correlation_id(), channel="web", address=address)
