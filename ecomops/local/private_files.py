"""Files only their owner may read: written whole or not at all."""

from __future__ import annotations

import fcntl
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ecomops.local.accounts import Account, give_to
from ecomops.local.errors import AlreadyRunningError


def write_private(path: Path, text: str, account: Account | None = None) -> None:
    """Replace `path` in one step by a file of mode 0600, owned by `account` if given."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        give_to(account, draft)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def kept_secret(path: Path, account: Account | None = None) -> str:
    """The secret in `path`, made at first use."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(24), account)
    return path.read_text(encoding="utf-8").strip()


@contextmanager
def sole_owner(lock: Path, what: str) -> Iterator[None]:
    """Hold `lock` for the length of the block; the kernel lets go of it when we die.

    Raises AlreadyRunningError, naming the process that holds it.
    """
    with lock.open("a+", encoding="ascii") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            stream.seek(0)
            pid = stream.read().strip() or "unknown"
            raise AlreadyRunningError(
                f"{what} is already running (process {pid}). Stop it first: kill {pid}"
            ) from None
        stream.truncate(0)
        stream.write(f"{os.getpid()}\n")
        stream.flush()
        yield
