"""`<data dir>/local.env`: the settings nobody gave, made once and kept, readable by us alone."""

from __future__ import annotations

import os
import re
import secrets
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cryptography.fernet import Fernet
from dotenv import dotenv_values

from ecomops.local.errors import LocalStackError
from ecomops.local.private_files import write_private

NAME = "local.env"
_LINE = re.compile(r"\s*(#.*|\w+\s*=[^\x00-\x1f\ufffd]*)")
HEADER = (
    "# Made by `python -m ecomops up`. Keep it: without the keys, stored credentials are lost.\n"
)


@dataclass(frozen=True)
class DatabasePasswords:
    """Passwords of the two roles ecomops uses."""

    owner: str
    app: str


def is_given(name: str, project: Path, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the person has set `name`, in the environment or in `.env`."""
    return bool(environment.get(name) or dotenv_values(project / ".env").get(name))


def read_local_env(data_dir: Path) -> dict[str, str]:
    """What the file holds now; empty when there is none."""
    values = dotenv_values(data_dir / NAME, interpolate=False)
    return {name: value for name, value in values.items() if value}


def update_local_env(data_dir: Path, values: Mapping[str, str]) -> None:
    """Set these values in the file, whole or not at all (mode 0600); all others stay."""
    known = read_local_env(data_dir)
    wanted = known | dict(values)
    if wanted != known:
        lines = "".join(f"{name}={value}\n" for name, value in sorted(wanted.items()))
        write_private(data_dir / NAME, HEADER + lines)


def check_local_env(data_dir: Path) -> None:
    """Raise LocalStackError if the file was damaged, or lost while there is a database.

    New keys in place of lost ones would make the stored credentials unreadable, and nobody would
    notice before the next sync.
    """
    path = data_dir / NAME
    lines = path.read_bytes().splitlines() if path.exists() else []
    for number, line in enumerate(lines, start=1):
        if line.strip() and not _LINE.fullmatch(line.decode(errors="replace")):
            raise LocalStackError(
                f"{path} is damaged in line {number}. Put your copy of it back; without one, "
                "remove the line and start again."
            )
    has_data = (data_dir / "postgres" / "data").exists()
    if has_data and "ECOMOPS_ENCRYPTION_KEYS" not in read_local_env(data_dir):
        raise LocalStackError(
            f"{path} has lost ECOMOPS_ENCRYPTION_KEYS, which stored credentials need. Put your "
            "copy of it back; without one, write a new key there (docs/operations.md says how) and "
            "enter the credentials of all connections again."
        )


def ensure_keys(data_dir: Path) -> None:
    """Make the keys and the passphrase of backups at the first start; keep them ever after."""
    known = read_local_env(data_dir)
    fresh = {
        "ECOMOPS_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "ECOMOPS_SECRET_KEY": secrets.token_urlsafe(48),
        "ECOMOPS_AUDIT_SIGNING_KEY": b64encode(secrets.token_bytes(32)).decode(),
        "ECOMOPS_BACKUP_PASSPHRASE": secrets.token_urlsafe(32),
    }
    update_local_env(data_dir, fresh | {name: known[name] for name in fresh if name in known})


def database_passwords(data_dir: Path) -> DatabasePasswords:
    """The roles' passwords as they stand in the file's URLs, new ones if they do not."""
    known = read_local_env(data_dir)
    return DatabasePasswords(
        owner=_password_in(known.get("DATABASE_OWNER_URL", "")) or secrets.token_urlsafe(24),
        app=_password_in(known.get("DATABASE_URL", "")) or secrets.token_urlsafe(24),
    )


def _password_in(url: str) -> str:
    return unquote(urlsplit(url).password or "")
