"""pg_dump and pg_restore: which ones fit a server, and how they are told where it is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ecomops.local.backups.errors import BackupError
from ecomops.local.postgres_binaries import installed_binaries


def tool(name: str, server_major: int) -> Path:
    """The program `name` of the server's own major version: ours, else the one on PATH.

    Raises BackupError when neither is of that version.
    """
    on_path = shutil.which(name)
    candidates = [installed_binaries() / name, *([Path(on_path)] if on_path else [])]
    found = {_major(candidate): candidate for candidate in reversed(candidates)}
    if server_major not in found:
        have = " and ".join(str(major) for major in sorted(found))
        raise BackupError(
            f"The server is PostgreSQL {server_major} and {name} is of version {have}. "
            f"Install the PostgreSQL {server_major} client programs and put {name} on PATH."
        )
    return found[server_major]


def destination(url: str) -> tuple[str, dict[str, str]]:
    """Connection string for a command line, and the environment that holds the password."""
    password = str(conninfo_to_dict(url).get("password") or "")
    told = {name: value for name, value in conninfo_to_dict(url).items() if name != "password"}
    return make_conninfo("", **told), {**os.environ, "PGPASSWORD": password}


def _major(program: Path) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"\) (\d+)", said.stdout)
    return int(found[1]) if found else 0
