"""The NetSuite simulator: who is let in, and what a query is answered."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from ecomops.connectors.netsuite.tba import TokenBasedAuth
from ecomops.sandbox.wire.netsuite.access import WINDOW_SECONDS, Gatekeeper, Keys
from ecomops.sandbox.wire.netsuite.errors import NetsuiteError
from tests.sandbox.conftest import Api

NOW = 1_800_000_000
URL = "http://127.0.0.1:19800/netsuite/{}/services/rest/query/v1/suiteql?limit=1"
QUERY = {"q": "SELECT 1 FROM dual"}
TRANSIENT = {"Prefer": "transient"}


class Door:
    """The gatekeeper, and requests as they are signed for it."""

    def __init__(self) -> None:
        self.keys = Keys(7)
        self.clock = NOW
        self.gatekeeper = Gatekeeper(self.keys, lambda: self.clock)
        self.url = URL.format(self.keys.host_label)

    def header(self, realm: str | None = None, nonce: str = "abcdefgh", at: int = NOW) -> str:
        secrets = {name: SecretStr(text) for name, text in self.keys.credentials().items()}
        signer = TokenBasedAuth(secrets, realm or self.keys.account)
        return signer.header("POST", self.url, nonce=nonce, timestamp=str(at))

    def reason(self, header: str, *, method: str = "POST", url: str = "", label: str = "") -> str:
        """Why a request is turned away; empty where it is let in."""
        try:
            self.gatekeeper.authorise(
                method, url or self.url, header, label or self.keys.host_label
            )
        except NetsuiteError as error:
            return error.headers["WWW-Authenticate"].split('error="')[1].split('"')[0]
        return ""


@pytest.fixture
def door() -> Door:
    return Door()


def test_a_request_is_let_in_once(door: Door) -> None:
    assert door.reason(door.header()) == ""
    assert door.reason(door.header()) == "nonce_used"
    assert door.reason(door.header(nonce="ijklmnop")) == ""


def test_a_nonce_is_remembered_while_its_timestamp_is_good(door: Door) -> None:
    late = NOW + WINDOW_SECONDS
    assert door.reason(door.header(at=late)) == ""
    door.clock = late + WINDOW_SECONDS
    assert door.reason(door.header(at=late)) == "nonce_used"
    door.clock += 1
    assert door.reason(door.header(at=late)) == "timestamp_refused"


@pytest.mark.parametrize(
    ("seconds", "reason"),
    [(0, ""), (300, ""), (-300, ""), (301, "timestamp_refused"), (-301, "timestamp_refused")],
)
def test_a_timestamp_is_good_for_five_minutes(door: Door, seconds: int, reason: str) -> None:
    assert door.reason(door.header(at=NOW + seconds)) == reason


def test_what_was_signed_cannot_be_changed(door: Door) -> None:
    header, url = door.header(), door.url
    for other in (
        url.replace("limit=1", "limit=2"),
        url.replace("limit=1", "limit=1&offset=0"),
        url.replace("suiteql", "other"),
        url.replace("/netsuite/", "/"),
        url.replace(":19800", ":19801"),
        url.replace(":19800", ""),
        url.replace("127.0.0.1", "localhost"),
        url.replace("http:", "https:"),
    ):
        assert door.reason(header, url=other) == "signature_invalid", other
    assert door.reason(header, method="GET") == "signature_invalid"
    assert door.reason(header.replace('nonce="abcdefgh"', 'nonce="abcdefgX"')) == (
        "signature_invalid"
    )
    assert door.reason(header) == ""


def test_realm_and_address_name_the_account(door: Door) -> None:
    account = door.keys.account
    assert door.reason(door.header(realm=account.lower())) == "token_rejected"
    assert door.reason(door.header(realm=door.keys.host_label)) == "token_rejected"
    assert door.reason(door.header(), label="7654321") == "token_rejected"


@pytest.mark.parametrize(
    "damaged",
    [
        lambda it: "",
        lambda it: "Basic abc",
        lambda it: "OAuth ",
        lambda it: it.replace("OAuth ", "OAuth"),
        lambda it: it.replace('"', ""),
        lambda it: it.replace("oauth_nonce", "oauth_other"),
        lambda it: it + ', oauth_nonce="abcdefgh"',
        lambda it: it + ', oauth_body_hash="abc"',
        lambda it: it.replace('version="1.0"', 'version="2.0"'),
    ],
)
def test_a_header_that_is_none_is_turned_away(door: Door, damaged: Any) -> None:
    assert door.reason(damaged(door.header())) == "parameter_rejected"


def test_a_short_nonce_and_another_method_are_turned_away(door: Door) -> None:
    assert door.reason(door.header(nonce="abcde")) == "nonce_rejected"
    other = door.header().replace("HMAC-SHA256", "HMAC-SHA1")
    assert door.reason(other) == "signature_method_rejected"


# over HTTP


def ask(api: Api, query: str = "limit=1", **how: Any) -> httpx.Response:
    told = api.ask("GET", "/credentials.json").json()["netsuite"]
    signer = TokenBasedAuth({k: SecretStr(v) for k, v in told.items()}, told["account_id"])
    label = told["account_id"].lower().replace("_", "-")
    path = f"/netsuite/{label}/services/rest/query/v1/suiteql?{query}"
    wanted = {"headers": TRANSIENT, "json": QUERY, "auth": signer, **how}
    return api.ask("POST", path, **wanted)


def test_a_query_is_answered_in_the_documented_shape(api: Api) -> None:
    answer = ask(api)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/vnd.oracle.resource+json"
    told = answer.json()
    assert told["links"][0]["rel"] == "self"
    assert {name: told[name] for name in ("count", "hasMore", "offset", "totalResults")} == {
        "count": 1, "hasMore": False, "offset": 0, "totalResults": 1
    }  # fmt: skip
    assert told["items"] == [{"links": [], "expr1": "1"}]


@pytest.mark.parametrize(
    ("query", "how", "field", "value"),
    [
        ("limit=1", {"headers": {}}, "o:errorHeader", "Prefer"),
        ("limit=1001", {}, "o:errorQueryParam", "limit"),
        ("limit=0", {}, "o:errorQueryParam", "limit"),
        ("limit=x", {}, "o:errorQueryParam", "limit"),
        ("limit=10&offset=5", {}, "o:errorQueryParam", "offset"),
        ("limit=1", {"json": {"q": "SELECT id FROM nothing"}}, "o:errorQueryParam", "q"),
        ("limit=1", {"json": {}}, "o:errorCode", "INVALID_REQUEST"),
        ("limit=1", {"json": []}, "o:errorCode", "INVALID_REQUEST"),
    ],
)
def test_a_query_that_is_none_is_refused(
    api: Api, query: str, how: dict[str, Any], field: str, value: str
) -> None:
    answer = ask(api, query, **how)
    assert answer.status_code == 400
    told = answer.json()
    assert (told["title"], told["status"]) == ("Bad Request", 400)
    assert told["o:errorDetails"][0][field] == value


def test_an_unsigned_request_is_refused_in_the_documented_shape(api: Api) -> None:
    answer = ask(api, auth=None)
    assert answer.status_code == 401
    told = answer.json()
    assert (told["title"], told["status"]) == ("Unauthorized", 401)
    assert told["o:errorDetails"][0]["o:errorCode"] == "INVALID_LOGIN"
