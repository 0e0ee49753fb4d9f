"""How our own processes reach the database of the embedded PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from ecomops.local.databases import APP, DATABASE, OWNER
from ecomops.local.local_env import DatabasePasswords, update_local_env
from ecomops.local.postgres import EmbeddedPostgres


def embedded_urls(server: EmbeddedPostgres, data_dir: Path, passwords: DatabasePasswords) -> None:
    """Keep the connection strings of both roles in `local.env`."""
    urls = {
        "DATABASE_OWNER_URL": server.url(OWNER, passwords.owner, DATABASE),
        "DATABASE_URL": server.url(APP, passwords.app, DATABASE),
    }
    update_local_env(data_dir, urls)
