"""The Shopify simulator: tokens, versions, and the shop."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import ObjectTypeDefinitionNode, parse, print_ast

from ecomops.connectors.shopify.connector import SHOP
from ecomops.sandbox.wire.shopify.graphql import SDL, execute
from tests.sandbox.conftest import Api

PUBLISHED = (
    Path(__file__).parents[3] / "shared/providers/shopify/admin-graphql-2026-07.schema.graphql.gz"
)


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


def query(api: Api, token: str, version: str = "2026-07", document: str = SHOP) -> httpx.Response:
    path = f"/shopify/{keys(api)['shop_domain']}/admin/api/{version}/graphql.json"
    headers = {"X-Shopify-Access-Token": token}
    return api.ask("POST", path, headers=headers, json={"query": document})


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


def test_names_and_variables_of_graphql_work() -> None:
    document = "query Q($more: Boolean!) { it: shop { name ...Plan @include(if: $more) } }"
    document += " fragment Plan on Shop { plan { shopifyPlus } }"
    shop = {"name": "Nord", "plan": {"shopifyPlus": False}}
    short = execute({"query": document, "variables": {"more": False}}, shop)
    assert short["data"] == {"it": {"name": "Nord"}}
    long = execute({"query": document, "variables": {"more": True}}, shop)
    assert long["data"] == {"it": shop}
    cost = long["extensions"]["cost"]
    assert cost["throttleStatus"]["currentlyAvailable"] == 2000 - cost["actualQueryCost"]


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published schema is not here")
def test_the_types_are_those_of_the_published_schema() -> None:
    published = gzip.decompress(PUBLISHED.read_bytes()).decode()
    for ours in parse(SDL).definitions:
        if not isinstance(ours, ObjectTypeDefinitionNode) or ours.name.value == "QueryRoot":
            continue
        name = ours.name.value
        text = re.search(rf"^type {name} .*?^}}", published, re.DOTALL | re.MULTILINE)
        assert text
        (theirs,) = parse(text[0]).definitions
        assert isinstance(theirs, ObjectTypeDefinitionNode)
        types = {field.name.value: print_ast(field.type) for field in theirs.fields or ()}
        for field in ours.fields or ():
            assert types[field.name.value] == print_ast(field.type), f"{name}.{field.name.value}"
