"""Logs of the children: one file each, a fresh one a start, bounded in size."""

from __future__ import annotations

import shutil
from pathlib import Path

MAX_BYTES = 20_000_000


def fresh_log(folder: Path, name: str) -> Path:
    """Path of a log for a new start; what the last start left becomes `<name>.log.1`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = folder / f"{name}.log"
    if log.exists():
        log.replace(_previous(log))
    log.touch(mode=0o600)
    return log


def bound(log: Path, *, limit: int = MAX_BYTES) -> None:
    """Move what a log holds to `<name>.log.1` once it is over the limit.

    The file itself stays, because a child has it open for appending.
    """
    if log.exists() and log.stat().st_size > limit:
        shutil.copyfile(log, _previous(log))
        with log.open("r+b") as stream:
            stream.truncate(0)


def _previous(log: Path) -> Path:
    return log.with_name(f"{log.name}.1")
