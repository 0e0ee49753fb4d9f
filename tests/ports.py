"""Ports that belong to one test process: no other test, and no client socket, is given them.

A port that the system names free may go to anybody before it is used. These lie below the range
from which systems draw, and each is held by a lock until the process ends.
"""

from __future__ import annotations

import fcntl
import os
import random
import tempfile
from pathlib import Path
from typing import TextIO

from ecomops.local.ports import is_free

BELOW_THE_DRAWN = range(15_000, 32_000)
_FOLDER = Path(tempfile.gettempdir()) / f"ecomops-test-ports-{os.getuid()}"
_HELD: list[TextIO] = []


def own_port() -> int:
    """A free port that stays this process's own."""
    _FOLDER.mkdir(exist_ok=True)
    for port in random.SystemRandom().sample(BELOW_THE_DRAWN, 1000):
        if _held(port) and is_free(port):
            return port
    raise AssertionError("A thousand ports are taken.")


def _held(port: int) -> bool:
    lock = (_FOLDER / str(port)).open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return False
    _HELD.append(lock)
    return True
