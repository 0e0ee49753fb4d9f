"""OAuth 2.0 of the NetSuite simulator: assertions, codes with PKCE, refresh, revocation."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from ecomops.sandbox.wire.netsuite.integration import Integration
from ecomops.sandbox.wire.netsuite.oauth2 import (
    ACCESS_SECONDS,
    CODE_SECONDS,
    GrantError,
    TokenService,
    challenge_of,
)
from tests.sandbox.conftest import Api
from tests.sandbox.netsuite import Account, Key, assertion, part

BACK = "http://127.0.0.1:3000/oauth/netsuite"
VERIFIER = (
    "abFOm_isZAwm7PpI9BtJRMEuiMqhU6sUqZlVWSsAAf1QutgIOD~on78mu-JdpbKc_RA7IEcf2e~q0XrKlJ1tE.8Un64P"
    "XLKQG16G4lwW-a5de_0aeU2mHnyVPg.Or8cE"
)
CHALLENGE = "Who5QBshz2Mu1Mq6GuAknYA5TnjA-0z7VhAgLloec1s"
"""The pair of NetSuite's help."""


@pytest.fixture
def account(api: Api) -> Account:
    return Account(api)


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65_537, 3072)


def mapped(account: Account, key: Key) -> str:
    """The Certificate ID of a self-signed certificate of a key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ecomops")])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.public_key(key.public_key()).serial_number(1)
    builder = builder.not_valid_before(now).not_valid_after(now + dt.timedelta(days=700))
    pem = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    answer = account.api.ask("PUT", "/certificates", json={"netsuite": pem.decode()})
    assert answer.status_code == 200, answer.text
    id: str = answer.json()["netsuite"]["certificate_id"]
    return id


def own_key(account: Account) -> Any:
    return serialization.load_pem_private_key(account.keys["private_key"].encode(), None)


def bearing(account: Account, token: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}", "Prefer": "transient"}
    path = f"{account.rest}/query/v1/suiteql"
    return account.api.ask("POST", path, json={"q": "SELECT 1 FROM dual"}, headers=headers)


# client credentials


def test_the_account_has_a_certificate_from_the_start(account: Account) -> None:
    header = {"typ": "JWT", "alg": "ES256", "kid": account.keys["certificate_id"]}
    answer = account.by_assertion(assertion(own_key(account), header, account.claims()))
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["expires_in"], told["token_type"]) == ("3600", "bearer")
    assert "refresh_token" not in told
    assert bearing(account, told["access_token"]).status_code == 200


@pytest.mark.parametrize("algorithm", ["PS256", "PS384", "PS512"])
def test_an_rsa_certificate_signs_by_pss(
    account: Account, rsa_key: rsa.RSAPrivateKey, algorithm: str
) -> None:
    header = {"typ": "JWT", "alg": algorithm, "kid": mapped(account, rsa_key)}
    claims = account.claims(scope="restlets, rest_webservices")
    assert account.by_assertion(assertion(rsa_key, header, claims)).status_code == 200


@pytest.mark.parametrize(
    ("algorithm", "curve"), [("ES384", ec.SECP384R1()), ("ES512", ec.SECP521R1())]
)
def test_other_curves_sign_too(account: Account, algorithm: str, curve: ec.EllipticCurve) -> None:
    key = ec.generate_private_key(curve)
    header = {"typ": "JWT", "alg": algorithm, "kid": mapped(account, key)}
    assert account.by_assertion(assertion(key, header, account.claims())).status_code == 200


def test_rs256_is_refused(account: Account, rsa_key: rsa.RSAPrivateKey) -> None:
    header = {"typ": "JWT", "alg": "RS256", "kid": mapped(account, rsa_key)}
    answer = account.by_assertion(assertion(rsa_key, header, account.claims()))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_weak_key_cannot_be_mapped(account: Account) -> None:
    pem = rsa.generate_private_key(65_537, 2048).public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip
    for wrong in (pem.decode(), "nonsense"):
        answer = account.api.ask("PUT", "/certificates", json={"netsuite": wrong})
        assert answer.status_code == 400


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ({"kid": "unknown"}, {}),
        ({"alg": "ES384"}, {}),
        ({"alg": "HS256"}, {}),
        ({"alg": "none"}, {}),
        ({}, {"iss": "another"}),
        ({}, {"aud": "http://elsewhere/token"}),
        ({}, {"scope": ["restlets"]}),
        ({}, {"iat": 1, "exp": 3_000}),
        ({}, {"exp": "later"}),
        ({}, {"exp": 99_999_999_999}),
        ({}, {"iat": 99_999_999_000, "exp": 99_999_999_999}),
    ],
)
def test_an_assertion_that_is_not_right_is_refused(
    account: Account, header: dict[str, str], claims: dict[str, Any]
) -> None:
    whole = {"typ": "JWT", "alg": "ES256", "kid": account.keys["certificate_id"], **header}
    told = account.claims(**claims)
    signed = assertion(own_key(account), {**whole, "alg": "ES256"}, told)
    claimed = ".".join([part(whole), *signed.split(".")[1:]])
    assert account.by_assertion(claimed).status_code == 401


def test_another_key_does_not_open(account: Account) -> None:
    header = {"typ": "JWT", "alg": "ES256", "kid": account.keys["certificate_id"]}
    stranger = ec.generate_private_key(ec.SECP256R1())
    assert account.by_assertion(assertion(stranger, header, account.claims())).status_code == 401
    for text in ("", "a.b.c", "only"):
        assert account.by_assertion(text).status_code == 401


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
def test_a_token_that_is_none_is_challenged(account: Account, token: str) -> None:
    answer = bearing(account, token)
    assert answer.status_code == 401
    realm = account.keys["account_id"]
    assert answer.headers["www-authenticate"] == (
        f'Bearer realm="{realm}", error="invalid_token", error_description="Invalid login attempt."'
    )


# authorization code


def asked(account: Account, **changes: str) -> dict[str, str]:
    told = {
        "response_type": "code", "client_id": account.keys["client_id"], "redirect_uri": BACK,
        "scope": "rest_webservices", "state": "s" * 30, "code_challenge": CHALLENGE,
        "code_challenge_method": "S256", **changes,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value}


def approved(account: Account, **changes: str) -> httpx.Response:
    query = urlencode(asked(account, **changes))
    return account.api.ask("GET", f"{account.path}/app/login/oauth2/authorize.nl?{query}")


def code_of(account: Account) -> str:
    answer = approved(account)
    assert answer.status_code == 302
    back = urlsplit(answer.headers["location"])
    told = {name: values[0] for name, values in parse_qs(back.query).items()}
    assert f"{back.scheme}://{back.netloc}{back.path}" == BACK
    assert (told["state"], told["company"]) == ("s" * 30, account.keys["account_id"])
    assert set(told) == {"code", "state", "role", "entity", "company"}
    return told["code"]


def exchanged(account: Account, given: str, **changes: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code", "code": given, "redirect_uri": BACK,
        "code_verifier": VERIFIER, **changes,
    }  # fmt: skip
    return account.token(form, auth=(account.keys["client_id"], account.keys["client_secret"]))


def test_the_documented_challenge() -> None:
    assert challenge_of(VERIFIER) == CHALLENGE


def test_a_code_opens_once_and_the_refresh_token_again(account: Account) -> None:
    code = code_of(account)
    told = exchanged(account, code).json()
    assert told["expires_in"] == 3600
    assert bearing(account, told["access_token"]).status_code == 200
    assert bearing(account, told["refresh_token"]).status_code == 401
    assert exchanged(account, code).json()["error"] == "invalid_grant"
    again = {"grant_type": "refresh_token", "refresh_token": told["refresh_token"]}
    client = (account.keys["client_id"], account.keys["client_secret"])
    fresh = account.token(again, auth=client).json()
    assert bearing(account, fresh["access_token"]).status_code == 200
    path = f"{account.rest}/auth/oauth2/v1/revoke"
    account.api.ask("POST", path, data={"token": told["refresh_token"]}, auth=client)
    assert account.token(again, auth=client).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "x" * 43}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": BACK + "/other"}, "invalid_grant"),
        ({"code": "unknown"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_code_is_good_for_its_own_client_only(
    account: Account, changes: dict[str, str], error: str
) -> None:
    answer = exchanged(account, code_of(account), **changes)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_wrong_secret_gets_no_token(account: Account) -> None:
    form = {"grant_type": "authorization_code", "code": code_of(account), "redirect_uri": BACK}
    for auth in ((account.keys["client_id"], "wrong"), None):
        assert account.token(form, auth=auth).status_code == 401


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "restlets"}, "invalid_scope"),
        ({"state": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
    ],
)
def test_what_cannot_be_approved_goes_back_as_an_error(
    account: Account, changes: dict[str, str], error: str
) -> None:
    answer = approved(account, **changes)
    told = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (answer.status_code, told["error"], "code" in told) == (302, [error], False)


def test_a_stranger_is_sent_nowhere(account: Account) -> None:
    for changes in ({"client_id": "another"}, {"redirect_uri": "javascript:alert(1)"}):
        answer = approved(account, **changes)
        assert (answer.status_code, "location" in answer.headers) == (400, False)


def test_time_ends_codes_and_tokens() -> None:
    now = [1_800_000_000]
    integration = Integration(7)
    service = TokenService(integration, "1234567_SB1", lambda: now[0])
    wanted = {
        "response_type": "code", "scope": "rest_webservices", "state": "s" * 22,
        "redirect_uri": BACK, "code_challenge": CHALLENGE, "code_challenge_method": "S256",
    }  # fmt: skip
    client = httpx.BasicAuth(integration.client_id, integration.client_secret)._auth_header

    def exchange(code: str) -> dict[str, Any]:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK,
                "code_verifier": VERIFIER}  # fmt: skip
        return service.grant(form, client, "http://sandbox/token")

    late = service.approve(wanted)
    now[0] += CODE_SECONDS
    with pytest.raises(GrantError):
        exchange(late)
    token = exchange(service.approve(wanted))["access_token"]
    now[0] += ACCESS_SECONDS - 1
    assert service.knows(token)
    now[0] += 1
    assert not service.knows(token)


def test_tokens_outlive_the_process_and_belong_to_their_account() -> None:
    first, second = (TokenService(Integration(7), "1234567_SB1") for _ in range(2))
    token = first._token("access", 60)
    assert second.knows(token)
    assert not TokenService(Integration(7), "7654321").knows(token)
    assert not TokenService(Integration(8), "1234567_SB1").knows(token)
