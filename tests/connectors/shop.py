"""A shop in memory that answers our queries as the Admin GraphQL API does, over the wire server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from ecomops.connectors.http import Limits
from ecomops.connectors.shopify import ShopifyConnector
from tests.connectors.wire import Reply, Request, Respond, Wire, reply, serve

Json = dict[str, Any]

NOW = datetime(2026, 6, 10, tzinfo=UTC)
HASTY = Limits(connect=10, read=10, retries=2, first_backoff=0.001, longest_backoff=0.002)
TOKEN = "shpat_" + "c" * 32
VERSION: dict[str, Any] = {"X_Shopify_API_Version": "2026-07"}

_LISTS = {
    "orders": "updatedAt", "payouts": "issuedAt", "balanceTransactions": "transactionDate",
    "disputes": "initiatedAt",
}  # fmt: skip
_TIMES = {
    "updated_at": "updatedAt", "created_at": "createdAt", "issued_at": "issuedAt",
    "processed_at": "transactionDate", "initiated_at": "initiatedAt",
}  # fmt: skip


@contextmanager
def shop_at(respond: Respond) -> Iterator[tuple[ShopifyConnector, Wire]]:
    values = {"shop_domain": "nord.myshopify.com", "api_key": "k" * 32, "api_secret": TOKEN}
    with serve(respond) as wire:
        connector = ShopifyConnector(
            {name: SecretStr(value) for name, value in values.items()},
            base=wire.base, now=lambda: NOW, limits=HASTY, bulk_from=None,
        )  # fmt: skip
        try:
            yield connector, wire
        finally:
            connector.close()


def told(data: Any, **extensions: Any) -> Reply:
    return reply({"data": data, "extensions": extensions}, **VERSION)


def told_text(data: str) -> Reply:
    return reply(f'{{"data": {data}}}', **VERSION)


def refused(code: str, message: str = "No.", data: Any = None, **more: Any) -> Reply:
    error = {"message": message, "extensions": {"code": code, **more}}
    return reply({"errors": [error], "data": data}, **VERSION)


def variables(request: Request) -> Json:
    values: Json = json.loads(request.body)["variables"]
    return values


@dataclass
class Shop:
    """Objects by connection, in any order. ``rest``: nodes of nested lists, by (owner id, name).

    ``cost`` of a page is so many points for each object of it, and 1000 is the most.
    """

    objects: dict[str, list[Json]] = field(default_factory=dict)
    rest: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    payments: bool = True
    page: int = 250
    cost: int = 1

    def respond(self, request: Request) -> Reply:
        document, values = (json.loads(request.body)[name] for name in ("query", "variables"))
        name = next((it for it in _LISTS if f"{it}(first: $first" in document), None)
        if name is not None:
            return self._list(name, values)
        if "nodes(ids:" in document:
            return self._nodes(values["ids"])
        return self._rest(document, values)

    def _list(self, name: str, values: Json) -> Reply:
        if name != "orders" and not self.payments:
            return told({"shopifyPaymentsAccount": None})
        points = self.cost * values["first"]
        if points > 1000:
            return refused("MAX_COST_EXCEEDED", f"Query cost is {points}, over the limit of 1000.")
        found = [it for it in self.objects.get(name, ()) if _fits(it, values["query"] or "")]
        found.sort(key=lambda it: (it[_LISTS[name]], it["id"]))
        if values["after"]:
            ids = [it["id"] for it in found]
            if values["after"] not in ids:
                return refused("BAD_REQUEST", "Invalid cursor for current pagination sort.")
            found = found[ids.index(values["after"]) + 1 :]
        size = min(values["first"], self.page)
        end = found[size - 1]["id"] if len(found) > size else None
        page = {
            "nodes": found[:size],
            "pageInfo": {"hasNextPage": end is not None, "endCursor": end},
        }
        data = {name: page}
        cost = {"requestedQueryCost": points}
        return told(data if name == "orders" else {"shopifyPaymentsAccount": data}, cost=cost)

    def _nodes(self, ids: list[str]) -> Reply:
        known = {it["id"]: it for objects in self.objects.values() for it in objects}
        steps = {
            step["id"]: {"order": {"id": order["id"]}}
            for order in self.objects.get("orders", ())
            for step in order["transactions"]
        }
        return told({"nodes": [known.get(it) or steps.get(it) for it in ids]})

    def _rest(self, document: str, values: Json) -> Reply:
        match = re.search(r"(\w+)\(first: \d+, after: \$after\)", document)
        assert match is not None, document
        nodes = self.rest.get((values["id"], match[1]))
        if nodes is None:
            return told({"node": None})
        at = int(values["after"])
        end = str(at + 2) if at + 2 < len(nodes) else None
        page_info = {"hasNextPage": end is not None, "endCursor": end}
        return told({"node": {match[1]: {"nodes": nodes[at : at + 2], "pageInfo": page_info}}})


def _fits(item: Json, search: str) -> bool:
    for term in filter(None, search.split(" AND ")):
        name, _, value = term.partition(":")
        if name == "payments_transfer_id":
            wanted = f"gid://shopify/ShopifyPaymentsPayout/{value}"
            if item["associatedPayout"]["id"] != wanted:
                return False
            continue
        said, limit = item[_TIMES[name]], value.lstrip("<>=").strip("'")
        if not (said >= limit if value.startswith(">=") else said < limit):
            return False
    return True
