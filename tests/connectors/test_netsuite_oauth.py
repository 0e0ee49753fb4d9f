"""OAuth 2.0 of NetSuite: PKCE, signed assertions, and tokens that are renewed in time."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from pydantic import SecretStr
from structlog.testing import capture_logs

from ecomops.connectors.http import ProviderHttp
from ecomops.connectors.netsuite import NetsuiteConnector, oauth
from ecomops.connectors.netsuite.access import BearerAccess
from ecomops.connectors.netsuite.assertion import private_key, signed
from ecomops.kit.errors import ProviderAuthError, ProviderContractError, ProviderTransientError
from tests.connectors.netsuite_rows import ACCOUNT, HASTY, rows
from tests.connectors.wire import Reply, Request, Respond, Wire, reply, script, serve

VERIFIER = SecretStr(
    "abFOm_isZAwm7PpI9BtJRMEuiMqhU6sUqZlVWSsAAf1QutgIOD~on78mu-JdpbKc_RA7IEcf2e~q0XrKlJ1tE"
    ".8Un64PXLKQG16G4lwW-a5de_0aeU2mHnyVPg.Or8cE"
)
ONE = rows({"expr1": "1"})
GRANTED = reply({"access_token": "t" * 32, "expires_in": "3600", "token_type": "bearer"})
CURVES = {"ES256": (ec.SECP256R1, SHA256), "ES384": (ec.SECP384R1, SHA384),
          "ES512": (ec.SECP521R1, SHA512)}  # fmt: skip


def pem(key: Any, *, password: bytes | None = None) -> SecretStr:
    sealed = BestAvailableEncryption(password) if password else NoEncryption()
    return SecretStr(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, sealed).decode())


def decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def read(assertion: str) -> tuple[Any, Any, bytes, bytes]:
    """Header, claims, what was signed, and the signature."""
    head, body, signature = assertion.split(".")
    said = f"{head}.{body}".encode()
    return json.loads(decoded(head)), json.loads(decoded(body)), said, decoded(signature)


def signing(key: Any) -> str:
    pair = {"certificate_id": "cert", "client_id": "client"}
    return signed(private_key(pem(key)), **pair, audience="https://x/token", now=1_800_000_000)


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 3072)


# The code grant


def test_the_challenge_of_the_documented_verifier() -> None:
    assert oauth.challenge_of(VERIFIER) == "Who5QBshz2Mu1Mq6GuAknYA5TnjA-0z7VhAgLloec1s"


def test_the_consent_page_is_the_accounts_own_and_never_told_the_verifier() -> None:
    url = oauth.authorize_url(
        "https://1234567-sb1.app.netsuite.com", "client", "https://us.example/back",
        state="s" * 22, verifier=VERIFIER,
    )  # fmt: skip
    page = urlsplit(url)
    assert f"{page.scheme}://{page.netloc}{page.path}" == (
        "https://1234567-sb1.app.netsuite.com/app/login/oauth2/authorize.nl"
    )
    assert {name: value for name, (value,) in parse_qs(page.query).items()} == {
        "response_type": "code", "client_id": "client", "redirect_uri": "https://us.example/back",
        "scope": "rest_webservices", "state": "s" * 22, "code_challenge_method": "S256",
        "code_challenge": "Who5QBshz2Mu1Mq6GuAknYA5TnjA-0z7VhAgLloec1s",
    }  # fmt: skip
    assert VERIFIER.get_secret_value() not in url


def form_of(request: Request) -> Mapping[str, str]:
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    return {name: value for name, (value,) in parse_qs(request.body.decode()).items()}


def test_a_code_is_exchanged_with_its_verifier_and_the_apps_secret() -> None:
    answer = reply({"access_token": "a" * 9, "refresh_token": "r" * 9, "expires_in": 3600})
    with serve(script(answer)) as wire:
        http = ProviderHttp("NetSuite", wire.base, {}, limits=HASTY)
        app = oauth.App("client", SecretStr("secret"))
        found = oauth.exchange(
            http, app, code=SecretStr("c"), redirect_uri="https://us/back", verifier=VERIFIER
        )
        http.close()
    assert (found.access.get_secret_value(), found.lifetime) == ("a" * 9, 3600)
    assert found.refresh
    assert found.refresh.get_secret_value() == "r" * 9
    (request,) = wire.seen
    assert request.path == "/services/rest/auth/oauth2/v1/token"
    assert request.headers["authorization"] == "Basic Y2xpZW50OnNlY3JldA=="
    assert form_of(request) == {
        "grant_type": "authorization_code", "code": "c", "redirect_uri": "https://us/back",
        "code_verifier": VERIFIER.get_secret_value(),
    }  # fmt: skip


def test_a_public_client_says_who_it_is_in_the_form() -> None:
    with serve(script(GRANTED)) as wire:
        http = ProviderHttp("NetSuite", wire.base, {}, limits=HASTY)
        oauth.refresh(http, oauth.App("client"), SecretStr("r" * 9))
        http.close()
    (request,) = wire.seen
    assert "authorization" not in request.headers
    assert form_of(request) == {
        "grant_type": "refresh_token", "refresh_token": "r" * 9, "client_id": "client"
    }  # fmt: skip


# Assertions


def test_an_rsa_key_signs_ps256_with_a_salt_of_32(rsa_key: rsa.RSAPrivateKey) -> None:
    header, claims, said, signature = read(signing(rsa_key))
    assert header == {"typ": "JWT", "alg": "PS256", "kid": "cert"}
    assert claims == {
        "iss": "client", "scope": ["rest_webservices"], "aud": "https://x/token",
        "iat": 1_800_000_000, "exp": 1_800_000_300,
    }  # fmt: skip
    pss = padding.PSS(mgf=padding.MGF1(SHA256()), salt_length=32)
    rsa_key.public_key().verify(signature, said, pss, SHA256())


@pytest.mark.parametrize("name", list(CURVES))
def test_an_elliptic_key_signs_for_its_curve(name: str) -> None:
    curve, digest = CURVES[name]
    key = ec.generate_private_key(curve())
    header, _, said, signature = read(signing(key))
    assert header["alg"] == name
    width = (key.key_size + 7) // 8
    assert len(signature) == 2 * width
    pair = (int.from_bytes(part, "big") for part in (signature[:width], signature[width:]))
    key.public_key().verify(encode_dss_signature(*pair), said, ec.ECDSA(digest()))


def test_a_key_that_netsuite_would_not_take_is_refused_here() -> None:
    small = rsa.generate_private_key(65537, 2048)
    locked = pem(ec.generate_private_key(ec.SECP256R1()), password=b"x")
    for text, words in (
        (pem(small), "3072"),
        (pem(ec.generate_private_key(ec.SECP256K1())), "P-256"),
        (locked, "password"),
        (SecretStr("-----BEGIN PRIVATE KEY-----"), "BEGIN to END"),
        (SecretStr(""), "BEGIN to END"),
        (SecretStr("ключ"), "BEGIN to END"),
    ):
        with pytest.raises(ProviderAuthError, match=words):
            private_key(text)


# Tokens in use


def certified(wire: Wire, key: Any = None, **other: str) -> NetsuiteConnector:
    secret = pem(key or ec.generate_private_key(ec.SECP256R1()))
    plain = {"account_id": ACCOUNT, "client_id": "client", "certificate_id": "cert", **other}
    credentials = {name: SecretStr(value) for name, value in plain.items()}
    return NetsuiteConnector({**credentials, "private_key": secret}, base=wire.base, limits=HASTY)


def granting(answer: Reply, grant: Reply = GRANTED) -> Respond:
    return lambda request: grant if request.path.endswith("/token") else answer


def grants(wire: Wire) -> list[Request]:
    return [request for request in wire.seen if request.path.endswith("/token")]


def test_a_token_is_asked_for_once_and_sent_with_every_query() -> None:
    with serve(granting(ONE)) as wire:
        connector = certified(wire)
        connector.check()
        connector.check()
        connector.close()
    (grant,) = grants(wire)
    form = dict(form_of(grant))
    header, claims, _, _ = read(form.pop("client_assertion"))
    assert (header["kid"], claims["aud"]) == ("cert", wire.base + oauth.TOKEN)
    assert form == {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    asked = [it.headers["authorization"] for it in wire.seen if it is not grant]
    assert set(asked) == {"Bearer " + "t" * 32}


@pytest.mark.parametrize(("passed", "asked"), [(3299, 1), (3300, 2), (9999, 2)])
def test_a_token_is_renewed_five_minutes_before_its_end(passed: int, asked: int) -> None:
    clock, calls = [0], []

    def grant() -> oauth.Tokens:
        calls.append(1)
        return oauth.Tokens(SecretStr("t"), 3600)

    access = BearerAccess(grant, lambda: clock[0])
    access.headers()
    clock[0] = passed
    access.headers()
    assert len(calls) == asked


def test_a_refused_token_is_renewed_once_and_then_said_to_be_refused() -> None:
    with serve(granting(reply(b"", 401))) as wire:
        connector = certified(wire)
        with pytest.raises(ProviderAuthError):
            connector.check()
        connector.close()
    assert len(grants(wire)) == 2
    assert len(wire.seen) == 4


def test_one_refusal_under_load_is_no_proof() -> None:
    answers = script(reply(b"", 401), ONE)
    with serve(lambda it: GRANTED if it.path.endswith("/token") else answers(it)) as wire:
        connector = certified(wire)
        assert connector.check().account_id == ACCOUNT
        connector.close()


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (reply({"error": "invalid_request"}, 400), ProviderAuthError, "Certificate ID"),
        (reply({"error": "invalid_client"}, 401), ProviderAuthError, "Client ID"),
        (reply({"error": "invalid_grant"}, 400), ProviderAuthError, "Connect again"),
        (reply({"error": "unauthorized_client"}, 400), ProviderAuthError, "Client Credentials"),
        (reply({"error": ["x"]}, 400), ProviderAuthError, "copied whole"),
        (reply(b"", 403), ProviderAuthError, "copied whole"),
        (reply(b"", 401, Date="Mon, 05 Jan 2015 10:00:00 GMT"), ProviderAuthError, "clock"),
        (reply(b"", 503), ProviderTransientError, "problem"),
        (reply({"access_token": "a b", "expires_in": 5}), ProviderContractError, "token"),
        (reply({"access_token": "abc", "expires_in": "soon"}), ProviderContractError, "token"),
        (reply({"access_token": "abc", "expires_in": -5}), ProviderContractError, "token"),
        (reply(["abc"]), ProviderContractError, "token"),
    ],
)
def test_a_token_that_is_not_given_says_why(
    answer: Reply, kind: type[Exception], words: str
) -> None:
    with serve(granting(ONE, answer)) as wire:
        connector = certified(wire)
        with pytest.raises(kind, match=words):
            connector.check()
        connector.close()
    assert len(grants(wire)) == len(wire.seen)


def test_neither_log_nor_error_holds_the_key_or_a_token() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    with serve(granting(reply(b"", 401))) as wire, capture_logs() as lines:
        connector = certified(wire, key)
        with pytest.raises(ProviderAuthError) as caught:
            connector.check()
        connector.close()
    told = repr(lines) + caught.value.message + caught.value.detail
    assert "t" * 32 not in told
    assert "eyJ" not in told
    assert "PRIVATE KEY" not in told


def test_what_a_person_consented_to_is_renewed_by_its_refresh_token() -> None:
    plain = {"account_id": ACCOUNT, "client_id": "client", "client_secret": "secret",
             "refresh_token": "r" * 9}  # fmt: skip
    with serve(granting(ONE)) as wire:
        credentials = {name: SecretStr(value) for name, value in plain.items()}
        connector = NetsuiteConnector(credentials, base=wire.base, limits=HASTY)
        connector.check()
        connector.close()
    (grant,) = grants(wire)
    assert form_of(grant) == {"grant_type": "refresh_token", "refresh_token": "r" * 9}
