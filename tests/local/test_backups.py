"""A backup restored into another, empty server is the same database; nothing else is accepted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import create_engine

from ecomops.kit.settings import Settings
from ecomops.local.backups.errors import BackupError
from ecomops.local.backups.restore import _checked_manifest
from ecomops.local.backups.sealing import SealedFile
from ecomops.local.databases import create_databases
from ecomops.local.postgres import EmbeddedPostgres
from ecomops.local.project import ROOT
from ecomops.local.redis_server import EmbeddedRedis
from ecomops.models.drift import security_drift
from tests.conftest import Workspace
from tests.integration.provider import connect, serve, sync

PASSPHRASE = "a passphrase for the tests"
Servers = tuple[EmbeddedPostgres, EmbeddedRedis]

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Machine:
    """A PostgreSQL, and our commands on it."""

    server: EmbeddedPostgres
    folder: Path

    def url(self, role: str = "postgres") -> str:
        passwords = {
            "postgres": self.server.password,
            "ecomops_owner": "owner-password",
            "ecomops_app": "app-password",
        }
        return self.server.url(role, passwords[role], "ecomops")

    def run(self, *command: str, **changes: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.defpath,
            "ECOMOPS_ENV": "test",
            "ECOMOPS_DATA_DIR": str(self.folder),
            "ECOMOPS_BACKUP_PASSPHRASE": PASSPHRASE,
            "DATABASE_ADMIN_URL": self.server.admin_url,
            "DATABASE_OWNER_URL": self.url("ecomops_owner"),
            "DATABASE_URL": self.url("ecomops_app"),
        }
        return subprocess.run(
            [sys.executable, "-m", "ecomops", *command],
            cwd=ROOT, env=environment | changes, capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    def refuses(self, *command: str, **changes: str) -> str:
        done = self.run(*command, **changes)
        assert done.returncode == 1, done.stdout
        assert "Traceback" not in done.stderr
        return done.stderr.removeprefix("Error: ").strip()

    def databases(self) -> set[str]:
        with psycopg.connect(self.server.admin_url) as admin:
            return {name for (name,) in admin.execute("SELECT datname FROM pg_database")}


def rows(url: str, query: str | sql.Composed) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        statement = query.encode() if isinstance(query, str) else query
        return connection.execute(statement).fetchall()


def everything(url: str) -> dict[str, list[str]]:
    """All rows of all tables as text, in order."""
    tables = rows(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    query = sql.SQL("SELECT whole::text FROM {} AS whole ORDER BY 1")
    return {
        table: [text for (text,) in rows(url, query.format(sql.Identifier(table)))]
        for (table,) in tables
    }


STRUCTURE = {
    "owners and grants": "SELECT relname, relowner::regrole::text, relacl::text, relrowsecurity,"
    " relforcerowsecurity FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1",
    "policies": "SELECT * FROM pg_policies ORDER BY tablename, policyname",
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
    " FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
    "triggers": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
    "functions": "SELECT pg_get_functiondef(oid), proowner::regrole::text, proacl::text"
    " FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
    "rights on the database": "SELECT datdba::regrole::text, datacl::text FROM pg_database"
    " WHERE datname = 'ecomops'",
}  # fmt: skip


@pytest.fixture(scope="module")
def workspace(runtime_started: None, settings: Settings) -> Workspace:
    """A workspace that was synced."""
    from ecomops.kit.settings import get_settings
    from tests.conftest import make_workspace

    made = make_workspace()
    with serve(days=12, orders_per_day=6) as sandbox, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECOMOPS_SANDBOX_PORT", str(sandbox.port))
        get_settings.cache_clear()
        assert sync(made.ctx, connect(made.ctx, sandbox.api_key)).status == "completed"
    get_settings.cache_clear()
    return made


@pytest.fixture(scope="module")
def origin(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine(servers[0], tmp_path_factory.mktemp("origin"))


@pytest.fixture(scope="module")
def file(origin: Machine, workspace: Workspace) -> Path:
    """A backup of the synced workspace."""
    path = origin.folder / "ecomops.age"
    done = origin.run("backup", str(path))
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(rf"{path}: \d+ rows of \d+ tables, schema \w+, \d+ bytes\n", done.stdout)
    return path


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Another server, on which nothing was ever made."""
    with EmbeddedPostgres.temporary() as server:
        yield Machine(server, tmp_path_factory.mktemp("empty"))


@pytest.fixture(scope="module")
def restored(empty: Machine, file: Path) -> Machine:
    """The other server, after the restore."""
    done = empty.run("restore", str(file))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    assert "all equal to what was backed up" in done.stdout
    return empty


