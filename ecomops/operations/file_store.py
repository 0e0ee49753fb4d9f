"""Where prepared files are kept: on this machine's disk, or in a bucket that speaks S3.

A file is put there when it is whole, under a key that cannot be guessed: nobody sees half a file.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.error import MinioException

from ecomops.kit.errors import OperationalError
from ecomops.kit.settings import Settings

CHUNK = 256 * 1024
PART = 8 * 1024 * 1024
PATIENCE = urllib3.Timeout(connect=5, read=60)
ATTEMPTS = 2
DRAFTS = "drafts"
LONGEST_DRAFT = 24 * 3600  # seconds, several times as long as any job lasts


class FileStoreError(OperationalError):
    """Files cannot be kept, or not be fetched. It may work in a while."""

    code = "file_store"


class FileStore(Protocol):
    """Files by key. All of it raises FileStoreError."""

    def keep(self, key: str, draft: Path) -> None:
        """Move a finished draft into the store."""

    def read(self, key: str) -> Iterator[bytes]:
        """The file in chunks."""

    def remove(self, key: str) -> None:
        """Remove the file, if it is there."""


def file_store(settings: Settings) -> FileStore:
    """The store that the settings name."""
    if settings.export_storage:
        return BucketStore(settings)
    return FolderStore(folder_of(settings))


def folder_of(settings: Settings) -> Path:
    """Where exports are on this machine's disk; with a bucket, drafts alone."""
    return settings.data_dir / "exports"


@contextmanager
def drafting(settings: Settings) -> Iterator[Path]:
    """A folder for one file that is being written; gone afterwards, whatever happens.

    What a killed worker left behind goes as well, once nobody can be writing it any more.
    """
    with _told("There is no room to write the file, or no right to."):
        drafts = folder_of(settings) / DRAFTS
        drafts.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in drafts.iterdir():
            with suppress(FileNotFoundError):  # another worker has just finished it
                if left.stat().st_mtime < time.time() - LONGEST_DRAFT:
                    shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=drafts) as folder:
            yield Path(folder)


class FolderStore:
    """Files on this machine's disk that only our account may read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, key: str, draft: Path) -> None:
        """Move the draft here in one step, on the disk before it has its name."""
        with _told("The file could not be kept."):
            path = self._folder / key
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft.chmod(0o600)
            with draft.open("rb") as file:
                os.fsync(file.fileno())
            draft.replace(path)

    def read(self, key: str) -> Iterator[bytes]:
        """The file in chunks."""
        with _told("The file could not be read."), (self._folder / key).open("rb") as file:
            while data := file.read(CHUNK):
                yield data

    def remove(self, key: str) -> None:
        """Remove the file, if it is there."""
        with _told("The file could not be removed."):
            (self._folder / key).unlink(missing_ok=True)


class BucketStore:
    """Files in a bucket that speaks S3; ``ECOMOPS_EXPORT_STORAGE`` is ``s3://bucket/prefix``."""

    def __init__(self, settings: Settings) -> None:
        endpoint, place = urlsplit(settings.s3_endpoint), urlsplit(settings.export_storage)
        self._bucket, self._prefix = place.netloc, place.path.strip("/")
        self._client = Minio(
            endpoint=endpoint.netloc,
            access_key=settings.s3_access_key.get_secret_value(),
            secret_key=settings.s3_secret_key.get_secret_value(),
            secure=endpoint.scheme == "https",
            region=settings.s3_region or None,
            http_client=urllib3.PoolManager(timeout=PATIENCE, retries=urllib3.Retry(ATTEMPTS)),
        )

    def keep(self, key: str, draft: Path) -> None:
        """Put the draft there; nobody sees it before all its parts have arrived."""
        with _told("The file could not be put into the bucket."):
            self._client.fput_object(
                bucket_name=self._bucket, object_name=self._name(key), file_path=str(draft),
                part_size=PART, num_parallel_uploads=1,
            )  # fmt: skip
            draft.unlink()

    def read(self, key: str) -> Iterator[bytes]:
        """The file in chunks."""
        with _told("The file could not be fetched from the bucket."):
            answer = self._client.get_object(bucket_name=self._bucket, object_name=self._name(key))
            try:
                yield from answer.stream(CHUNK)
            finally:
                answer.close()
                answer.release_conn()

    def remove(self, key: str) -> None:
        """Remove the file, if it is there."""
        with _told("The file could not be removed from the bucket."):
            self._client.remove_object(bucket_name=self._bucket, object_name=self._name(key))

    def _name(self, key: str) -> str:
        return f"{self._prefix}/{key}" if self._prefix else key


@contextmanager
def _told(message: str) -> Iterator[None]:
    try:
        yield
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
        raise FileStoreError(f"{message} Try again later.", detail=str(error)) from error
