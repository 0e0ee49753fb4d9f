"""A browser tab as a server sees it: one websocket, and events that are answered.

It speaks Engine.IO 4 and Socket.IO 5, as Reflex's browser code does.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

from simple_websocket import AioClient

from ecomops.local.ports import LOOPBACK

ORIGIN = f"http://{LOOPBACK}"  # as behind a proxy: this client names no port in its Host
EVENTS = "/_event"
HYDRATE = "reflex___state____state.hydrate_and_load"


class Tab:
    """One websocket of one tab."""

    def __init__(self, socket: AioClient) -> None:
        self._socket = socket

    async def send(self, name: str, path: str, variable: str) -> float:
        """Send an event of the page at ``path``; seconds until ``variable`` is told anew."""
        router = {"pathname": path.partition("?")[0], "asPath": path, "query": {}}
        event = {"name": name, "payload": {}, "router_data": router}
        began = time.perf_counter()
        await self._socket.send(f"42{EVENTS},{json.dumps(['event', event])}")
        while variable not in await self._told():
            pass
        return time.perf_counter() - began

    async def _told(self) -> set[str]:
        """The variables in the next update."""
        text = await self._frame()
        if not text.startswith(f"42{EVENTS},"):
            return set()
        _, update = json.loads(text.partition(",")[2])
        delta: dict[str, dict[str, Any]] = update.get("delta") or {}
        return {name.removesuffix("_rx_state_") for values in delta.values() for name in values}

    async def _frame(self) -> str:
        """What comes next; pings are answered."""
        while (text := str(await self._socket.receive())) == "2":
            await self._socket.send("3")
        return text

    async def overhear(self, seconds: float) -> None:
        """Take what the server tells meanwhile, and do nothing with it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    await self._frame()

    async def open(self) -> None:
        """Open the namespace, as a page does first of all."""
        await self._frame()
        await self._socket.send(f"40{EVENTS},")
        answer = await self._frame()
        assert answer.startswith(f"40{EVENTS}"), answer


@asynccontextmanager
async def tab(port: int, cookie: str) -> AsyncIterator[Tab]:
    """A tab that is connected, of the session in ``cookie``."""
    address = f"{LOOPBACK}:{port}{EVENTS}/?EIO=4&transport=websocket&token={uuid4()}"
    headers = {"Origin": ORIGIN, "Cookie": cookie}
    socket = await AioClient.connect(f"ws://{address}", headers=headers)
    try:
        opened = Tab(socket)
        await opened.open()
        yield opened
    finally:
        await socket.close()
