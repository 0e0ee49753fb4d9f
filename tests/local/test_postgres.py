"""The embedded PostgreSQL, on real servers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from importlib.metadata import version as version_of
from pathlib import Path

import psycopg
import pytest

from ecomops.local import postgres_binaries
from ecomops.local.accounts import Account
from ecomops.local.databases import APP, OWNER, create_databases
from ecomops.local.errors import ServerFailedError
from ecomops.local.postgres import EmbeddedPostgres
from ecomops.local.postgres_binaries import INSTALLATION, PACKAGE


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres.temporary() as running:
        yield running


def one(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row and row[0]


def keep_seven(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")


def test_it_is_version_18_with_utf8_and_utc(server: EmbeddedPostgres) -> None:
    assert str(one(server.admin_url, "SHOW server_version")).startswith("18.")
    assert one(server.admin_url, "SHOW server_encoding") == "UTF8"
    assert one(server.admin_url, "SHOW timezone") == "UTC"


def test_it_listens_on_loopback_only_and_wants_a_password(server: EmbeddedPostgres) -> None:
    assert one(server.admin_url, "SHOW listen_addresses") == "127.0.0.1"
    assert one(server.admin_url, "SHOW unix_socket_directories") == ""
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.url("postgres", "wrong", "postgres"))


def test_the_password_can_be_read_by_nobody_else(server: EmbeddedPostgres) -> None:
    assert (server.home / "password").stat().st_mode & 0o777 == 0o600
    assert server.home.stat().st_mode & 0o777 == 0o700


def test_two_roles_of_which_neither_is_above_row_level_security(server: EmbeddedPostgres) -> None:
    create_databases(server.admin_url, "roles", "owner pass/word", "app pass/word")
    create_databases(server.admin_url, "roles", "owner pass/word", "app pass/word")
    for role, password in ((OWNER, "owner pass/word"), (APP, "app pass/word")):
        url = server.url(role, password, "roles")
        mighty = "SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname ="
        assert one(url, f"{mighty} current_user") is False
    app = server.url(APP, "app pass/word", "roles")
    assert one(app, "SELECT has_database_privilege('roles', 'TEMPORARY')") is True
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        one(app, "CREATE TABLE public.mine (id int)")


def test_a_changed_password_replaces_the_old_one(server: EmbeddedPostgres) -> None:
    create_databases(server.admin_url, "passwords", "first", "first")
    create_databases(server.admin_url, "passwords", "second", "second")
    assert one(server.url(APP, "second", "passwords"), "SELECT 1") == 1
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url(APP, "first", "passwords"))


def test_what_was_committed_outlives_a_kill_of_the_server(folder: Path) -> None:
    with EmbeddedPostgres(folder / "postgres") as postgres:
        keep_seven(postgres.admin_url)
        busy = psycopg.connect(postgres.admin_url)
        assert postgres.process is not None
        os.kill(postgres.process.pid, signal.SIGKILL)
        postgres.process.wait()
        began, port = time.monotonic(), postgres.port
        postgres.start()
        assert time.monotonic() - began < 8
        assert postgres.port == port
        assert one(postgres.admin_url, "SELECT n FROM kept") == 7
        busy.close()


def test_the_port_and_the_data_are_kept_over_restarts(folder: Path) -> None:
    with EmbeddedPostgres(folder / "postgres", durable=False) as postgres:
        keep_seven(postgres.admin_url)
        url = postgres.admin_url
    with EmbeddedPostgres(folder / "postgres", durable=False) as again:
        assert again.admin_url == url
        assert one(url, "SELECT n FROM kept") == 7


def test_a_half_made_cluster_is_made_anew(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "postgres", durable=False)
    (server.home / "data.draft").mkdir()
    (server.home / "data.draft" / "PG_VERSION").write_text("18\n")
    with server:
        assert one(server.admin_url, "SELECT 1") == 1


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    with EmbeddedPostgres(folder / "postgres", durable=False) as server:
        data = server.data
    (data / "global" / "pg_control").unlink()
    with pytest.raises(ServerFailedError, match="pg_control"):
        EmbeddedPostgres(folder / "postgres", durable=False).start()


def test_stopping_leaves_no_process(folder: Path) -> None:
    with EmbeddedPostgres(folder / "postgres", durable=False) as server:
        assert server.process is not None
        pid = server.process.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_programs_are_copied_for_an_account_that_cannot_reach_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = postgres_binaries._site_packages()
    closed = tmp_path / "closed"
    (closed / PACKAGE).mkdir(parents=True)
    for part in (f"{PACKAGE}/{INSTALLATION}", f"{PACKAGE}.libs"):
        (closed / part).symlink_to(installed / part)
    closed.chmod(0o700)
    monkeypatch.setattr(postgres_binaries, "_site_packages", lambda: closed)
    stranger = Account(uid=65533, gid=65533)
    programs = postgres_binaries.binaries(tmp_path, stranger)
    assert programs.is_relative_to(tmp_path / f"programs-{version_of(PACKAGE)}")
    assert postgres_binaries.binaries(tmp_path, stranger) == programs
    version = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True)
    assert version.stdout.startswith("postgres (PostgreSQL) 18.")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another account")
def test_root_with_a_closed_folder_gets_a_home_the_account_can_reach(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    wanted = tmp_path / "postgres"
    with EmbeddedPostgres(wanted, durable=False) as server:
        assert wanted.is_symlink()
        assert wanted.resolve() == server.home
        assert server.home.stat().st_uid != 0
        assert one(server.admin_url, "SELECT 1") == 1
    shutil.rmtree(server.home)
