"""The integration record of a seed's account: OAuth 2.0 client, certificates, keys.

The same seed makes the same keys, so that a connection outlives a restart of the sandbox.
"""

from functools import cached_property
from hashlib import blake2b
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)

from ecomops.sandbox.wire.netsuite.jwt import PublicKey, encoded
from ecomops.sandbox.wire.secrets import secret_of

RSA_BITS = (3072, 4096)


class Integration:
    """What the merchant set up for OAuth 2.0, with one certificate mapped from the start."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.client_id = secret_of(seed, "netsuite-client-id") + secret_of(seed, "client-b")[:16]
        self.client_secret = secret_of(seed, "netsuite-client-secret")
        self.certificate_id = secret_of(seed, "netsuite-certificate-ec")[:43]
        self._uploaded: dict[str, PublicKey] = {}
        self.token_secret = secret_of(seed, "netsuite-token-signing").encode()

    @cached_property
    def private_key(self) -> ec.EllipticCurvePrivateKey:
        number = int(secret_of(self._seed, "netsuite-key-ec"), 16)
        return ec.derive_private_key(number, ec.SECP256R1())

    def upload(self, pem: str) -> str:
        """Maps a certificate (X.509, PEM) or a public key; its Certificate ID.

        Raises ValueError for a key that NetSuite does not take.
        """
        key = _read(pem.encode())
        if isinstance(key, rsa.RSAPublicKey):
            if key.key_size not in RSA_BITS:
                raise ValueError("An RSA key must have 3072 or 4096 bits.")
        elif not isinstance(key, ec.EllipticCurvePublicKey):
            raise ValueError("The key must be of RSA, or of the curves P-256, P-384 or P-521.")
        raw = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        id = encoded(blake2b(raw, digest_size=32).digest())
        self._uploaded[id] = key
        return id

    def public_key(self, certificate_id: object) -> PublicKey | None:
        """The key of a certificate that is mapped; None for another."""
        if certificate_id == self.certificate_id:
            return self.private_key.public_key()
        return self._uploaded.get(str(certificate_id))

    def credentials(self) -> dict[str, str]:
        return {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "certificate_id": self.certificate_id,
            "private_key": _pem(self.private_key),
        }


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _read(pem: bytes) -> Any:
    if b"BEGIN CERTIFICATE" in pem:
        return x509.load_pem_x509_certificate(pem).public_key()
    return load_pem_public_key(pem)
