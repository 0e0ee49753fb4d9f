"""A download lets go of its database connection, whatever the reader does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import pytest
from sqlalchemy import text
from sqlmodel import Session
from starlette.types import Message, Receive, Send

from ecomops import runtime
from ecomops.api import streaming
from ecomops.api.streaming import RowStream
from ecomops.kit.context import Context

NOBODY = Context(correlation_id="streaming-test", channel="web")
SCOPE = {"type": "http", "method": "GET", "path": "/", "headers": []}


def rows(session: Session, _ctx: Context, count: int) -> Iterator[bytes]:
    """So many chunks, from a transaction that stays open between them; then a failure if odd."""
    for number in range(count):
        yield f"{session.execute(text('SELECT :n'), {'n': number}).scalar_one()}\n".encode()
    if count % 2:
        raise RuntimeError("The rows ended badly.")


def answer(count: int, clock: Callable[[], float] = time.monotonic) -> RowStream:
    chunks = runtime.stream(NOBODY, rows, count)
    first = next(chunks)
    assert connections_in_use() == 1
    return RowStream(first, chunks, {}, clock)


def connections_in_use() -> int:
    pool: Any = runtime.engine().pool
    return int(pool.checkedout())


def reader(*, leaves_after: int | None = None, stalls: bool = False) -> tuple[Receive, Send, Any]:
    """A browser that takes chunks, and may leave or stop taking them."""
    taken: list[bytes] = []
    left = anyio.Event()

    async def receive() -> Message:
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if stalls and taken:
            await anyio.sleep_forever()
        taken.append(message.get("body", b""))
        if leaves_after is not None and len(taken) > leaves_after:
            left.set()
            await anyio.sleep(0)

    return receive, send, taken


async def deliver(response: RowStream, receive: Receive, send: Send) -> None:
    await response(SCOPE, receive, send)


def read(count: int, **habits: Any) -> list[bytes]:
    async def main() -> list[bytes]:
        receive, send, taken = reader(**habits)
        await deliver(answer(count), receive, send)
        return list(taken)

    return anyio.run(main)


@pytest.mark.usefixtures("runtime_started")
def test_a_whole_download_arrives_and_its_connection_goes_back() -> None:
    assert b"".join(read(100)) == b"".join(b"%d\n" % number for number in range(100))
    assert connections_in_use() == 0


@pytest.mark.usefixtures("runtime_started")
def test_a_reader_who_leaves_leaves_no_connection_behind() -> None:
    for _ in range(30):
        assert len(read(100_000, leaves_after=3)) < 100
        assert connections_in_use() == 0


@pytest.mark.usefixtures("runtime_started")
def test_a_reader_who_takes_nothing_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "STALLED_AFTER", 0.05)
    with pytest.raises(ExceptionGroup) as failure:
        read(100_000, stalls=True)
    assert failure.group_contains(TimeoutError)
    assert connections_in_use() == 0


@pytest.mark.usefixtures("runtime_started")
def test_a_reader_who_takes_a_little_at_a_time_is_cut_off_in_the_end() -> None:
    now = [0.0]
    receive, send, taken = reader()

    async def send_slowly(message: Message) -> None:
        now[0] += 29  # Never stalled for long enough.
        await send(message)

    async def main() -> None:
        await deliver(answer(100_000, lambda: now[0]), receive, send_slowly)

    with pytest.raises(ExceptionGroup) as failure:
        anyio.run(main)
    assert failure.group_contains(TimeoutError, match="took too long")
    assert now[0] <= streaming.LONGEST + 2 * 29
    assert len(taken) > 50
    assert connections_in_use() == 0


@pytest.mark.usefixtures("runtime_started")
def test_rows_that_end_badly_break_the_download() -> None:
    with pytest.raises(ExceptionGroup) as failure:
        read(101)
    assert failure.group_contains(RuntimeError, match="ended badly")
    assert connections_in_use() == 0
