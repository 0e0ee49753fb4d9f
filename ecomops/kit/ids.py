"""Identifiers: time-ordered UUIDs and correlation ids."""

import re
from uuid import UUID

from uuid_utils.compat import uuid7

_PLAUSIBLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


def new_id() -> UUID:
    """A UUID version 7 (RFC 9562): sorts by the time it was made."""
    return uuid7()


def new_correlation_id() -> str:
    """The name of one operation, from its request to its last task."""
    return uuid7().hex


def correlation_id_from(offered: str | None) -> str:
    """The caller's own id when it is a plausible one (8-64 letters, digits, ``._-``), else new."""
    if offered and _PLAUSIBLE.fullmatch(offered):
        return offered
    return new_correlation_id()
