"""The line in front of password hashing: a hash takes 64 MiB and a tenth of a second.

A few at a time, in threads of their own so that pages are served meanwhile; a few wait; whoever
comes to a longer line is told at once.
"""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from ecomops.domains.identity.passwords import HASHES_AT_ONCE
from ecomops.kit.errors import OperationalError

_Result = TypeVar("_Result")

MOST_IN_LINE = 16
FULL = "Many people are signing in right now. Please try again in a moment."


class Line:
    """Runs blocking functions that hash, in one event loop."""

    def __init__(self, at_once: int = HASHES_AT_ONCE, most: int = MOST_IN_LINE) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="hashing")
        self._room = at_once + most

    async def run(self, function: Callable[..., _Result], *arguments: Any) -> _Result:
        """The function's result. Raises OperationalError, at once, when the line is full."""
        if self._room == 0:
            raise OperationalError(FULL)
        self._room -= 1
        bound = partial(contextvars.copy_context().run, function, *arguments)
        work = asyncio.get_running_loop().run_in_executor(self._threads, bound)
        work.add_done_callback(self._make_room)
        return await asyncio.shield(work)

    def _make_room(self, work: asyncio.Future[Any]) -> None:
        self._room += 1
        if not work.cancelled():
            work.exception()  # Seen, even if whoever waited for it has left.


line = Line()
