"""The database to back up or to fill, and a role on its server that sees all rows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg

from ecomops.kit.settings import Settings
from ecomops.local.backups.errors import BackupError
from ecomops.local.databases import DATABASE, create_databases
from ecomops.local.embedded import embedded_urls
from ecomops.local.errors import AlreadyRunningError
from ecomops.local.local_env import check_local_env, database_passwords, ensure_keys, is_given
from ecomops.local.logs import fresh_log
from ecomops.local.postgres import EmbeddedPostgres
from ecomops.local.private_files import sole_owner
from ecomops.local.project import ROOT


@dataclass(frozen=True)
class Server:
    """Where the database `name` is or shall be; the passwords are those of its two roles."""

    admin_url: str
    name: str
    owner_password: str
    app_password: str

    @contextmanager
    def connect(self, database: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """A connection of the administrator's, each statement a transaction of its own."""
        with psycopg.connect(self.url_of(database), autocommit=True) as connection:
            yield connection

    def url_of(self, database: str) -> str:
        """The administrator's connection string for a database."""
        return urlunsplit(urlsplit(self.admin_url)._replace(path=f"/{database}"))

    def create(self, database: str) -> None:
        """Make a database with its two roles and their rights."""
        create_databases(self.admin_url, database, self.owner_password, self.app_password)

    def require_all_rows(self) -> None:
        """Raise BackupError if row-level security binds the administrator."""
        query = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        with psycopg.connect(self.admin_url, autocommit=True) as admin:
            ((sees_all,),) = admin.execute(query).fetchall()
        if not sees_all:
            raise BackupError(
                "The role of DATABASE_ADMIN_URL does not see all rows. Give that of a superuser, "
                "or of a role with BYPASSRLS."
            )


@contextmanager
def administered(settings: Settings, *, create: bool = False) -> Iterator[Server]:
    """The server of this installation; the embedded one is started for as long as it takes.

    An embedded server that does not exist yet is made if `create`. Raises BackupError.
    """
    admin_url = os.environ.get("DATABASE_ADMIN_URL", "")
    if admin_url:
        yield _external(settings, admin_url)
    elif is_given("DATABASE_URL", ROOT):
        raise BackupError(
            "DATABASE_ADMIN_URL is not set. Set it, in the environment, to a superuser of the "
            "server of DATABASE_URL: only such a role sees all rows."
        )
    else:
        with _embedded(settings.data_dir.absolute(), create=create) as server:
            yield server


def _external(settings: Settings, admin_url: str) -> Server:
    owner, app = (
        urlsplit(url.get_secret_value())
        for url in (settings.database_owner_url, settings.database_url)
    )
    name = (owner.path or app.path).lstrip("/")
    if not name or not owner.password or not app.password:
        raise BackupError(
            "DATABASE_URL and DATABASE_OWNER_URL must be set, with the roles' passwords and the "
            "name of the database."
        )
    return Server(admin_url, name, unquote(owner.password), unquote(app.password))


@contextmanager
def _embedded(data_dir: Path, *, create: bool) -> Iterator[Server]:
    if not create and not (data_dir / "postgres" / "data").exists():
        raise BackupError(f"There is no database in {data_dir}. Set ECOMOPS_DATA_DIR, or make run.")
    data_dir.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    try:
        with sole_owner(data_dir / "up.lock", "ecomops"):
            check_local_env(data_dir)
            ensure_keys(data_dir)
            log = fresh_log(data_dir / "logs", "postgres")
            with EmbeddedPostgres(data_dir / "postgres", log=log) as postgres:
                yield _own(postgres, data_dir)
    except AlreadyRunningError:
        running = EmbeddedPostgres(data_dir / "postgres")
        running.port = int((running.home / "port").read_text())
        yield _own(running, data_dir)


def _own(postgres: EmbeddedPostgres, data_dir: Path) -> Server:
    passwords = database_passwords(data_dir)
    embedded_urls(postgres, data_dir, passwords)
    return Server(postgres.admin_url, DATABASE, passwords.owner, passwords.app)
