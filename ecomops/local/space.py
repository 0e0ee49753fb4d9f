"""Room on the disk, looked at before it is needed."""

from __future__ import annotations

import shutil
from pathlib import Path

from ecomops.local.errors import LocalStackError

MEGABYTE = 1_000_000
TO_START = 400 * MEGABYTE  # an empty cluster with its log, and the servers' own logs
TO_BUILD = 800 * MEGABYTE  # what npm installs, and the pages


def require_space(folder: Path, needed: int, setting: str = "ECOMOPS_DATA_DIR") -> None:
    """Raise LocalStackError if fewer than `needed` bytes are free where `folder` is."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise LocalStackError(
            f"Only {free // MEGABYTE} MB are free on the disk of {folder}, and ecomops needs "
            f"{needed // MEGABYTE} MB there. Make room"
            + (f", or set {setting} to a folder on another disk." if setting else ".")
        )
