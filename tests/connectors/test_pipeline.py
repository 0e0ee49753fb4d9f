import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing

import pytest
import structlog

from ecomops.connectors.pipeline import prefetch


def _threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "prefetch"]


def _closing(items: Iterator[int]) -> "closing[Generator[int, None, None]]":
    assert isinstance(items, Generator)
    return closing(items)


def test_items_come_in_order() -> None:
    assert list(prefetch(iter(range(1000)), depth=3)) == list(range(1000))
    assert not _threads()


def test_no_more_than_the_depth_is_read_ahead() -> None:
    read: list[int] = []

    def source() -> Iterator[int]:
        for n in range(1, 100):
            read.append(n)
            yield n

    with _closing(prefetch(source(), depth=4)) as items:
        assert next(items) == 1
        time.sleep(0.1)
        assert len(read) <= 1 + 4 + 1


def test_reading_and_storing_overlap() -> None:
    def source() -> Iterator[int]:
        for n in range(10):
            time.sleep(0.02)
            yield n

    started = time.monotonic()
    for _ in prefetch(source()):
        time.sleep(0.02)
    assert time.monotonic() - started < 0.36


def test_an_error_of_the_source_comes_after_the_items_before_it() -> None:
    def source() -> Iterator[int]:
        yield 1
        raise LookupError("the second page")

    items = prefetch(source())
    assert next(items) == 1
    with pytest.raises(LookupError, match="the second page"):
        next(items)
    assert not _threads()


def test_closing_ends_the_thread_and_the_source_at_once() -> None:
    ended = threading.Event()

    def source() -> Iterator[int]:
        try:
            n = 0
            while True:
                yield (n := n + 1)
        finally:
            ended.set()

    started = time.monotonic()
    with _closing(prefetch(source(), depth=2)) as items:
        assert next(items) == 1
    assert ended.is_set()
    assert not _threads()
    assert time.monotonic() - started < 1


def test_closing_interrupts_a_source_that_waits() -> None:
    gate = threading.Event()

    def source() -> Iterator[int]:
        yield 1
        gate.wait(30)

    started = time.monotonic()
    with _closing(prefetch(source(), interrupt=gate.set)) as items:
        assert next(items) == 1
    assert time.monotonic() - started < 1
    assert not _threads()


def test_an_error_of_the_consumer_ends_the_thread() -> None:
    def store() -> None:
        with _closing(prefetch(iter(range(100)), depth=1)) as items:
            for _ in items:
                raise ValueError("the database is gone")

    with pytest.raises(ValueError, match="the database is gone"):
        store()
    assert not _threads()


def test_the_thread_logs_with_the_consumers_context() -> None:
    def source() -> Iterator[int]:
        yield structlog.contextvars.get_contextvars()["number"]

    with structlog.contextvars.bound_contextvars(number=7):
        assert list(prefetch(source())) == [7]
