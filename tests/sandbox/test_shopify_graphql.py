"""Pages, searches, costs and access of the GraphQL simulator."""

from __future__ import annotations

from typing import Any

import httpx
import psutil
import pytest

from ecomops.sandbox.wire.shopify.cost import Bucket
from ecomops.sandbox.wire.shopify.search import instants
from tests.sandbox.conftest import Api, Running, start, stop
from tests.sandbox.shop import PLENTY, Shop

Json = dict[str, Any]


@pytest.fixture(scope="module")
def _shared() -> Shop:
    return Shop(Api(days=75, orders_per_day=4))


@pytest.fixture
def shop(_shared: Shop) -> Any:
    yield _shared
    _shared.api.set_clock(0)
    _shared.api.ask("PUT", "/faults", json={})
    _shared.api.ask("PUT", "/limits", json=PLENTY)


def ids(shop: Shop, arguments: str, size: int = 250) -> list[str]:
    return [it["id"] for it in shop.walk("orders", "id", arguments, size)]


# pages


@pytest.mark.parametrize("sort", ["UPDATED_AT", "CREATED_AT", "PROCESSED_AT", "ID"])
def test_pages_of_any_size_and_direction_hold_the_same(sort: str, shop: Shop) -> None:
    whole = ids(shop, f", sortKey: {sort}")
    assert len(whole) == len(set(whole)) > 400
    assert ids(shop, f", sortKey: {sort}", 37) == whole
    assert ids(shop, f", sortKey: {sort}, reverse: true", 91) == whole[::-1]


def test_pages_can_be_walked_backwards(shop: Shop) -> None:
    document = """query($before: String) { orders(last: 50, before: $before, sortKey: CREATED_AT) {
        nodes { id } pageInfo { hasPreviousPage startCursor } } }"""
    found: list[str] = []
    before, more = None, True
    while more:
        held = shop.data(document, before=before)["orders"]
        found = [it["id"] for it in held["nodes"]] + found
        before, more = held["pageInfo"]["startCursor"], held["pageInfo"]["hasPreviousPage"]
    assert found == ids(shop, ", sortKey: CREATED_AT")


def test_an_order_that_changes_comes_again_by_its_update(shop: Shop) -> None:
    node = "id updatedAt displayFinancialStatus"
    before = {it["id"]: it for it in shop.walk("orders", node, ", sortKey: UPDATED_AT")}
    shop.api.set_clock(3)
    since = ', sortKey: UPDATED_AT, query: "updated_at:>=2026-11-20"'
    after = {it["id"]: it for it in shop.walk("orders", node, since)}
    again = set(after) & set(before)
    assert len(again) > 3
    assert len(set(after) - set(before)) > 10
    for it in again:
        assert before[it]["updatedAt"] < "2026-11-20T00:00:00Z" <= after[it]["updatedAt"]
    unchanged = set(before) - again
    whole = {it["id"]: it for it in shop.walk("orders", node, ", sortKey: UPDATED_AT")}
    assert all(whole[it] == before[it] for it in unchanged)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("", "one of first or last"),
        ("first: 251", "between 0 and 250"),
        ("first: -1", "between 0 and 250"),
        ("first: 1, last: 1", "both first and last"),
        ('first: 1, after: "bm9uZQ=="', "Invalid cursor"),
        ("first: 1, sortKey: TOTAL_PRICE", "does not serve"),
    ],
)
def test_a_page_that_cannot_be_is_refused(arguments: str, said: str, shop: Shop) -> None:
    brackets = f"({arguments})" if arguments else ""
    answer = shop.answer(f"{{ orders{brackets} {{ nodes {{ id }} }} }}")
    assert said in answer["errors"][0]["message"]
    assert answer["data"] is None


def test_a_cursor_belongs_to_its_sort_key(shop: Shop) -> None:
    page = "{ orders(first: 1, sortKey: ID) { pageInfo { endCursor } } }"
    cursor = shop.data(page)["orders"]["pageInfo"]["endCursor"]
    other = (
        "query($a: String) { orders(first: 1, after: $a, sortKey: UPDATED_AT) { nodes { id } } }"
    )
    assert "Invalid cursor" in shop.error(other, a=cursor)["message"]


# searches


def test_a_search_narrows_by_time_and_status(shop: Shop) -> None:
    node = "id createdAt displayFinancialStatus name"
    search = "created_at:>='2026-10-01T00:00:00Z' AND created_at:<2026-10-08 financial_status:paid"
    found = [*shop.walk("orders", node, f', query: "{search}"')]
    every = [*shop.walk("orders", node)]
    wanted = [
        it
        for it in every
        if "2026-10-01" <= it["createdAt"] < "2026-10-08" and it["displayFinancialStatus"] == "PAID"
    ]
    assert found == wanted
    assert wanted
    name = wanted[0]["name"]
    by_name = [*shop.walk("orders", node, f', query: "name:{name}"')]
    assert by_name == [wanted[0]]


