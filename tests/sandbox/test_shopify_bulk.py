"""Bulk operations: lines in any order, empty results, failures, cancellation."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.sandbox.conftest import Api
from tests.sandbox.shop import PLENTY, Shop

Json = dict[str, Any]
RUN = """mutation($query: String!, $group: Boolean = false) {
  bulkOperationRunQuery(query: $query, groupObjects: $group) {
    bulkOperation { id status url } userErrors { field message code } } }"""
POLL = """query($id: ID!) { bulkOperation(id: $id) {
  id status errorCode objectCount rootObjectCount fileSize url partialDataUrl completedAt } }"""
ORDERS = """{ orders { edges { node { id name transactions { id }
  lineItems { edges { node { id quantity } } } } } } }"""


@pytest.fixture(scope="module")
def _shared() -> Shop:
    return Shop(Api(days=20, orders_per_day=10))


@pytest.fixture
def shop(_shared: Shop) -> Any:
    yield _shared
    _shared.api.ask("PUT", "/limits", json=PLENTY)


def run(shop: Shop, query: str, *, group: bool = False) -> Json:
    """The operation when it has ended."""
    told = shop.data(RUN, query=query, group=group)["bulkOperationRunQuery"]
    assert told["userErrors"] == []
    return ended(shop, told["bulkOperation"]["id"])


def ended(shop: Shop, id: str) -> Json:
    for _ in range(600):
        told: Json = shop.data(POLL, id=id)["bulkOperation"]
        if told["status"] not in ("CREATED", "RUNNING", "CANCELING"):
            return told
        time.sleep(0.05)
    raise AssertionError("The bulk operation did not end.")


def lines(shop: Shop, url: str) -> list[Json]:
    answer = shop.api.ask("GET", url.removeprefix("http://sandbox"))
    assert answer.status_code == 200
    return [json.loads(line) for line in answer.text.splitlines()]


def test_the_lines_hold_what_the_pages_hold(shop: Shop) -> None:
    done = run(shop, ORDERS)
    found = lines(shop, done["url"])
    assert done["status"] == "COMPLETED"
    assert int(done["objectCount"]) == len(found)
    assert int(done["fileSize"]) > 0
    roots = {it["id"]: it for it in found if "__parentId" not in it}
    assert int(done["rootObjectCount"]) == len(roots)
    node = "id name transactions { id } lineItems(first: 50) { nodes { id quantity } }"
    for order in shop.walk("orders", node):
        items = order.pop("lineItems")["nodes"]
        assert roots.pop(order["id"]) == order
        below = [it for it in found if it.get("__parentId") == order["id"]]
        own = [{name: it[name] for name in ("id", "quantity")} for it in below]
        assert sorted(own, key=str) == sorted(items, key=str)
    assert roots == {}


def test_children_need_not_follow_their_parent_unless_grouped(shop: Shop) -> None:
    def early(found: list[Json]) -> int:
        seen: set[str] = set()
        count = 0
        for it in found:
            count += "__parentId" in it and it["__parentId"] not in seen
            seen.add(it["id"])
        return count

    assert early(lines(shop, run(shop, ORDERS)["url"])) > 10
    assert early(lines(shop, run(shop, ORDERS, group=True)["url"])) == 0


def test_a_connection_of_the_account_can_be_read(shop: Shop) -> None:
    query = "{ shopifyPaymentsAccount { balanceTransactions { edges { node { id type } } } } }"
    found = lines(shop, run(shop, query)["url"])
    walked = shop.walk("shopifyPaymentsAccount.balanceTransactions", "id type")
    assert sorted(map(str, found)) == sorted(map(str, walked))


def test_no_rows_have_no_address(shop: Shop) -> None:
    done = run(shop, '{ orders(query: "created_at:>2030") { edges { node { id } } } }')
    assert done["status"] == "COMPLETED"
    assert (done["url"], done["objectCount"], done["fileSize"]) == (None, "0", None)


def test_a_failed_operation_leaves_what_it_had(shop: Shop) -> None:
    shop.api.ask("PUT", "/limits", json={"shopify": {"bulk_failing": 1}})
    done = run(shop, ORDERS)
    assert (done["status"], done["url"]) == ("FAILED", None)
    assert done["errorCode"] == "INTERNAL_SERVER_ERROR"
    assert len(lines(shop, done["partialDataUrl"])) == int(done["objectCount"])
    assert run(shop, ORDERS)["status"] == "COMPLETED"


def test_a_missing_scope_fails_the_operation(shop: Shop) -> None:
    query = "{ shopifyPaymentsAccount { payouts { edges { node { id } } } } }"
    told = shop.answer(RUN, shop.keys["restricted_access_token"], query=query)["data"]
    done = ended(shop, told["bulkOperationRunQuery"]["bulkOperation"]["id"])
    assert (done["status"], done["errorCode"]) == ("FAILED", "ACCESS_DENIED")


def test_a_running_operation_is_canceled(shop: Shop) -> None:
    shop.api.ask("PUT", "/limits", json={"shopify": {"bulk_seconds": 30}})
    id = shop.data(RUN, query=ORDERS)["bulkOperationRunQuery"]["bulkOperation"]["id"]
    assert shop.data("{ currentBulkOperation { id } }")["currentBulkOperation"]["id"] == id
    cancel = "mutation($id: ID!) { bulkOperationCancel(id: $id) { userErrors { message } } }"
    assert shop.data(cancel, id=id)["bulkOperationCancel"]["userErrors"] == []
    assert ended(shop, id)["status"] == "CANCELED"
    again = shop.data(cancel, id=id)["bulkOperationCancel"]["userErrors"]
    assert "canceled" in again[0]["message"]
