"""Password rules and hashing (argon2id; bcrypt hashes of other systems verify and are upgraded)."""

from functools import lru_cache

from passlib.context import CryptContext
from pydantic import SecretStr
from zxcvbn import zxcvbn

from ecomops.kit.settings import get_settings

SHORTEST, LONGEST = 12, 256
_JUDGED = 72
_GUESSABLE = 1


def weakness(password: SecretStr, related: list[str]) -> str | None:
    """What is wrong with a new password, or None. ``related`` are words of the person's own."""
    value = password.get_secret_value()
    if len(value) < SHORTEST:
        return f"Use at least {SHORTEST} characters."
    if len(value) > LONGEST:
        return f"Use at most {LONGEST} characters."
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


def hash_password(password: SecretStr) -> str:
    """An argon2id hash in PHC form."""
    return str(_context().hash(password.get_secret_value()))


def verify(password: SecretStr, stored: str | None) -> tuple[bool, str | None]:
    """Whether it is right, and a better hash to store. The same work is done for nobody."""
    value = password.get_secret_value()
    if stored is None or len(value) > LONGEST:
        _context().dummy_verify()
        return False, None
    right, better = _context().verify_and_update(value, stored)
    return bool(right), better
