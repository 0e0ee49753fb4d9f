"""A public client of the NetSuite simulator: requests signed by oauthlib."""

from __future__ import annotations

import time
from base64 import urlsafe_b64encode
from json import dumps
from typing import Any

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from oauthlib import oauth1

from tests.sandbox.conftest import Api

JOURNAL = "record/v1/journalEntry"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class Account:
    """The merchant's account, asked over the sandbox of a test."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.keys: dict[str, str] = api.ask("GET", "/credentials.json").json()["netsuite"]
        label = self.keys["account_id"].lower().replace("_", "-")
        self.path = f"/netsuite/{label}"
        self.rest = f"{self.path}/services/rest"
        self.token_url = f"http://sandbox{self.rest}/auth/oauth2/v1/token"

    def signed(self, method: str, path: str, **changes: str) -> dict[str, str]:
        """The Authorization header of a request, signed with the account's token."""
        keys = {**self.keys, **changes}
        client = oauth1.Client(
            keys["consumer_key"],
            client_secret=keys["consumer_secret"],
            resource_owner_key=keys["token_id"],
            resource_owner_secret=keys["token_secret"],
            signature_method=oauth1.SIGNATURE_HMAC_SHA256,
            realm=keys["account_id"],
        )
        _, headers, _ = client.sign(f"http://sandbox{path}", http_method=method)
        return {name: str(value) for name, value in headers.items()}

    def ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        """One signed request below ``services/rest``; ``params`` may not be among ``how``."""
        headers = {**self.signed(method, f"{self.rest}/{path}"), **how.pop("headers", {})}
        return self.api.ask(method, f"{self.rest}/{path}", headers=headers, **how)

    def query(
        self, text: str, *params: object, page: str = "limit=1000", **headers: str
    ) -> httpx.Response:
        body = {"q": text, "params": [str(it) for it in params]}
        told = {"Prefer": "transient", **headers}
        return self.ask("POST", f"query/v1/suiteql?{page}", json=body, headers=told)

    def rows(self, text: str, *params: object) -> list[dict[str, str]]:
        """The rows of the first page of a query that is answered, without their links."""
        answer = self.query(text, *params)
        assert answer.status_code == 200, answer.text
        return [
            {name: value for name, value in row.items() if name != "links"}
            for row in answer.json()["items"]
        ]

    def all_rows(self, text: str, key: str, *params: object) -> list[dict[str, str]]:
        """All rows of a query whose last parameter is the key to go on from."""
        found: list[dict[str, str]] = []
        while page := self.rows(text, *params, found[-1][key] if found else -1):
            found += page
        return found

    def why(self, answer: httpx.Response, status: int = 400) -> tuple[str, str, str]:
        """(code, path or what else is named, detail) of a refusal."""
        assert answer.status_code == status, (answer.status_code, answer.text)
        told = answer.json()["o:errorDetails"][0]
        named = [told[name] for name in sorted(told) if name not in ("detail", "o:errorCode")]
        return told["o:errorCode"], "".join(named), told["detail"]

    # OAuth 2.0

    def token(self, form: dict[str, str], **how: Any) -> httpx.Response:
        return self.api.ask("POST", self.token_url.removeprefix("http://sandbox"), data=form, **how)

    def by_assertion(self, assertion: str) -> httpx.Response:
        return self.token(
            {
                "grant_type": "client_credentials",
                "client_assertion_type": ASSERTION,
                "client_assertion": assertion,
            }
        )

    def claims(self, **changes: Any) -> dict[str, Any]:
        now = int(time.time())
        told = {
            "iss": self.keys["client_id"], "scope": ["rest_webservices"], "aud": self.token_url,
            "iat": now, "exp": now + 3_000,
        }  # fmt: skip
        return {**told, **changes}


def assertion(key: Key, header: dict[str, str], claims: dict[str, Any]) -> str:
    """A token signed as its header says (RFC 7518)."""
    signed = f"{part(header)}.{part(claims)}"
    return f"{signed}.{_encoded(_signature(key, header['alg'], signed.encode()))}"


def _signature(key: Key, algorithm: str, signed: bytes) -> bytes:
    known: dict[str, hashes.HashAlgorithm] = {
        "256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()
    }  # fmt: skip
    hash = known[algorithm[2:]]
    if isinstance(key, ec.EllipticCurvePrivateKey):
        half = (key.curve.key_size + 7) // 8
        r, s = decode_dss_signature(key.sign(signed, ec.ECDSA(hash)))
        return r.to_bytes(half) + s.to_bytes(half)
    if algorithm.startswith("RS"):
        return key.sign(signed, padding.PKCS1v15(), hash)
    return key.sign(signed, padding.PSS(padding.MGF1(hash), hash.digest_size), hash)


def part(told: dict[str, Any]) -> str:
    return _encoded(dumps(told).encode())


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
