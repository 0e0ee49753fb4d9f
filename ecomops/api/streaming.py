"""Answers that are streamed from the database, and let go of it whatever the reader does."""

import time
from collections.abc import Callable, Iterator

import anyio
from anyio.to_thread import run_sync
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

CSV = "text/csv; charset=utf-8"
STALLED_AFTER = 30.0
LONGEST = 1800.0


class RowStream(Response):
    """A body that comes in chunks from a generator which holds a database connection.

    Starlette's StreamingResponse leaves such a generator open when the reader goes away, and its
    connection with it. Here it is closed, in a thread, however the answer ends; a reader that
    takes nothing for ``STALLED_AFTER`` seconds is cut off, and so is one that takes little at a
    time, once the whole has taken ``LONGEST`` seconds.
    """

    def __init__(
        self,
        first: bytes,
        rest: Iterator[bytes],
        headers: dict[str, str],
        clock: Callable[[], float] = time.monotonic,
        media_type: str = CSV,
    ) -> None:
        super().__init__(headers=headers, media_type=media_type)
        del self.headers["content-length"]
        self._first, self._rest = first, rest
        self._clock, self._until = clock, clock() + LONGEST

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, per ASGI. Raises if the body breaks off, so that the server cuts the answer."""
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_cancel_when_gone, receive, tasks.cancel_scope)
                await self._send_all(send)
                tasks.cancel_scope.cancel()
        finally:
            with anyio.CancelScope(shield=True):
                await close(self._rest)

    async def _send_all(self, send: Send) -> None:
        await _pass(
            send,
            {"type": "http.response.start", "status": 200, "headers": self.raw_headers},
        )
        chunk: bytes | None = self._first
        while chunk is not None:
            if self._clock() > self._until:
                raise TimeoutError("The download took too long.")
            await _pass(send, {"type": "http.response.body", "body": chunk, "more_body": True})
            chunk = await run_sync(next, self._rest, None)
        await _pass(send, {"type": "http.response.body", "body": b""})


async def close(rows: Iterator[bytes]) -> None:
    """Close a generator in a thread: its transaction ends and its connection goes back."""
    await run_sync(getattr(rows, "close", lambda: None))


async def _pass(send: Send, message: Message) -> None:
    with anyio.fail_after(STALLED_AFTER):
        await send(message)


async def _cancel_when_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()
