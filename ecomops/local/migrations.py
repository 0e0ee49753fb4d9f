"""Brings a database to the newest schema."""

from __future__ import annotations

import os
from urllib.parse import unquote, urlsplit

import psycopg

from ecomops.kit.settings import Settings
from ecomops.local.databases import APP, create_databases
from ecomops.local.errors import LocalStackError
from ecomops.local.project import ROOT


def migrate(settings: Settings) -> str:
    """Apply every migration not yet applied, as the owner, one process at a time.

    With DATABASE_ADMIN_URL in the environment, roles and database are made first. Returns the
    revision reached. Raises LocalStackError when the application's role does not exist.
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


def _upgrade() -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(ROOT / "alembic.ini")
    config.set_main_option("script_location", str(ROOT / "alembic"))
    command.upgrade(config, "head")