def test_an_unknown_filter_is_ignored_and_warned_of(shop: Shop) -> None:
    document = '{ orders(first: 3, query: "colour:red AND test:false") { nodes { id } } }'
    answer = shop.answer(document)
    assert len(answer["data"]["orders"]["nodes"]) == 3
    (told,) = answer["extensions"]["search"]
    assert told["path"] == ["orders"]
    assert told["warnings"][0]["field"] == "colour"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2026", 365 * 86_400), ("2026-02", 28 * 86_400), ("2026-02-03", 86_400),
     ("2026-02-03T04:05:06Z", 1), ("2026-02-03T04:05:06+02:00", 1)],
)  # fmt: skip
def test_instants_are_as_long_as_they_are_told(text: str, seconds: int) -> None:
    low, high = instants(text)
    assert high - low == seconds


def test_counts(shop: Shop) -> None:
    every = len(ids(shop, ""))
    told = shop.data("""{ all: ordersCount(limit: null) { count precision }
        few: ordersCount(limit: 5) { count precision } }""")
    assert told["all"] == {"count": every, "precision": "EXACT"}
    assert told["few"] == {"count": 5, "precision": "AT_LEAST"}


# one by one


def test_any_object_is_found_by_its_id(shop: Shop) -> None:
    node = "id transactions { id } refunds { id } disputes { id }"
    orders = [it for it in shop.walk("orders", node) if it["refunds"]]
    wanted = [orders[0]["id"], orders[0]["transactions"][0]["id"], orders[0]["refunds"][0]["id"]]
    account = """{ shopifyPaymentsAccount { payouts(first: 1) { nodes { id } }
        disputes(first: 1) { nodes { id } } balanceTransactions(first: 1) { nodes { id } } } }"""
    told = shop.data(account)["shopifyPaymentsAccount"]
    wanted += [it["nodes"][0]["id"] for it in told.values()]
    document = "query($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }"
    found = shop.data(document, ids=[*wanted, "gid://shopify/Order/1", "nonsense"])["nodes"]
    assert [it and it["id"] for it in found] == [*wanted, None, None]
    types = [it["__typename"] for it in found[:6]]
    assert types == [it.split("/")[3] for it in wanted]


def test_what_has_not_happened_is_not_there(shop: Shop) -> None:
    newest = ids(shop, ", reverse: true")[0]
    document = "query($id: ID!) { order(id: $id) { id } }"
    assert shop.data(document, id=newest)["order"] == {"id": newest}
    shop.api.set_clock(-1)
    assert shop.data(document, id=newest)["order"] is None


def test_gift_cards_are_sold_and_redeemed(shop: Shop) -> None:
    node = """id initialValue { amount currencyCode } balance { amount } order { id }
        lineItem { id isGiftCard } transactions(first: 5) { nodes { id amount { amount } } }"""
    cards = [*shop.walk("giftCards", node, size=30)]
    sold = [it for it in cards if it["order"]]
    used = [it for it in cards if it["transactions"]["nodes"]]
    assert len(sold) > 5
    assert len(used) > 5
    assert all(it["lineItem"]["isGiftCard"] for it in sold)
    assert all(it["balance"] != it["initialValue"]["amount"] for it in used)
    again = shop.data("query($id: ID!) { giftCard(id: $id) { id } }", id=used[0]["id"])
    assert again["giftCard"]["id"] == used[0]["id"]


# costs


def test_a_query_is_paid_from_a_bucket_that_leaks_back() -> None:
    clock = [0.0]
    bucket = Bucket(lambda: clock[0])
    assert bucket.take(1_990)
    assert not bucket.take(60)
    assert bucket.told(60, None)["throttleStatus"]["currentlyAvailable"] == 10
    clock[0] += 0.5
    assert bucket.take(60)
    clock[0] += 1_000
    assert bucket.told(1, 1)["throttleStatus"]["currentlyAvailable"] == 2_000


