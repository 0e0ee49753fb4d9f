"""The Shopify simulator: tokens, versions, and the shop."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from ecomops.sandbox.wire.shopify.oauth import query_signature
from tests.sandbox.conftest import Api

SHOP = "query Shop { shop { id name myshopifyDomain currencyCode ianaTimezone } }"


def keys(api: Api) -> dict[str, str]:
    told: dict[str, str] = api.ask("GET", "/credentials.json").json()["shopify"]
    return told


def grant(
    api: Api, other: dict[str, str] | None = None, *, as_form: bool = False
) -> httpx.Response:
    own = keys(api)
    wanted = {
        "grant_type": "client_credentials",
        "client_id": own["api_key"],
        "client_secret": own["api_secret"],
        **(other or {}),
    }
    how: dict[str, Any] = {"data": wanted} if as_form else {"json": wanted}
    return api.ask("POST", f"/shopify/{own['shop_domain']}/admin/oauth/access_token", **how)


def query(
    api: Api, token: str, version: str = "2026-07", document: str = SHOP, **variables: Any
) -> httpx.Response:
    path = f"/shopify/{keys(api)['shop_domain']}/admin/api/{version}/graphql.json"
    headers = {"X-Shopify-Access-Token": token}
    return api.ask("POST", path, headers=headers, json={"query": document, "variables": variables})


@pytest.mark.parametrize("as_form", [True, False])
def test_the_apps_credentials_buy_a_token_for_a_day(api: Api, as_form: bool) -> None:
    told = grant(api, as_form=as_form).json()
    assert told["expires_in"] == 86_399
    assert "read_all_orders" in told["scope"].split(",")
    shop = query(api, told["access_token"]).json()["data"]["shop"]
    assert shop["myshopifyDomain"] == keys(api)["shop_domain"]
    api.set_clock(1)
    answer = query(api, told["access_token"])
    assert answer.status_code == 401
    assert "Invalid API key or access token" in answer.json()["errors"]
    assert query(api, keys(api)["access_token"]).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"client_id": "other"}, "invalid_client"),
        ({"client_secret": "other"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_other_credentials_buy_none(api: Api, wrong: dict[str, str], error: str) -> None:
    answer = grant(api, wrong)
    assert answer.status_code == 400
    assert answer.json()["error"] == error
    assert "access_token" not in answer.json()


@pytest.mark.parametrize("version", ["2020-01", "unstable", "2026-07"])
def test_another_version_falls_forward_in_silence(api: Api, version: str) -> None:
    answer = query(api, keys(api)["access_token"], version)
    assert answer.status_code == 200
    assert answer.headers["x-shopify-api-version"] == "2026-07"


def test_a_stranger_and_another_shop_are_refused(api: Api) -> None:
    assert query(api, "").status_code == 401
    path = "/shopify/other.myshopify.com/admin/api/2026-07/graphql.json"
    assert api.ask("POST", path, json={"query": SHOP}).status_code == 404


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("query {\n  shop {\n    id\n", "PARSE_ERROR"),
        ("", "PARSE_ERROR"),
        ("{ shop }", "selectionMismatch"),
        ("{ noSuchRoot { id } }", "undefinedField"),
        ("{ shop { noSuchField } }", "undefinedField"),
    ],
)
def test_a_wrong_query_is_told_with_status_200(api: Api, document: str, code: str) -> None:
    answer = query(api, keys(api)["access_token"], document=document)
    assert answer.status_code == 200
    told = answer.json()
    assert "data" not in told
    assert told["errors"][0]["extensions"]["code"] == code
    assert told["errors"][0]["locations"]


def test_names_variables_and_fragments_of_graphql_work(api: Api) -> None:
    document = "query Q($more: Boolean!) { it: shop { name ...Plan @include(if: $more) } }"
    document += " fragment Plan on Shop { plan { shopifyPlus } }"
    token = keys(api)["access_token"]
    short = query(api, token, document=document, more=False).json()
    assert short["data"] == {"it": {"name": "Ecomops Demo Shop"}}
    long = query(api, token, document=document, more=True).json()
    assert long["data"]["it"]["plan"] == {"shopifyPlus": False}


# the code grant


def authorize(api: Api, **other: str) -> httpx.Response:
    own = keys(api)
    wanted = {
        "client_id": own["api_key"],
        "scope": "read_orders,write_everything",
        "redirect_uri": "https://app.example.com/callback?x=1",
        "state": "0.6784241404160823",
        **other,
    }
    path = f"/shopify/{own['shop_domain']}/admin/oauth/authorize"
    return api.ask("GET", path, params=wanted)


def test_the_signature_of_a_callback_is_the_documented_one() -> None:
    told = {
        "code": "0907a61c0c8d55e99db179b68161bc00",
        "shop": "some-shop.myshopify.com",
        "state": "0.6784241404160823",
        "timestamp": "1337178173",
    }
    expected = "700e2dadb827fcc8609e9d5ce208b2e9cdaab9df07390d2cbca10d7c328fc4bf"
    assert query_signature(told, "hush") == expected


def test_an_approved_code_buys_a_token_that_is_renewed_and_rotates(api: Api) -> None:
    back = authorize(api)
    assert back.status_code == 302
    told = dict(parse_qsl(urlsplit(back.headers["location"]).query))
    assert told.pop("x") == "1"
    signed = told.pop("hmac")
    assert signed == query_signature(told, keys(api)["api_secret"])
    assert told["state"] == "0.6784241404160823"
    assert abs(int(told["timestamp"]) - time.time()) < 60
    code = {"grant_type": "", "code": told["code"], "expiring": "1"}
    first = grant(api, code).json()
    assert first["scope"] == "read_orders"
    assert first["expires_in"] == 3_600
    assert grant(api, code).json()["error"] == "invalid_request"
    assert query(api, first["access_token"]).status_code == 200

    old = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = grant(api, old).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert grant(api, old).status_code == 200  # its successor has not been used yet
    new = {"grant_type": "refresh_token", "refresh_token": second["refresh_token"]}
    assert grant(api, new).status_code == 200


def test_a_used_successor_ends_the_refresh_token_before_it(api: Api) -> None:
    back = authorize(api).headers["location"]
    code = dict(parse_qsl(urlsplit(back).query))["code"]
    first = grant(api, {"grant_type": "", "code": code, "expiring": "1"}).json()
    old = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = grant(api, old).json()
    new = {"grant_type": "refresh_token", "refresh_token": second["refresh_token"]}
    assert grant(api, new).status_code == 200
    assert grant(api, old).json()["error"] == "invalid_grant"


def test_a_code_without_expiring_buys_a_lasting_token(api: Api) -> None:
    back = authorize(api, scope="").headers["location"]
    code = dict(parse_qsl(urlsplit(back).query))["code"]
    told = grant(api, {"grant_type": "", "code": code}).json()
    assert sorted(told) == ["access_token", "scope"]
    api.set_clock(40)
    assert query(api, told["access_token"]).status_code == 200


def test_another_app_is_not_approved(api: Api) -> None:
    assert authorize(api, client_id="other").status_code == 400
    assert authorize(api, redirect_uri="nowhere").status_code == 400
