"""A TCP proxy between two parts of the product that breaks connections in the ways networks do.

Which fault a connection gets, and after how many bytes, is drawn from a seed when it opens. A
fault that its connection does not live long enough to meet is not counted.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

CHUNK = 16 * 1024
FOR_EVER = 86_400.0
PEACE = "peace"
KINDS = ("cut", "reset", "truncate", "delay", "black hole", "refuse")
_RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Fault:
    """What happens to a connection when ``after`` bytes have passed in one direction."""

    kind: str
    after: int
    downstream: bool
    seconds: float


@dataclass
class Plan:
    """How often connections are hit, how late, and how long a silence lasts (seconds).

    A silence ends with a reset, as it does when a machine comes back or a firewall gives up.
    """

    seed: int
    rate: float = 0.5
    kinds: tuple[str, ...] = KINDS
    farthest: int = 60_000
    silence: float = 1.0
    delay: float = 0.2
    _chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def draw(self) -> Fault:
        """What comes next on a connection; it may be nothing, for as many bytes."""
        chance = self._chance
        if chance.random() >= self.rate:
            return Fault(PEACE, self.farthest, True, 0)
        kind = chance.choice(self.kinds)
        # Most faults come early, where sign-ins and short talks are; some in the midst of bulk.
        after = int(self.farthest * chance.random() ** 3)
        seconds = self.delay if kind == "delay" else self.silence
        return Fault(kind, after, kind == "truncate" or chance.random() < 0.5,
                     chance.uniform(0.1, 1) * seconds)  # fmt: skip


class Proxy:
    """Listens on ``port`` and passes everything on to ``target``, but for the faults of ``plan``.

    ``hits`` counts the faults that happened, by kind. ``plan`` None: nothing goes wrong, also on
    connections that were to break.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.plan: Plan | None = None
        self.hits: Counter[str] = Counter()
        self.connections = 0
        self._frozen = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._talks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        self._thread.start()
        opening = asyncio.start_server(self._accept, "127.0.0.1", 0, limit=CHUNK)
        server = asyncio.run_coroutine_threadsafe(opening, self._loop).result(10)
        self._server = server
        self.port = server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def freeze(self) -> None:
        """Nothing comes through on the connections of now, for ever; new ones are fine."""
        self._frozen = self.connections

    async def _close(self) -> None:
        self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None
        self._talks.add(talk)
        self.connections += 1
        try:
            await self._talk(reader, writer, self.connections)
        except (OSError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._talks.discard(talk)

    async def _talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> None:
        fault = self.plan.draw() if self.plan else None
        if fault and fault.kind == "refuse":
            self.hits[fault.kind] += 1
            _reset(writer)
            return
        there, back = await asyncio.open_connection("127.0.0.1", self.target, limit=CHUNK)
        up, down = (None, fault) if fault and fault.downstream else (fault, None)
        ways = [
            asyncio.ensure_future(self._pass_on(reader, back, writer, up, number)),
            asyncio.ensure_future(self._pass_on(there, writer, writer, down, number)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for end in (back, writer):
                with suppress(OSError, RuntimeError):
                    end.close()

    async def _pass_on(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter,
        client: asyncio.StreamWriter, fault: Fault | None, number: int,
    ) -> None:  # fmt: skip
        """Copy until the source ends, or the fault ends it."""
        passed = 0
        while data := await source.read(CHUNK):
            if number <= self._frozen:
                await asyncio.sleep(FOR_EVER)
            if fault is None and self.plan and sink is client:  # opened in peace
                fault, passed = self.plan.draw(), 0
            if fault and self.plan and passed + len(data) > fault.after:
                keep = max(0, fault.after - passed)
                if await self._break(fault, data[:keep], sink, client):
                    return
                fault, passed = self.plan.draw() if self.plan else None, 0
            passed += len(data)
            sink.write(data)
            await sink.drain()

    async def _break(
        self, fault: Fault, whole: bytes, sink: asyncio.StreamWriter, client: asyncio.StreamWriter
    ) -> bool:
        """Let the fault happen in the middle of what was being sent; whether it ends the talk."""
        if fault.kind == PEACE:
            return False
        # One that is open cannot be refused any more.
        self.hits["cut" if fault.kind == "refuse" else fault.kind] += 1
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
            return False
        if fault.kind in ("truncate", "black hole"):
            sink.write(whole)
            await sink.drain()
        if fault.kind == "black hole":
            await asyncio.sleep(fault.seconds)
        if fault.kind in ("reset", "black hole"):
            _reset(client)
        return True


def _reset(writer: asyncio.StreamWriter) -> None:
    """End the connection as a crashed machine does: without a goodbye."""
    plug: socket.socket = writer.get_extra_info("socket")
    with suppress(OSError):
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()


@contextmanager
def proxied(target: int) -> Iterator[Proxy]:
    """A proxy to this port of the same machine, for as long as the block runs."""
    proxy = Proxy(target)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()
