"""Roles and database of ecomops on a PostgreSQL server we may administer.

Two roles: `ecomops_owner` owns the tables and runs migrations; `ecomops_app`, which everything else
uses, owns nothing and is held by row-level security.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

DATABASE = "ecomops"
OWNER = "ecomops_owner"
APP = "ecomops_app"
# Text is compared by code points: the explorer finds what begins with a text as a range of it.
_BY_CODE_POINTS = sql.SQL(
    "TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
)
_PLAIN = sql.SQL("LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION INHERIT")


def create_databases(admin_url: str, name: str, owner_password: str, app_password: str) -> None:
    """Make, or bring up to date, both roles with these passwords and the database `name`.

    Safe to repeat and to run from several processes at once.
    """
    with psycopg.connect(admin_url, autocommit=True) as admin:
        # Roles belong to the whole server: two that start together must not both create them.
        admin.execute("SELECT pg_advisory_lock(hashtext('ecomops.roles'))")
        _ensure_role(admin, OWNER, owner_password)
        _ensure_role(admin, APP, app_password)
        _ensure_database(admin, name)


def _ensure_role(admin: psycopg.Connection, role: str, password: str) -> None:
    known = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    verb = sql.SQL("ALTER ROLE" if known else "CREATE ROLE")
    # Hashed here, so that the password itself never reaches the server or its log.
    secret = admin.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    admin.execute(
        sql.SQL("{} {} {} PASSWORD {}").format(
            verb, sql.Identifier(role), _PLAIN, sql.Literal(secret.decode())
        )
    )


def _ensure_database(admin: psycopg.Connection, name: str) -> None:
    database, owner, app = (sql.Identifier(word) for word in (name, OWNER, APP))
    if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        if admin.pgconn.parameter_status(b"is_superuser") != b"on":
            admin.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(owner))
        create = sql.SQL("CREATE DATABASE {} OWNER {} {}")
        admin.execute(create.format(database, owner, _BY_CODE_POINTS))
    admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    admin.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(database, app))
