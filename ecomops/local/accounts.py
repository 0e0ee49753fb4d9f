"""Which system account the embedded servers run as, and what that account can reach.

PostgreSQL refuses to run as root. When we are root, the servers run as an ordinary account that
the machine already has; its data and the binaries must lie where that account may go.
"""

from __future__ import annotations

import os
import pwd
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ecomops.local.errors import LocalStackError

ORDINARY_ACCOUNTS = ("nobody", "daemon")
DURABLE_FALLBACK = Path("/var/lib/ecomops")


@dataclass(frozen=True)
class Account:
    """A system account by number."""

    uid: int
    gid: int

    def may(self, path: Path, permission: int) -> bool:
        """Whether the account holds `permission` (4 read, 2 write, 1 enter) on an existing path."""
        status = path.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode >> 6 & permission)
        if status.st_gid == self.gid:
            return bool(status.st_mode >> 3 & permission)
        return bool(status.st_mode & permission)

    def may_reach(self, path: Path) -> bool:
        """Whether the account may enter every existing folder above `path`."""
        existing = (parent for parent in path.absolute().parents if parent.exists())
        return all(self.may(parent, stat.S_IXOTH) for parent in existing)


def server_account() -> Account | None:
    """Account for the embedded servers, or None when they can run as ourselves.

    Raises LocalStackError when we are root and the machine has no ordinary account.
    """
    if os.geteuid() != 0:
        return None
    for name in ORDINARY_ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise LocalStackError(
        "PostgreSQL does not run as root, and this machine has no account 'nobody' to run it as. "
        "Start ecomops as an ordinary user."
    )


def server_home(wanted: Path, account: Account | None, *, durable: bool = True) -> Path:
    """Folder for a server's files, made if missing and owned by `account`.

    It is `wanted`, unless the account cannot get there (a checkout under a closed home folder);
    then it lies in /var/lib/ecomops, and `wanted` becomes a link to it. Raises LocalStackError
    when a folder above existing data was closed since.
    """
    home = wanted.absolute()
    if account is None:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        return home
    if not home.exists() and not account.may_reach(home):
        home = _fallback_for(home, durable=durable)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    home = home.resolve()
    if not account.may_reach(home):
        raise LocalStackError(
            f"The servers' account can no longer enter {home}: a folder above it was closed. "
            "Open it again (chmod o+x), or start with another ECOMOPS_DATA_DIR."
        )
    os.chown(home, account.uid, account.gid)
    return home


def _fallback_for(wanted: Path, *, durable: bool) -> Path:
    root = DURABLE_FALLBACK if durable else Path(tempfile.gettempdir(), "ecomops-servers")
    root.mkdir(mode=0o711, parents=True, exist_ok=True)
    # A new name each time: data of a directory that was removed must not come back in another.
    home = Path(tempfile.mkdtemp(dir=root, prefix=f"{wanted.name}-"))
    wanted.parent.mkdir(parents=True, exist_ok=True)
    wanted.unlink(missing_ok=True)
    wanted.symlink_to(home)
    return home


def give_to(account: Account | None, *paths: Path) -> None:
    """Hand files over to the account; nothing to do when servers run as ourselves."""
    for path in paths:
        if account is not None:
            os.chown(path, account.uid, account.gid)
