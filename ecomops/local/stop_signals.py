"""Turns Ctrl-C, SIGTERM and a closed terminal into one exception, once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """Somebody wants us to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def stop_signals() -> Iterator[None]:
    """Raise StopRequested in the block at the first such signal; later ones are ignored."""
    before = {number: signal.signal(number, _request_stop) for number in NUMBERS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _request_stop(number: int, _frame: FrameType | None) -> NoReturn:
    for each in NUMBERS:
        signal.signal(each, signal.SIG_IGN)
    raise StopRequested(number)