def flipped(file: Path, position: int) -> bytes:
    content = bytearray(file.read_bytes())
    content[position] ^= 1
    return bytes(content)


# Before the restore, on the empty server: each refusal leaves it as empty as it was.


def test_a_wrong_passphrase_is_said_in_a_sentence(empty: Machine, file: Path) -> None:
    told = empty.refuses("restore", str(file), ECOMOPS_BACKUP_PASSPHRASE="not this one at all")
    assert told.startswith("ECOMOPS_BACKUP_PASSPHRASE does not open")
    assert empty.databases() == {"postgres", "template0", "template1"}


@pytest.mark.parametrize("kept", ["all but a byte", "half", "a hundred bytes"])
def test_a_truncated_file_is_refused(empty: Machine, file: Path, tmp_path: Path, kept: str) -> None:
    content = file.read_bytes()
    sizes = {"all but a byte": -1, "half": len(content) // 2, "a hundred bytes": 100}
    cut = tmp_path / "cut.age"
    cut.write_bytes(content[: sizes[kept]])
    assert "damaged or was cut short" in empty.refuses("restore", str(cut))
    assert empty.databases() == {"postgres", "template0", "template1"}


def test_a_changed_byte_is_noticed(empty: Machine, file: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed.age"
    changed.write_bytes(flipped(file, file.stat().st_size // 2))
    assert "damaged or was cut short" in empty.refuses("restore", str(changed))
    assert empty.databases() == {"postgres", "template0", "template1"}


def test_another_file_is_no_backup(empty: Machine, tmp_path: Path) -> None:
    other = tmp_path / "other.age"
    other.write_text("age-encryption.org/v1\n")
    assert "is not a backup" in empty.refuses("restore", str(other))


def test_a_backup_of_a_newer_schema_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecomops.local.backups.restore.known_revisions", lambda: {"", "0001"})
    with pytest.raises(BackupError, match=r"newer ecomops \(schema 0\d+, of .*Nothing was changed"):
        _checked_manifest(SealedFile(file, PASSPHRASE))


# And then the restore itself.


def test_every_row_of_every_table_is_there(origin: Machine, restored: Machine) -> None:
    before, after = everything(origin.url()), everything(restored.url())
    assert before.keys() == after.keys()
    assert {name for name in before if before[name] != after[name]} == set()
    assert len(before["payments"]) > 20
    assert len(before["audit_events"]) > 3


@pytest.mark.parametrize("what", STRUCTURE)
def test_the_structure_is_the_same(origin: Machine, restored: Machine, what: str) -> None:
    before, after = rows(origin.url(), STRUCTURE[what]), rows(restored.url(), STRUCTURE[what])
    assert [plain(row) for row in before] == [plain(row) for row in after]
    assert before or what in ("triggers", "functions")


def plain(row: tuple[Any, ...]) -> str:
    """Without casts: PostgreSQL writes a list of words down in another way than it reads it."""
    return re.sub(r"::(text|character varying)(\[\])?|[()]", "", str(row))


def test_row_level_security_is_what_the_models_say(restored: Machine) -> None:
    engine = create_engine(restored.url().replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        assert security_drift(connection) == []
    engine.dispose()


def test_the_application_works_there_and_row_level_security_binds_it(
    origin: Machine, restored: Machine, workspace: Workspace
) -> None:
    count = "SELECT count(*) FROM payments"
    with psycopg.connect(restored.url("ecomops_app")) as app:
        assert app.execute(count).fetchone() == (0,)
        tenant = str(workspace.ctx.tenant)
        app.execute("SELECT set_config('app.current_tenant_id', %s, true)", [tenant])
        ((seen,),) = app.execute(count).fetchall()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("DELETE FROM audit_events")
    own = f"{count} WHERE tenant_id = '{tenant}'"
    assert [(seen,)] == rows(origin.url(), own)
    assert seen > 20


def test_migrate_finds_it_current(restored: Machine) -> None:
    done = restored.run("migrate")
    assert done.returncode == 0, done.stderr


def test_a_database_with_rows_is_never_replaced(restored: Machine, file: Path) -> None:
    before = everything(restored.url())
    assert "is not empty" in restored.refuses("restore", str(file))
    assert everything(restored.url()) == before


def test_our_empty_schema_counts_as_empty(file: Path, folder: Path) -> None:
    with EmbeddedPostgres.temporary() as server:
        machine = Machine(server, folder)
        assert machine.run("migrate").returncode == 0
        with psycopg.connect(machine.url("ecomops_app")) as user:
            user.execute("SELECT 1")
            assert "is in use: stop ecomops first" in machine.refuses("restore", str(file))
        assert machine.databases() == {"postgres", "template0", "template1", "ecomops"}
        done = machine.run("restore", str(file))
        assert done.returncode == 0, done.stderr


def test_somebody_elses_database_is_not_touched(folder: Path, file: Path) -> None:
    with EmbeddedPostgres.temporary() as server:
        machine = Machine(server, folder)
        create_databases(server.admin_url, "ecomops", "owner-password", "app-password")
        with psycopg.connect(machine.url()) as admin:
            admin.execute("CREATE TABLE theirs (n int)")
        assert "is not empty" in machine.refuses("restore", str(file))
        assert rows(machine.url(), "SELECT count(*) FROM theirs") == [(0,)]


# Making one.


def test_a_backup_is_private_and_tells_nothing(file: Path, workspace: Workspace) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    content = file.read_bytes()
    assert workspace.slug.encode() not in content
    assert b"PGDMP" not in content
    assert [entry.name for entry in file.parent.iterdir() if "ecomops.age" in entry.name] == [
        file.name
    ]


def test_a_backup_never_replaces_a_file(origin: Machine, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("something else")
    assert "exists already" in origin.refuses("backup", str(kept))
    assert kept.read_text() == "something else"


def test_a_weak_or_missing_passphrase_is_refused(origin: Machine, tmp_path: Path) -> None:
    for passphrase in ("", "short"):
        told = origin.refuses("backup", str(tmp_path / "new"), ECOMOPS_BACKUP_PASSPHRASE=passphrase)
        assert told.startswith("ECOMOPS_BACKUP_PASSPHRASE must be set")


def test_a_role_that_does_not_see_all_rows_is_refused(origin: Machine, tmp_path: Path) -> None:
    told = origin.refuses(
        "backup", str(tmp_path / "new"), DATABASE_ADMIN_URL=origin.url("ecomops_owner")
    )
    assert "does not see all rows" in told
    assert list(tmp_path.iterdir()) == []


def test_a_server_of_ones_own_needs_its_administrator(origin: Machine, tmp_path: Path) -> None:
    told = origin.refuses("backup", str(tmp_path / "new"), DATABASE_ADMIN_URL="")
    assert told.startswith("DATABASE_ADMIN_URL is not set")


def test_a_full_disk_leaves_no_half_backup(
    origin: Machine, tmp_path: Path, workspace: Workspace
) -> None:
    limited = (
        "import resource, runpy, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192));"
        "sys.argv = ['ecomops', 'backup', sys.argv[1]];"
        "runpy.run_module('ecomops', None, '__main__')"
    )  # fmt: skip
    environment = {
        "PATH": os.defpath, "ECOMOPS_ENV": "test", "ECOMOPS_BACKUP_PASSPHRASE": PASSPHRASE,
        "DATABASE_ADMIN_URL": origin.server.admin_url,
        "DATABASE_OWNER_URL": origin.url("ecomops_owner"),
        "DATABASE_URL": origin.url("ecomops_app"),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-B", "-c", limited, str(tmp_path / "new")],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "No room" in done.stderr
    assert list(tmp_path.iterdir()) == []


# The embedded server, which nobody started.


def test_the_stack_of_one_machine_is_backed_up_and_restored_while_it_is_down(
    folder: Path, file: Path
) -> None:
    def own(data: str, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.defpath, "ECOMOPS_DATA_DIR": str(folder / data)}
        return subprocess.run(
            [sys.executable, "-m", "ecomops", *command],
            cwd=ROOT, env=environment | more, capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    none = own("first", "backup", "own.age", ECOMOPS_BACKUP_PASSPHRASE=PASSPHRASE)
    assert none.returncode == 1
    assert "There is no database in" in none.stderr
    filled = own("first", "restore", str(file), ECOMOPS_BACKUP_PASSPHRASE=PASSPHRASE)
    assert filled.returncode == 0, filled.stderr
    made = own("first", "backup", str(folder / "own.age"))
    assert made.returncode == 0, made.stderr
    kept = (folder / "first" / "local.env").read_text()
    passphrase = re.search(r"^ECOMOPS_BACKUP_PASSPHRASE=(.+)$", kept, re.MULTILINE)
    assert passphrase is not None
    again = own(
        "second", "restore", str(folder / "own.age"), ECOMOPS_BACKUP_PASSPHRASE=passphrase[1]
    )
    assert again.returncode == 0, again.stderr
    assert re.sub("as of .*: ", "", again.stdout) == re.sub("as of .*: ", "", filled.stdout)
