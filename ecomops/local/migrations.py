"""Brings a database to the newest schema."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import psycopg

from ecomops.kit.settings import Settings
from ecomops.local.databases import APP, create_databases
from ecomops.local.errors import LocalStackError
from ecomops.local.project import ROOT

if TYPE_CHECKING:
    from alembic.config import Config


def migrate(settings: Settings) -> str:
    """Apply every migration not yet applied, as the owner, one process at a time.

    With DATABASE_ADMIN_URL in the environment, roles and database are made first. Returns the
    revision reached. Raises LocalStackError when the application's role does not exist, or a newer
    ecomops was here.
    """
    owner_url = settings.database_owner_url.get_secret_value()
    if not owner_url:
        raise LocalStackError("DATABASE_OWNER_URL is not set: migrations run as the owner.")
    admin_url = os.environ.get("DATABASE_ADMIN_URL", "")
    if admin_url:
        _create(admin_url, owner_url, settings.database_url.get_secret_value())
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("SELECT pg_advisory_lock(hashtext('ecomops.migrate'))")
        _require_app_role(owner)
        _require_known_schema(owner)
        _upgrade()
        row = owner.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else "none"


def _create(admin_url: str, owner_url: str, app_url: str) -> None:
    owner, app = urlsplit(owner_url), urlsplit(app_url)
    create_databases(
        admin_url,
        owner.path.lstrip("/"),
        unquote(owner.password or ""),
        unquote(app.password or ""),
    )


def _require_app_role(owner: psycopg.Connection) -> None:
    if not owner.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP]).fetchone():
        raise LocalStackError(
            f"The role {APP} does not exist. Run migrate once with DATABASE_ADMIN_URL set to a "
            "role that may create roles, or create it yourself: see docs/operations.md."
        )


def known_revisions() -> set[str]:
    """The schema revisions that this code has migrations for, and the empty one."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(_config())
    return {"", *(script.revision for script in scripts.walk_revisions())}


def _require_known_schema(owner: psycopg.Connection) -> None:
    if not owner.execute("SELECT 1 FROM pg_tables WHERE tablename = 'alembic_version'").fetchone():
        return
    row = owner.execute("SELECT version_num FROM alembic_version").fetchone()
    if row and row[0] not in known_revisions():
        raise LocalStackError(
            f"The database is at schema revision {row[0]}, which this code does not know: a newer "
            "ecomops made it. Start that version, or another ECOMOPS_DATA_DIR or DATABASE_URL."
        )


def _upgrade() -> None:
    from alembic import command

    command.upgrade(_config(), "head")


def _config() -> Config:
    from alembic.config import Config

    config = Config(ROOT / "alembic.ini")
    config.set_main_option("script_location", str(ROOT / "alembic"))
    return config
