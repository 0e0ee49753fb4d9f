"""Fetching and parsing in one thread while the caller stores in another."""

import threading
from collections.abc import Callable, Generator, Iterator
from contextvars import copy_context
from queue import SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")


class _End:
    """Behind the last item; carries the error that ended the source, if one did."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class _Channel(Generic[T]):
    """A queue of at most ``depth`` items whose two ends can be cut loose from each other."""

    def __init__(self, depth: int) -> None:
        self._items: SimpleQueue[T | _End] = SimpleQueue()
        self._room = threading.Semaphore(depth)
        self._cut = False

    def offer(self, item: T) -> bool:
        """Wait for room and add ``item``; False when nobody listens any more."""
        self._room.acquire()
        if self._cut:
            return False
        self._items.put(item)
        return True

    def finish(self, error: BaseException | None = None) -> None:
        self._items.put(_End(error))

    def take(self) -> T | _End:
        item = self._items.get()
        self._room.release()
        return item

    def cut(self) -> None:
        self._cut = True
        self._room.release()


def prefetch(
    source: Iterator[T], depth: int = 4, *, interrupt: Callable[[], None] | None = None
) -> Generator[T]:
    """The items of ``source``, read up to ``depth`` ahead in a thread of their own.

    An error of the source is raised here, after the items before it. Closing this generator
    ends the thread before it returns; ``interrupt`` (a connector's ``close``) is then called
    first, to end a request under way.
    """
    channel: _Channel[T] = _Channel(depth)
    thread = threading.Thread(
        target=copy_context().run, args=(_pump, source, channel), name="prefetch", daemon=True
    )
    thread.start()
    finished = False
    try:
        while not isinstance(item := channel.take(), _End):
            yield item
        finished = True
        if item.error is not None:
            raise item.error
    finally:
        channel.cut()
        if interrupt is not None and not finished:
            interrupt()
        thread.join()


def _pump(source: Iterator[T], channel: _Channel[T]) -> None:
    error: BaseException | None = None
    try:
        for item in source:
            if not channel.offer(item):
                break
        if isinstance(source, Generator):
            source.close()
    except BaseException as caught:
        error = caught
    channel.finish(error)
