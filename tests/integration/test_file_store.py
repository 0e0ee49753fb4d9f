"""Files by key, on the disk and in a bucket: the same promises."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine

from ecomops import runtime
from ecomops.domains.exports.service import open_download, start_export
from ecomops.domains.tables.schemas import Export, TableQuery
from ecomops.kit.settings import Settings, get_settings, load_settings
from ecomops.operations import file_store as stores
from ecomops.operations.export_expiry import delete_export
from ecomops.operations.file_store import FileStoreError, FolderStore, drafting, file_store
from tests.conftest import Workspace
from tests.integration.buckets import BucketServer, bucket_server
from tests.integration.provider import connect, work
from tests.integration.rows import KEY, START, add_payments

THREE_PARTS = random.Random(7).randbytes(stores.PART * 2 + 12_345)


@pytest.fixture(scope="module")
def buckets() -> Iterator[BucketServer]:
    with bucket_server() as server:
        yield server


@pytest.fixture(params=["folder", "bucket"])
def place(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
) -> Iterator[Settings]:
    """Settings that lead to a store of the test's own."""
    monkeypatch.setenv("ECOMOPS_DATA_DIR", str(tmp_path))
    if request.param == "bucket":
        server: BucketServer = request.getfixturevalue("buckets")
        for name, value in server.settings.items():
            monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    yield get_settings()
    monkeypatch.undo()
    get_settings.cache_clear()


def test_what_is_kept_is_read_and_removed(place: Settings) -> None:
    store = file_store(place)
    for data in (b"", b"one line\r\n", THREE_PARTS):
        with drafting(place) as folder:
            draft = folder / "draft"
            draft.write_bytes(data)
            store.keep("tenant/key", draft)
        assert b"".join(store.read("tenant/key")) == data
    for _ in range(2):
        store.remove("tenant/key")
    with pytest.raises(FileStoreError):
        next(store.read("tenant/key"))


def test_an_export_goes_through_the_store_that_is_set(
    place: Settings, workspace: Workspace, admin_engine: Engine, request: pytest.FixtureRequest
) -> None:
    add_payments(admin_engine, workspace, connect(workspace.ctx, KEY), [START] * 12)
    started = runtime.run(workspace.ctx, start_export, Export(TableQuery("payments")))
    assert work(workspace.ctx, started.job_id) == "completed"
    file = runtime.run(workspace.ctx, open_download, started.export_id)
    data = b"".join(file_store(place).read(file.key))
    assert data.count(b"\r\n") == 13
    if place.export_storage:
        server: BucketServer = request.getfixturevalue("buckets")
        assert server.names() == [f"nightly/exports/{file.key}"]
        assert [one for one in stores.folder_of(place).rglob("*") if one.is_file()] == []
    delete_export(workspace.ctx, started.export_id)
    if place.export_storage:
        assert server.names() == []


def test_a_bucket_that_cannot_be_reached_or_refuses_says_so(
    buckets: BucketServer, monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> None:
    draft = tmp_path / "draft"
    draft.write_bytes(b"x")
    wrong = (
        {"ECOMOPS_S3_ENDPOINT": "http://127.0.0.1:9"},
        {"ECOMOPS_EXPORT_STORAGE": "s3://nobodys"},
    )
    monkeypatch.setattr(stores, "ATTEMPTS", 0)
    for change in wrong:
        for name, value in (buckets.settings | change).items():
            monkeypatch.setenv(name, value)
        store = file_store(load_settings())
        with pytest.raises(FileStoreError) as error:
            store.keep("a/b", draft)
        assert "secret" not in f"{error.value} {error.value.detail}"
        assert draft.exists(), "what is not kept is not removed"


def test_a_draft_is_gone_whatever_happens(place: Settings) -> None:
    with suppress(RuntimeError), drafting(place) as folder:
        (folder / "draft").write_text("half")
        raise RuntimeError
    assert list((stores.folder_of(place) / stores.DRAFTS).iterdir()) == []


def test_a_full_disk_is_told_as_such(place: Settings) -> None:
    with pytest.raises(FileStoreError, match="no room"), drafting(place):
        raise OSError(28, "No space left on device")


def test_a_file_on_the_disk_appears_whole(tmp_path: Path) -> None:
    store, draft = FolderStore(tmp_path / "files"), tmp_path / "draft"
    draft.write_bytes(THREE_PARTS)
    store.keep("t/k", draft)
    assert not draft.exists()
    digest = hashlib.sha256(b"".join(store.read("t/k"))).digest()
    assert digest == hashlib.sha256(THREE_PARTS).digest()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ECOMOPS_EXPORT_STORAGE", "file:///tmp"),
        ("ECOMOPS_EXPORT_STORAGE", "s3://"),
        ("ECOMOPS_EXPORT_STORAGE", "s3://bucket/../other"),
        ("ECOMOPS_EXPORT_STORAGE", "s3://Bucket"),
        ("ECOMOPS_S3_ENDPOINT", "s3.example.com"),
        ("ECOMOPS_S3_ENDPOINT", "ftp://s3.example.com"),
        ("ECOMOPS_S3_ENDPOINT", "https://s3.example.com/path"),
        ("ECOMOPS_S3_SECRET_KEY", ""),
    ],
)
def test_settings_that_make_no_sense_are_refused(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, name: str, value: str
) -> None:
    for key, good in BucketServer("http://127.0.0.1:9").settings.items():
        monkeypatch.setenv(key, good)
    load_settings()
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as error:
        load_settings()
    assert "secret-key-of-tests" not in str(error.value)
