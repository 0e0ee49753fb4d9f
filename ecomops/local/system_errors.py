"""What the operating system refuses, in words that say what to do."""

from __future__ import annotations

import errno

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR)


def in_words(error: OSError) -> str | None:
    """One sentence and what to do, for what a person can put right; None for all else."""
    where = f" to {error.filename}" if error.filename else ""
    if error.errno in _FULL:
        return (
            f"No room to write{where}: the disk is full. Make room, or set ECOMOPS_DATA_DIR to a "
            "folder on another disk, and start again."
        )
    if error.errno in _FORBIDDEN:
        return (
            f"ecomops cannot write{where} ({error.strerror}). Give its account the right to, or "
            "set ECOMOPS_DATA_DIR to a folder where it may."
        )
    return None
