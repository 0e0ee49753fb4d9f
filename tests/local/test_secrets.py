"""What the local stack keeps on disk: private, whole, and never made anew."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.fernet import Fernet

from ecomops.local.errors import AlreadyRunningError
from ecomops.local.local_env import (
    NAME,
    database_passwords,
    ensure_keys,
    is_given,
    read_local_env,
    update_local_env,
)
from ecomops.local.private_files import kept_secret, sole_owner, write_private
from ecomops.local.sign_ins import SignIn, keep_sign_ins, kept_sign_ins


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_keys_are_made_once_and_readable_by_the_owner_alone(tmp_path: Path) -> None:
    ensure_keys(tmp_path)
    first = read_local_env(tmp_path)
    ensure_keys(tmp_path)
    assert read_local_env(tmp_path) == first
    assert mode(tmp_path / NAME) == 0o600
    Fernet(first["ECOMOPS_ENCRYPTION_KEYS"])
    assert len(first["ECOMOPS_SECRET_KEY"]) >= 32


def test_a_new_value_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    update_local_env(tmp_path, {"A": "1", "B": "x=y#z$HOME"})
    update_local_env(tmp_path, {"A": "2"})
    assert read_local_env(tmp_path) == {"A": "2", "B": "x=y#z$HOME"}
    assert mode(tmp_path / NAME) == 0o600


def test_role_passwords_are_those_in_the_urls(tmp_path: Path) -> None:
    fresh = database_passwords(tmp_path)
    assert fresh.owner != fresh.app
    update_local_env(
        tmp_path,
        {
            "DATABASE_URL": f"postgresql://ecomops_app:{quote('a/b', safe='')}@127.0.0.1:1/x",
            "DATABASE_OWNER_URL": "postgresql://ecomops_owner:owner@127.0.0.1:1/x",
        },
    )
    kept = database_passwords(tmp_path)
    assert (kept.app, kept.owner) == ("a/b", "owner")


def test_a_setting_counts_as_given_in_the_environment_or_in_dotenv(tmp_path: Path) -> None:
    assert not is_given("REDIS_URL", tmp_path, {})
    assert is_given("REDIS_URL", tmp_path, {"REDIS_URL": "redis://elsewhere"})
    (tmp_path / ".env").write_text("REDIS_URL=redis://elsewhere\n")
    assert is_given("REDIS_URL", tmp_path, {})


def test_a_private_file_is_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret"
    write_private(path, "old")

    def disk_full(_descriptor: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(OSError, match="no space"):
        write_private(path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret"]


def test_a_kept_secret_is_made_once(tmp_path: Path) -> None:
    first = kept_secret(tmp_path / "password")
    assert kept_secret(tmp_path / "password") == first
    assert mode(tmp_path / "password") == 0o600


def test_demo_sign_ins_are_kept_privately(tmp_path: Path) -> None:
    people = [SignIn("controller", "c@demo.test", "one"), SignIn("approver", "a@demo.test", "two")]
    assert kept_sign_ins(tmp_path) == []
    keep_sign_ins(tmp_path, people)
    assert kept_sign_ins(tmp_path) == people
    assert mode(tmp_path / "demo.json") == 0o600


def _hold(lock: Path, held: Any, release: Any) -> None:
    with sole_owner(lock, "ecomops"):
        held.set()
        release.wait(10)


def test_a_second_stack_on_the_same_data_is_refused_by_name(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    held, release = context.Event(), context.Event()
    lock = tmp_path / "up.lock"
    other = context.Process(target=_hold, args=(lock, held, release))
    other.start()
    try:
        assert held.wait(10)
        with (
            pytest.raises(AlreadyRunningError, match=f"process {other.pid}"),
            sole_owner(lock, "ecomops"),
        ):
            pass
    finally:
        release.set()
        other.join()
    with sole_owner(lock, "ecomops"):
        assert lock.read_text() == f"{os.getpid()}\n"
