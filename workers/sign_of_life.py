"""A file whose age says whether a worker or beat still does its work; health checks read it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from celery.signals import after_task_publish, heartbeat_sent

FOLDER = "alive"


def sign_of(data_dir: Path, name: str) -> Path:
    """The file of the process with this name."""
    return data_dir / FOLDER / name


def give_sign_of_life(data_dir: Path, name: str) -> None:
    """Touch the file from now on: a worker with each heartbeat to Redis, beat with each ring.

    Both stop when Redis cannot be reached, and when the process hangs.
    """
    file = sign_of(data_dir, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)

    def touch(**_signal: Any) -> None:
        file.touch()

    for signal in (heartbeat_sent, after_task_publish):
        signal.connect(touch, weak=False)


def seconds_since(data_dir: Path, name: str) -> float | None:
    """Seconds since the last sign; None when there was none since the start."""
    try:
        return time.time() - sign_of(data_dir, name).stat().st_mtime
    except FileNotFoundError:
        return None
