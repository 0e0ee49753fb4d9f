"""Password rules and hashing (argon2id; bcrypt hashes of other systems verify and are upgraded)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import BoundedSemaphore

from passlib.context import CryptContext
from pydantic import SecretStr
from zxcvbn import zxcvbn

from ecomops.kit.errors import OperationalError
from ecomops.kit.settings import get_settings

SHORTEST, LONGEST = 12, 256
BCRYPT_BYTES = 72
_JUDGED = 72
_GUESSABLE = 1
_UNHASHABLE = re.compile(r"[\x00\ud800-\udfff]")
# A hash takes 64 MiB: this many at once, whoever floods the form.
HASHES_AT_ONCE = 2
LONGEST_WAIT_SECONDS = 10
_TURNS = BoundedSemaphore(HASHES_AT_ONCE)


def weakness(password: SecretStr, related: list[str]) -> str | None:
    """What is wrong with a new password, or None. ``related`` are words of the person's own."""
    value = password.get_secret_value()
    if len(value) < SHORTEST:
        return f"Use at least {SHORTEST} characters."
    if len(value) > LONGEST:
        return f"Use at most {LONGEST} characters."
    if _UNHASHABLE.search(value):
        return "This password holds a character that cannot be kept. Use ordinary ones."
    if len(set(value)) < 5 or zxcvbn(value[:_JUDGED], related)["score"] <= _GUESSABLE:
        return "This password is too easy to guess. Use several unrelated words."
    return None


@lru_cache
def _context() -> CryptContext:
    return CryptContext(
        schemes=["argon2", "bcrypt"],
        deprecated=["bcrypt"],
        argon2__type="ID",
        argon2__memory_cost=get_settings().argon2_memory_kib,
        argon2__time_cost=3,
        argon2__parallelism=1,
    )


@contextmanager
def _a_turn() -> Iterator[None]:
    """One of the few hashes at a time. Raises OperationalError after a long wait."""
    if not _TURNS.acquire(timeout=LONGEST_WAIT_SECONDS):
        raise OperationalError("Many people are signing in. Please try again in a moment.")
    try:
        yield
    finally:
        _TURNS.release()


def hash_password(password: SecretStr) -> str:
    """An argon2id hash in PHC form."""
    with _a_turn():
        return str(_context().hash(password.get_secret_value()))


def _cannot_match(value: str, stored: str) -> bool:
    if len(value) > LONGEST or _UNHASHABLE.search(value):
        return True
    # bcrypt looks at 72 bytes only, and nothing is cut short here to make it fit.
    return stored.startswith("$2") and len(value.encode()) > BCRYPT_BYTES


def verify(password: SecretStr, stored: str | None) -> tuple[bool, str | None]:
    """Whether it is right, and a better hash to store. The same work is done for nobody."""
    value = password.get_secret_value()
    with _a_turn():
        if stored is None or _cannot_match(value, stored):
            _context().dummy_verify()
            return False, None
        right, better = _context().verify_and_update(value, stored)
    return bool(right), better
