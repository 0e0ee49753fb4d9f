"""Writes the whole database, as it is at one moment, into one encrypted file."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import psycopg

from ecomops.kit.settings import Settings
from ecomops.local.backups.errors import BackupError
from ecomops.local.backups.manifest import Connection, Manifest, take
from ecomops.local.backups.sealing import Source, seal
from ecomops.local.backups.server import Server, administered
from ecomops.local.backups.tools import destination, tool

SHORTEST_PASSPHRASE = 16


def backup(settings: Settings, file: Path) -> Manifest:
    """Back the database up into `file`, which appears whole or not at all; it must not exist.

    People may go on working meanwhile. Memory does not grow with the database. Raises BackupError.
    """
    passphrase = settings.backup_passphrase.get_secret_value()
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise BackupError(
            f"ECOMOPS_BACKUP_PASSPHRASE must be set, to at least {SHORTEST_PASSPHRASE} characters: "
            "backups are encrypted with it."
        )
    _refuse_to_overwrite(file)
    with administered(settings) as server:
        server.require_all_rows()
        with _appearing(file) as draft, _one_moment(server) as (manifest, snapshot):
            _seal_dump(server, manifest, snapshot, draft, passphrase)
    return manifest


class _Contents:
    """The manifest's line, then what pg_dump writes."""

    def __init__(self, manifest: Manifest, dump: Source) -> None:
        self._head = manifest.to_json().encode() + b"\n"
        self._dump = dump

    def read(self, size: int = -1, /) -> bytes:
        if self._head:
            piece, self._head = self._head[:size], self._head[size:]
            return piece
        return self._dump.read(size)


@contextmanager
def _one_moment(server: Server) -> Iterator[tuple[Manifest, str]]:
    """The manifest, and the name of the snapshot it was taken in, while that can be joined."""
    with psycopg.connect(server.url_of(server.name)) as database:
        database.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        database.read_only = True
        database.execute("SET idle_in_transaction_session_timeout = 0")
        yield take(database, datetime.now(UTC).isoformat(timespec="seconds")), _export(database)


def _export(database: Connection) -> str:
    ((snapshot,),) = database.execute("SELECT pg_export_snapshot()").fetchall()
    return str(snapshot)


def _seal_dump(
    server: Server, manifest: Manifest, snapshot: str, draft: BinaryIO, passphrase: str
) -> None:
    where, environment = destination(server.url_of(server.name))
    command: list[str | Path] = [
        *(tool("pg_dump", manifest.server_major), "--dbname", where, "--snapshot", snapshot),
        *("--format=custom", "--compress=gzip:3", "--no-password"),
    ]
    with tempfile.TemporaryFile() as complaints:
        dump = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=complaints)
        assert dump.stdout is not None
        try:
            seal(_Contents(manifest, dump.stdout), draft, passphrase)
        finally:
            dump.stdout.close()
            code = dump.wait()
        if code != 0:
            complaints.seek(0)
            raise BackupError(f"pg_dump failed: {complaints.read().decode(errors='replace')}")


@contextmanager
def _appearing(file: Path) -> Iterator[BinaryIO]:
    """A file beside `file` that takes its name once all of it is on the disk."""
    descriptor, name = tempfile.mkstemp(dir=file.absolute().parent, prefix=f".{file.name}.")
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        _refuse_to_overwrite(file)
        draft.rename(file)
        _sync_folder(file.absolute().parent)
    finally:
        draft.unlink(missing_ok=True)


def _refuse_to_overwrite(file: Path) -> None:
    if file.exists():
        raise BackupError(f"{file} exists already. A backup never replaces a file: name another.")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
