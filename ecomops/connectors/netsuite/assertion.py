"""The signed assertion by which a server asks for tokens without a person.

Follows "OAuth 2.0 Client Credentials Flow" of NetSuite's help, and RFC 7515 and RFC 7518 for the
signature: an RSA key signs PS256 with a salt of 32 bytes, an elliptic one ES256, ES384 or ES512.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import SecretStr

from ecomops.connectors.netsuite.oauth import SCOPE
from ecomops.kit.errors import ProviderAuthError

LIFETIME: Final = 300
"""Seconds for which an assertion is good; NetSuite takes up to an hour."""

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
_CURVES: Final = {
    "secp256r1": ("ES256", SHA256()),
    "secp384r1": ("ES384", SHA384()),
    "secp521r1": ("ES512", SHA512()),
}
_SMALLEST_RSA = 3072


def private_key(pem: SecretStr) -> Key:
    """The key in ``pem``. Raises ProviderAuthError that says what is wrong with it."""
    try:
        key = load_pem_private_key(pem.get_secret_value().strip().encode(), password=None)
    except TypeError:
        raise _unusable("is locked with a password. Paste it without one.") from None
    except (ValueError, UnsupportedAlgorithm):
        raise _unusable("cannot be read. Paste the whole PEM text, from BEGIN to END.") from None
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return key
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= _SMALLEST_RSA:
        return key
    raise _unusable(
        "is of a kind that NetSuite does not take: it takes RSA of 3072 bits or more, and the "
        "curves P-256, P-384 and P-521."
    )


def signed(key: Key, *, certificate_id: str, client_id: str, audience: str, now: int) -> str:
    """A JWT for ``audience`` (the token address), good for LIFETIME from ``now`` (Unix seconds)."""
    header = {"typ": "JWT", "alg": _algorithm(key), "kid": certificate_id}
    claims = {
        "iss": client_id,
        "scope": [SCOPE],
        "aud": audience,
        "iat": now,
        "exp": now + LIFETIME,
    }
    said = f"{_encoded(_json(header))}.{_encoded(_json(claims))}"
    return f"{said}.{_encoded(_signature(key, said.encode()))}"


def _algorithm(key: Key) -> str:
    return "PS256" if isinstance(key, rsa.RSAPrivateKey) else _CURVES[key.curve.name][0]


def _signature(key: Key, said: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        pss = padding.PSS(mgf=padding.MGF1(SHA256()), salt_length=SHA256.digest_size)
        return key.sign(said, pss, SHA256())
    r, s = decode_dss_signature(key.sign(said, ec.ECDSA(_CURVES[key.curve.name][1])))
    width = (key.curve.key_size + 7) // 8
    return r.to_bytes(width, "big") + s.to_bytes(width, "big")


def _json(told: Mapping[str, object]) -> bytes:
    return json.dumps(told, separators=(",", ":")).encode()


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _unusable(what: str) -> ProviderAuthError:
    return ProviderAuthError(f"The private key of this connection {what}")