def test_more_than_the_bucket_holds_is_throttled_with_status_200(shop: Shop) -> None:
    shop.api.ask("PUT", "/limits", json={"shopify": {"maximum": 20, "restored": 1}})
    assert shop.data("{ orders(first: 250) { nodes { id } } }")
    answer = shop.answer("{ orders(first: 250) { nodes { id } } }")
    assert answer["errors"] == [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
    cost = answer["extensions"]["cost"]
    assert cost["actualQueryCost"] is None
    assert cost["throttleStatus"]["currentlyAvailable"] < cost["requestedQueryCost"] == 11


def test_a_query_over_a_thousand_points_is_refused_whatever_there_is(shop: Shop) -> None:
    inner = "lineItems(first: 250) { nodes { id taxLines { title } } }"
    inner += " transactions { id } refunds { id refundLineItems(first: 250) { nodes { "
    inner += "lineItem { id taxLines { title } } } } transactions(first: 250) { nodes { id } } "
    inner += "orderAdjustments(first: 250) { nodes { id } } }"
    assert "data" in shop.answer(f"{{ orders(first: 250) {{ nodes {{ {inner} }} }} }}")
    twice = f"{{ a: orders(first: 250) {{ nodes {{ {inner} }} }} "
    twice += f"b: orders(first: 250) {{ nodes {{ {inner} }} }} }}"
    error = shop.error(twice)
    assert error["extensions"]["code"] == "MAX_COST_EXCEEDED"


# access


def test_without_the_scope_for_all_orders_two_months_are_seen(shop: Shop) -> None:
    token = shop.keys["restricted_access_token"]
    oldest = ids(shop, "")[0]
    one = "query($id: ID!) { order(id: $id) { id } }"
    assert shop.answer(one, token, id=oldest)["data"]["order"] is None
    document = "{ orders(first: 1) { nodes { createdAt } } }"
    seen = shop.answer(document, token)["data"]["orders"]["nodes"][0]["createdAt"]
    assert "2026-09-21T00:00:00Z" <= seen < "2026-09-23"


@pytest.mark.parametrize("field", ["disputes", "giftCards"])
def test_a_scope_that_is_missing_is_named(field: str, shop: Shop) -> None:
    document = f"{{ {field}(first: 1) {{ nodes {{ id }} }} }}"
    answer = shop.answer(document, shop.keys["restricted_access_token"])
    assert answer["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
    assert "`read_" in answer["errors"][0]["message"]


def test_scopes_are_told(shop: Shop) -> None:
    document = "{ currentAppInstallation { accessScopes { handle } } }"
    told = shop.answer(document, shop.keys["restricted_access_token"])["data"]
    assert told["currentAppInstallation"]["accessScopes"] == [{"handle": "read_orders"}]


def test_a_field_the_sandbox_lacks_is_said_to_be_lacking(shop: Shop) -> None:
    error = shop.error("{ orders(first: 1) { nodes { id registeredSourceUrl } } }")
    assert error["extensions"]["code"] == "NOT_SERVED_BY_SANDBOX"
    assert "Order.registeredSourceUrl" in error["message"]


# faults


@pytest.mark.parametrize(
    ("fault", "status"), [("server_error", 500), ("revoked", 401), ("rate_limited", 200)]
)
def test_faults_come_in_the_shops_own_words(fault: str, status: int, shop: Shop) -> None:
    script = {"fault": fault, "path": "/shopify", "times": 1}
    shop.api.ask("PUT", "/faults", json={"scripts": [script]})
    path = f"/shopify/{shop.keys['shop_domain']}/admin/api/2026-07/graphql.json"
    headers = {"X-Shopify-Access-Token": shop.keys["access_token"]}
    how: Json = {"headers": headers, "json": {"query": "{ shop { id } }"}}
    answer = shop.api.ask("POST", path, **how)
    assert answer.status_code == status
    assert answer.json()["errors"]
    assert "errors" not in shop.api.ask("POST", path, **how).json()


# scale


def busy_seconds(running: Running) -> float:
    """What a server has used of a processor: the clock would count its neighbours as well."""
    used = psutil.Process(running.process.pid).cpu_times()
    return float(used.user + used.system)


def test_a_million_lines_are_served_at_once() -> None:
    running = start("--scale", "1000000", "--until", "2026-11-20")
    try:
        own = running.json("/credentials.json")["shopify"]
        address = f"{running.base}/shopify/{own['shop_domain']}/admin/api/2026-07/graphql.json"
        headers = {"X-Shopify-Access-Token": own["access_token"]}
        with httpx.Client(headers=headers, timeout=60) as http:
            http.post(address, json={"query": "{ shop { id } }"})  # reads the schema
            page = "{ orders(first: 250, sortKey: UPDATED_AT) { nodes { id name } } }"
            began = busy_seconds(running)
            answer = http.post(address, json={"query": page}).json()
            assert busy_seconds(running) - began < 2
            assert len(answer["data"]["orders"]["nodes"]) == 250
            since = page.replace("UPDATED_AT", 'UPDATED_AT, query: "updated_at:>=2026-11-19"')
            newest = http.post(address, json={"query": since}).json()
            assert len(newest["data"]["orders"]["nodes"]) == 250
    finally:
        assert stop(running) == 0
