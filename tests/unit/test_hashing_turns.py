"""Few passwords are hashed at once, whoever asks; who waits too long is told so."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore, Lock

import pytest
from pydantic import SecretStr

from ecomops.domains.identity import passwords
from ecomops.kit.errors import OperationalError

SECRET = SecretStr("plum tractor violin 88")


class Hasher:
    """Hashes at once; counts how many do at the same time."""

    def __init__(self) -> None:
        self._lock, self._here, self.most = Lock(), 0, 0

    def hash(self, secret: str) -> str:
        with self._lock:
            self._here += 1
            self.most = max(self.most, self._here)
        time.sleep(0.001)
        with self._lock:
            self._here -= 1
        return secret


def test_no_more_than_the_turns_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = Hasher()
    monkeypatch.setattr(passwords, "_context", lambda: hasher)
    with ThreadPoolExecutor(16) as crowd:
        list(crowd.map(lambda _: passwords.hash_password(SECRET), range(200)))
    assert 1 <= hasher.most <= passwords.HASHES_AT_ONCE


def test_who_waits_too_long_is_told_and_nothing_is_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = BoundedSemaphore(1)
    taken.acquire()
    hasher = Hasher()
    monkeypatch.setattr(passwords, "_TURNS", taken)
    monkeypatch.setattr(passwords, "LONGEST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(passwords, "_context", lambda: hasher)
    with pytest.raises(OperationalError, match="signing in"):
        passwords.hash_password(SECRET)
    assert hasher.most == 0
