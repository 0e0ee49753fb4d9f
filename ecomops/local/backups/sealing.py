"""The file of a backup: two age files (https://age-encryption.org/v1), one after the other.

    ecomops-backup 1 <length of the first, in bytes>\\n
    <age file, encrypted with the passphrase: a one-time age identity>
    <age file, encrypted to that identity: the manifest, then the dump>

age encrypts with a passphrase only what fits into memory; the identity in between is what makes a
backup of any size a stream. Making a key of the passphrase takes about a second and half a GiB.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Protocol

import pyrage

from ecomops.local.backups.errors import BackupError

MAGIC = b"ecomops-backup 1 "
LONGEST_HEADER = 64
LONGEST_KEY = 4096
DAMAGED = "{} is damaged or was cut short. Nothing was changed; use another copy."


class Source(Protocol):
    """What a backup is made of, read piece by piece."""

    def read(self, size: int = -1, /) -> bytes: ...


class Sink(Protocol):
    """Where the contents of a backup go, piece by piece."""

    def write(self, piece: bytes, /) -> int: ...
    def flush(self) -> None: ...


def seal(source: Source, target: BinaryIO, passphrase: str) -> None:
    """Write everything that `source` gives to `target`, encrypted.

    Raises BackupError when reading the source fails.
    """
    identity = pyrage.x25519.Identity.generate()
    key = pyrage.passphrase.encrypt(str(identity).encode(), passphrase)
    target.write(MAGIC + str(len(key)).encode() + b"\n" + key)
    disk = _Disk(target)
    try:
        pyrage.encrypt_io(source, disk, [identity.to_public()])
    except pyrage.EncryptError as error:
        if disk.refused is not None:
            raise disk.refused from None
        raise BackupError(f"The backup could not be written: {error}") from error


class _Disk:
    """Remembers why a write failed, of which pyrage tells no more than the words."""

    def __init__(self, target: BinaryIO) -> None:
        self.refused: OSError | None = None
        self._target = target

    def write(self, piece: bytes, /) -> int:
        try:
            return self._target.write(piece)
        except OSError as error:
            self.refused = error
            raise

    def flush(self) -> None:
        self._target.flush()


class SealedFile:
    """A backup that has been unlocked; its contents can be read several times."""

    def __init__(self, path: Path, passphrase: str) -> None:
        """Raises BackupError when it is no backup, or the passphrase is another one."""
        self.path = path
        with path.open("rb") as stream:
            key = _read_key(stream, path)
            self._begin = stream.tell()
        self._identity = _unlock(key, passphrase, path)

    def pour(self, sink: Sink) -> None:
        """Write the contents to `sink`, each piece checked before it is written.

        Raises BackupError when the file is damaged or has no proper end, which only shows there;
        an OSError of the sink passes.
        """
        with self.path.open("rb") as stream:
            stream.seek(self._begin)
            try:
                pyrage.decrypt_io(stream, sink, [self._identity])
            except (pyrage.DecryptError, OSError) as error:
                # An error of the operating system has a number; age's own have none.
                if isinstance(error, OSError) and error.errno is not None:
                    raise
                raise BackupError(DAMAGED.format(self.path)) from error


def _read_key(stream: BinaryIO, path: Path) -> bytes:
    header = stream.readline(LONGEST_HEADER)
    length = header.removeprefix(MAGIC).strip()
    if not header.startswith(MAGIC) or not length.isdigit() or int(length) > LONGEST_KEY:
        raise BackupError(f"{path} is not a backup that this version of ecomops can read.")
    key = stream.read(int(length))
    if len(key) < int(length):
        raise BackupError(DAMAGED.format(path))
    return key


def _unlock(key: bytes, passphrase: str, path: Path) -> pyrage.x25519.Identity:
    try:
        return pyrage.x25519.Identity.from_str(pyrage.passphrase.decrypt(key, passphrase).decode())
    except pyrage.DecryptError as error:
        raise BackupError(
            f"ECOMOPS_BACKUP_PASSPHRASE does not open {path}: it was made with another one, or "
            "its first bytes are damaged. Nothing was changed."
        ) from error
