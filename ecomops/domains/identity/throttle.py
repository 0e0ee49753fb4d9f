"""Brakes on guessing passwords: counted in the database, so that all web servers share them.

Only keyed hashes of e-mail and address are kept. Somebody who does not exist is counted like
anybody else, so the answer tells nothing. An attempt counts as a failure from its first moment
and holds its counters until it is decided: guesses sent at once wait for each other.
"""

import hmac
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlmodel import Session

from ecomops.domains.identity.errors import TooManyAttemptsError
from ecomops.kit.settings import get_settings

WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Limit:
    """``failures`` within a quarter of an hour lock ``what`` for the next one."""

    what: str
    failures: int


# The pair is what a person mistyping runs into. The others brake somebody who uses many addresses
# on one account, or one address on many accounts. Always counted in this order: no deadlock.
LIMITS = (Limit("pair", 5), Limit("account", 25), Limit("address", 100))

_COUNT = text(
    "INSERT INTO sign_in_failures AS f (key_hash, failures, since) VALUES (:key, 1, now())"
    " ON CONFLICT (key_hash) DO UPDATE SET"
    " failures = CASE WHEN f.since < now() - :window THEN 1 ELSE f.failures + 1 END,"
    " since = CASE WHEN f.since < now() - :window THEN now() ELSE f.since END"
    " RETURNING failures, coalesce(locked_until > now(), false) AS locked"
)
_LOCK = text(
    "UPDATE sign_in_failures SET locked_until = now() + :window, since = now()"
    " WHERE key_hash = :key"
)
_FORGIVE = text(
    "UPDATE sign_in_failures SET failures = greatest(failures - 1, 0), locked_until = NULL"
    " WHERE key_hash = :key"
)
_FORGET = text("DELETE FROM sign_in_failures WHERE key_hash = :key")


def begin_attempt(session: Session, email: str, address: str) -> None:
    """Count one sign-in. Raises TooManyAttemptsError while any of its keys is locked."""
    for limit in LIMITS:
        key = _key(limit, email, address)
        failures, locked = session.execute(_COUNT, {"key": key, "window": WINDOW}).one()
        if locked:
            raise TooManyAttemptsError
        if failures >= limit.failures:
            session.execute(_LOCK, {"key": key, "window": WINDOW})


def attempt_succeeded(session: Session, email: str, address: str) -> None:
    """The person was who they said: the attempt was no failure after all."""
    pair, *others = LIMITS
    session.execute(_FORGET, {"key": _key(pair, email, address)})
    for limit in others:
        session.execute(_FORGIVE, {"key": _key(limit, email, address)})


def _key(limit: Limit, email: str, address: str) -> bytes:
    parts = {"pair": f"{email}\n{address}", "account": email, "address": address}
    secret = get_settings().secret_key.get_secret_value().encode()
    named = f"{limit.what}\n{parts[limit.what]}"
    return hmac.digest(secret, named.encode("utf-8", "surrogatepass"), "sha256")
