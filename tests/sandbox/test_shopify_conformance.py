"""What the real API was recorded to answer, the sandbox answers alike, where it serves it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSyntaxError, OperationDefinitionNode, OperationType

from ecomops.sandbox.wire.shopify.cost import cost_of
from ecomops.sandbox.wire.shopify.schema import checked
from tests.sandbox.conftest import Api
from tests.sandbox.shop import Shop

Json = dict[str, Any]
RECORDED = Path(__file__).parents[3] / "shared/providers/shopify/graphql_conformance"
pytestmark = pytest.mark.skipif(not RECORDED.exists(), reason="the recorded exchanges are not here")


def recorded(name: str) -> Json:
    (path,) = RECORDED.glob(f"*{name}.json")
    told: Json = json.loads(path.read_text())
    return told


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop(Api(days=8, orders_per_day=4))


@pytest.mark.parametrize(
    "case",
    [
        "missingSubselection",
        "missingRequiredVariable",
        "unknownQueryRoot",
        "unknownMutationRoot",
        "unknownProductField",
        "unknownOrderField",
    ],
)
def test_a_document_that_does_not_fit_is_refused_in_the_same_words(case: str, shop: Shop) -> None:
    told = recorded("graphql-base-validation-unhappy-paths")["cases"][case]
    request = told["request"]
    answer = shop.answer(request["query"], **request["variables"])
    assert answer == told["response"]["payload"]


def test_a_document_that_ends_too_early_is_a_syntax_error(shop: Shop) -> None:
    told = recorded("graphql-base-validation-unhappy-paths")["cases"]["invalidSyntax"]
    error = shop.error(told["request"]["query"])
    (theirs,) = told["response"]["payload"]["errors"]
    assert error["extensions"] == theirs["extensions"]
    assert error["message"].startswith("syntax error")


def test_an_account_that_may_not_be_read_is_null_and_an_error(shop: Shop) -> None:
    told = recorded("shopify-payments-account-access-denied")
    document = told["upstreamCalls"][0]["query"]
    answer = shop.answer(document, shop.keys["restricted_access_token"])
    assert answer["errors"] == told["errors"]
    assert answer["data"] == told["data"]
    cost = answer["extensions"]["cost"]
    assert cost["requestedQueryCost"] == told["extensions"]["cost"]["requestedQueryCost"]


@pytest.mark.parametrize(
    "case",
    [
        "nodesInsteadOfEdges",
        "ordersNodesInsteadOfEdges",
        "topLevelNode",
        "depthThreeNesting",
        "sixConnections",
        "nestedWithoutParentId",
        "invalidOperationType",
        "connectionWithinList",
    ],
)
def test_a_bulk_query_is_refused_for_the_same_reasons(case: str, shop: Shop) -> None:
    told = recorded("bulk-operation-run-query-validators")["validations"][case]
    assert shop.data(told["query"], **told["variables"]) == told["response"]["data"]


def test_the_sixth_bulk_operation_at_once_is_refused(shop: Shop) -> None:
    told = recorded("bulk-operation-run-query-concurrency-limit")
    limits = {"shopify": {"maximum": 10_000, "restored": 10_000, "bulk_seconds": 5}}
    shop.api.ask("PUT", "/limits", json=limits)
    query = {"query": "{ orders { edges { node { id } } } }"}
    runs = [shop.data(it["query"], **query) for it in told["successfulRuns"]]
    started = [it["bulkOperationRunQuery"]["bulkOperation"] for it in runs]
    refused = shop.data(told["sixthRun"]["query"], **query)["bulkOperationRunQuery"]
    (error,) = refused["userErrors"]
    (theirs,) = told["sixthRun"]["response"]["data"]["bulkOperationRunQuery"]["userErrors"]
    assert error["code"] == theirs["code"]
    assert error["field"] == theirs["field"]
    assert all(it["id"] in error["message"] for it in started)
    theirs_first = told["successfulRuns"][0]["response"]["data"]["bulkOperationRunQuery"]
    assert set(started[0]) == set(theirs_first["bulkOperation"])
    cancel = told["cancelAttempts"][0]["query"]
    for it in started:
        canceled = shop.data(cancel, id=it["id"])["bulkOperationCancel"]
        assert canceled["bulkOperation"]["status"] == "CANCELING"


@cache
def recorded_costs() -> list[tuple[str, str, int]]:
    """(query, variables as JSON, requested cost) of every recorded read."""
    found: dict[str, tuple[str, str, int]] = {}
    for path in sorted(RECORDED.glob("*.json")):
        for exchange in _exchanges(json.loads(path.read_text())):
            query, variables = exchange["query"], exchange.get("variables")
            if (points := _requested(exchange)) is not None and _is_read(query):
                found.setdefault(query, (query, json.dumps(variables or {}), points))
    return list(found.values())


def _exchanges(told: Any) -> Iterator[Json]:
    if isinstance(told, dict):
        if isinstance(told.get("query"), str):
            yield told
        told = list(told.values())
    for inner in told if isinstance(told, list) else ():
        yield from _exchanges(inner)


def _requested(exchange: Json) -> int | None:
    for steps in (("response",), ("response", "payload"), ("payload",), ("response", "body")):
        held: Any = exchange
        for step in (*steps, "extensions", "cost", "requestedQueryCost"):
            held = held.get(step) if isinstance(held, dict) else None
        if isinstance(held, int):
            return held
    return None


def _is_read(query: str) -> bool:
    try:
        document, errors = checked(query)
    except GraphQLSyntaxError:
        return False
    kinds = [it.operation for it in document.definitions if isinstance(it, OperationDefinitionNode)]
    return kinds == [OperationType.QUERY] and not errors


CHARGED_OTHERWISE = {
    "OrderEmptyStateRead",  # a count without a query is cheaper
    "OrderManagementDownstreamRead",  # recorded together with a mutation
    "OrderCatalogCountRead",
    "ReturnShippingFeeSchemaEvidence",  # introspection is free here
}


def test_a_query_costs_what_it_was_recorded_to_cost() -> None:
    told = recorded_costs()
    wrong = {}
    for query, variables, points in told:
        document, _ = checked(query)
        operation = next(
            it for it in document.definitions if isinstance(it, OperationDefinitionNode)
        )
        ours = cost_of(document, operation, json.loads(variables))
        if ours != points:
            name = re.search(r"query (\w+)", query)
            wrong[name[1] if name else query] = (ours, points)
    assert set(wrong) == CHARGED_OTHERWISE, wrong
    assert len(told) > 20
