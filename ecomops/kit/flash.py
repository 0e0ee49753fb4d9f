"""A note from one request to the next page: encrypted, signed and short-lived, in a cookie.

It carries what a person typed back into a form that was refused, never a secret.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from pydantic import SecretStr

COOKIE = "flash"
SECONDS = 60
_LONGEST_FIELD = 320
_LONGEST_COOKIE = 3_800


@dataclass(frozen=True, slots=True)
class Flash:
    """For the page at ``page``: a message, errors by field, and the fields as they were typed."""

    page: str
    message: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)


def seal(flash: Flash, secret: SecretStr) -> str:
    """The cookie's value; what is longer than a cookie can be is left out, fields first."""
    for candidate in (_shortened(flash), Flash(flash.page, flash.message, flash.errors)):
        text = json.dumps(asdict(candidate), ensure_ascii=False, separators=(",", ":"))
        sealed = _cipher(secret).encrypt(text.encode()).decode()
        if len(sealed) <= _LONGEST_COOKIE:
            return sealed
    return _cipher(secret).encrypt(json.dumps(asdict(Flash(flash.page))).encode()).decode()


def unseal(value: str | None, secret: SecretStr) -> Flash | None:
    """The note, or None if there is none, it is older than a minute, or it is not ours."""
    if not value:
        return None
    try:
        return Flash(**json.loads(_cipher(secret).decrypt(value, ttl=SECONDS)))
    except (InvalidToken, ValueError, TypeError):
        return None


def _shortened(flash: Flash) -> Flash:
    fields = {name: value[:_LONGEST_FIELD] for name, value in flash.fields.items()}
    return Flash(flash.page, flash.message, dict(flash.errors), fields)


def _cipher(secret: SecretStr) -> Fernet:
    key = sha256(b"ecomops flash\0" + secret.get_secret_value().encode()).digest()
    return Fernet(urlsafe_b64encode(key))
