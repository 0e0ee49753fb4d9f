"""Fills an empty server from a backup: all of it, compared with what was backed up, or nothing."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from ecomops.kit.settings import Settings
from ecomops.local.backups.errors import BackupError
from ecomops.local.backups.manifest import Manifest, take
from ecomops.local.backups.sealing import DAMAGED, SealedFile, Sink
from ecomops.local.backups.server import Server, administered
from ecomops.local.backups.tools import destination, tool
from ecomops.local.migrations import known_revisions

LONGEST_MANIFEST = 1_000_000
DRAFT = "{}_restoring"


def restore(settings: Settings, file: Path) -> Manifest:
    """Restore the backup in `file`; returns the manifest that the database was found equal to.

    The rows go into a database of another name, which takes the right one only after it was
    compared: until then nothing is changed. Raises BackupError.
    """
    passphrase = settings.backup_passphrase.get_secret_value()
    if not passphrase:
        raise BackupError("ECOMOPS_BACKUP_PASSPHRASE must be set to the one of the backup.")
    sealed = SealedFile(file, passphrase)
    manifest = _checked_manifest(sealed)
    with administered(settings, create=True) as server:
        server.require_all_rows()
        _require_empty(server)
        with _draft(server) as draft:
            _fill(server, draft, sealed, manifest)
            _compare(server, draft, manifest)
            _take_the_name(server, draft)
    return manifest


class _Contents:
    """Takes the contents of a backup in: the manifest is kept, the dump goes on to `dump`."""

    def __init__(self, dump: Sink | None = None) -> None:
        self.line = b""
        self._dump = dump

    def write(self, piece: bytes, /) -> int:
        size = len(piece)
        if not self.line.endswith(b"\n"):
            head, end, piece = piece.partition(b"\n")
            self.line += head + end
            if len(self.line) > LONGEST_MANIFEST:
                raise BackupError("The backup begins with no manifest.")
        if self._dump is not None and piece:
            self._dump.write(piece)
        return size

    def flush(self) -> None:
        if self._dump is not None:
            self._dump.flush()


def _checked_manifest(sealed: SealedFile) -> Manifest:
    """Read the backup to its end, so that a damaged one is refused before anything is done."""
    contents = _Contents()
    sealed.pour(contents)
    try:
        manifest = Manifest.from_json(contents.line.decode())
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError(DAMAGED.format(sealed.path)) from error
    if manifest.revision not in known_revisions():
        raise BackupError(
            f"{sealed.path} was made by a newer ecomops (schema {manifest.revision}, of "
            f"{manifest.made_at}). Restore it with that version. Nothing was changed."
        )
    return manifest


def _require_empty(server: Server) -> None:
    with server.connect("postgres") as admin:
        exists = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [server.name])
        if not exists.fetchone():
            return
    with psycopg.connect(server.url_of(server.name)) as database:
        found = take(database, made_at="")
    used = [name for name, content in found.tables.items() if content.rows]
    ours = not found.tables or (found.revision and found.revision in known_revisions())
    if not ours or used not in ([], ["alembic_version"]):
        raise BackupError(
            f"The database {server.name} is not empty ({found.rows} rows in {len(found.tables)} "
            "tables). A backup is restored into an empty one only: choose another server or "
            "ECOMOPS_DATA_DIR. Nothing was changed."
        )


@contextmanager
def _draft(server: Server) -> Iterator[str]:
    name = DRAFT.format(server.name)
    remove = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with server.connect("postgres") as admin:
        # Held until all is done: two that restore at once must not share the draft.
        admin.execute("SELECT pg_advisory_lock(hashtext('ecomops.restore'))")
        admin.execute(remove)
        try:
            server.create(name)
            yield name
        finally:
            admin.execute(remove)


def _fill(server: Server, draft: str, sealed: SealedFile, manifest: Manifest) -> None:
    where, environment = destination(server.url_of(draft))
    with server.connect(draft) as database:
        major = database.info.server_version // 10000
    if major < manifest.server_major:
        raise BackupError(
            f"The backup is of PostgreSQL {manifest.server_major} and this server is {major}. "
            f"Restore into version {manifest.server_major} or newer. Nothing was changed."
        )
    program = tool("pg_restore", major)
    command: list[str | Path] = [program, "--dbname", where, "--exit-on-error", "--no-password"]
    with tempfile.TemporaryFile() as complaints:
        load = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stderr=complaints)
        assert load.stdin is not None
        try:
            with load.stdin as dump:
                sealed.pour(_Contents(dump))
        except BrokenPipeError:
            pass  # it has ended, and says why
        except BaseException:
            load.kill()
            raise
        finally:
            code = load.wait()
        if code != 0:
            complaints.seek(0)
            raise BackupError(f"pg_restore failed: {complaints.read().decode(errors='replace')}")


def _compare(server: Server, draft: str, manifest: Manifest) -> None:
    with psycopg.connect(server.url_of(draft)) as database:
        differences = take(database, manifest.made_at).differences(manifest)
    if differences:
        raise BackupError(
            f"What was restored differs from the backup in {', '.join(differences)}. "
            "Nothing was changed."
        )
    with server.connect(draft) as database:
        database.execute("ANALYZE")


def _take_the_name(server: Server, draft: str) -> None:
    old, new = sql.Identifier(server.name), sql.Identifier(draft)
    with server.connect("postgres") as admin:
        try:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(old))
        except psycopg.errors.ObjectInUse as error:
            raise BackupError(
                f"The database {server.name} is in use: stop ecomops first. Nothing was changed."
            ) from error
        admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(new, old))
