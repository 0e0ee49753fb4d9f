"""Secrets at rest: authenticated encryption bound to its row, hashes of random tokens."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr


class SealedForAnotherError(Exception):
    """The ciphertext cannot be read with our keys, or was made for another row."""


class Vault:
    """Encrypts with the first key, decrypts with any; each text carries the row it belongs to."""

    def __init__(self, keys: Sequence[SecretStr]) -> None:
        if not keys:
            raise ValueError("ECOMOPS_ENCRYPTION_KEYS holds no key.")
        values = [key.get_secret_value() for key in keys]
        self._fernet = MultiFernet([Fernet(value) for value in values])
        self.key_version = hashlib.sha256(values[0].encode()).hexdigest()[:12]

    def seal(self, secret: Mapping[str, str], owner: str) -> bytes:
        """Ciphertext of ``secret`` that only opens for the same ``owner``."""
        plain = json.dumps({"owner": owner, "secret": dict(secret)})
        return self._fernet.encrypt(plain.encode())

    def open(self, ciphertext: bytes, owner: str) -> dict[str, SecretStr]:
        """The secret. Raises SealedForAnotherError."""
        try:
            held = json.loads(self._fernet.decrypt(ciphertext))
        except InvalidToken:
            raise SealedForAnotherError("No configured key opens these credentials.") from None
        if held["owner"] != owner:
            raise SealedForAnotherError("These credentials belong to another connection.")
        return {name: SecretStr(value) for name, value in held["secret"].items()}


def new_token() -> SecretStr:
    """256 random bits as URL-safe text."""
    return SecretStr(secrets.token_urlsafe(32))


def token_hash(token: SecretStr) -> bytes:
    """SHA-256 of a random token: what is stored in its place."""
    return hashlib.sha256(token.get_secret_value().encode("utf-8", "surrogatepass")).digest()
