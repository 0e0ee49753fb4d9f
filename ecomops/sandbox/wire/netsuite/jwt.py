"""JSON web tokens (RFC 7515, 7518): those that clients sign for themselves, and the account's own.

Only PS256, PS384, PS512, ES256, ES384 and ES512 are taken from clients; RS256 is not.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from hmac import compare_digest, digest
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

Claims = dict[str, Any]
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()
}  # fmt: skip
_CURVES = {"256": "secp256r1", "384": "secp384r1", "512": "secp521r1"}


class TokenError(Exception):
    """Why a token is refused."""


class Parts(NamedTuple):
    """A token taken apart; nothing of it has been checked."""

    header: Claims
    claims: Claims
    signed: bytes
    signature: bytes


def read(token: str) -> Parts:
    """Raises TokenError for text that is no token."""
    try:
        head, body, signature = token.split(".")
        header, claims = json.loads(decoded(head)), json.loads(decoded(body))
        found = Parts(header, claims, f"{head}.{body}".encode(), decoded(signature))
    except (ValueError, UnicodeError, RecursionError) as error:
        raise TokenError("The token is no JSON web token.") from error
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise TokenError("The token is no JSON web token.")
    return found


def verify(parts: Parts, key: PublicKey) -> None:
    """Raises TokenError where the signature is not that of the key."""
    family, size = str(parts.header.get("alg"))[:2], str(parts.header.get("alg"))[2:]
    if size not in _HASHES or family not in ("PS", "ES"):
        raise TokenError("The algorithm must be PS256, PS384, PS512, ES256, ES384 or ES512.")
    try:
        if family == "PS" and isinstance(key, rsa.RSAPublicKey):
            _verify_pss(parts, key, _HASHES[size])
        elif isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == _CURVES[size]:
            _verify_ecdsa(parts, key, _HASHES[size])
        else:
            raise TokenError("The algorithm is not that of the certificate.")
    except InvalidSignature as error:
        raise TokenError("The signature is not that of the certificate.") from error


def _verify_pss(parts: Parts, key: rsa.RSAPublicKey, hash: hashes.HashAlgorithm) -> None:
    scheme = padding.PSS(padding.MGF1(hash), salt_length=hash.digest_size)
    key.verify(parts.signature, parts.signed, scheme, hash)


def _verify_ecdsa(parts: Parts, key: ec.EllipticCurvePublicKey, hash: hashes.HashAlgorithm) -> None:
    half = (key.curve.key_size + 7) // 8
    if len(parts.signature) != 2 * half:
        raise InvalidSignature
    r, s = (int.from_bytes(part) for part in (parts.signature[:half], parts.signature[half:]))
    key.verify(encode_dss_signature(r, s), parts.signed, ec.ECDSA(hash))


def own(claims: Claims, secret: bytes) -> str:
    """A token of the account's own."""
    told = [{"typ": "JWT", "alg": "HS256"}, claims]
    signed = ".".join(encoded(json.dumps(it, sort_keys=True).encode()) for it in told)
    return f"{signed}.{encoded(digest(secret, signed.encode(), sha256))}"


def read_own(token: str, secret: bytes) -> Claims:
    """Raises TokenError for a token that the account did not make."""
    parts = read(token)
    if not compare_digest(parts.signature, digest(secret, parts.signed, sha256)):
        raise TokenError("The token is not one of this account.")
    return parts.claims


def encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
