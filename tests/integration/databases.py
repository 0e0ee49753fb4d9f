"""Databases that a test may ruin."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from psycopg import sql

from ecomops.local.databases import OWNER
from ecomops.local.postgres import EmbeddedPostgres

ROOT = Path(__file__).parents[2]


@contextmanager
def throw_away(server: EmbeddedPostgres) -> Iterator[str]:
    """An empty database of the owner's; its connection string as the owner."""
    name = f"scratch_{uuid4().hex[:10]}"
    _administer(server, sql.SQL("CREATE DATABASE {} OWNER {}"), name, OWNER)
    try:
        yield server.url(OWNER, "owner-password", name)
    finally:
        _administer(server, sql.SQL("DROP DATABASE {} WITH (FORCE)"), name)


def _administer(server: EmbeddedPostgres, statement: sql.SQL, *names: str) -> None:
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        admin.execute(statement.format(*map(sql.Identifier, names)))


def alembic(url: str, what: str, *arguments: Any) -> None:
    """One Alembic command on the database at ``url``."""
    config = Config(ROOT / "alembic.ini", cmd_opts=Namespace(x=[f"url={url}"]))
    config.set_main_option("script_location", str(ROOT / "alembic"))
    getattr(command, what)(config, *arguments)


def differences(url: str) -> str:
    """What ``alembic check`` finds between the models and the database; empty for nothing."""
    try:
        alembic(url, "check")
    except CommandError as error:
        return str(error)
    return ""
