"""The sandbox's shop as tests ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.sandbox.conftest import Api

Json = dict[str, Any]
PLENTY = {"shopify": {"maximum": 1_000_000, "restored": 1_000_000}}


class Shop:
    """Asks the shop of a sandbox by GraphQL, with the full token unless told otherwise."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.keys: dict[str, str] = api.ask("GET", "/credentials.json").json()["shopify"]
        api.ask("PUT", "/limits", json=PLENTY)

    def answer(self, document: str, token: str | None = None, **variables: Any) -> Json:
        """The whole answer, errors included."""
        path = f"/shopify/{self.keys['shop_domain']}/admin/api/2026-07/graphql.json"
        headers = {"X-Shopify-Access-Token": token or self.keys["access_token"]}
        body = {"query": document, "variables": variables}
        told: Json = self.api.ask("POST", path, headers=headers, json=body).json()
        return told

    def data(self, document: str, **variables: Any) -> Json:
        told = self.answer(document, **variables)
        assert "errors" not in told, told
        data: Json = told["data"]
        return data

    def error(self, document: str, token: str | None = None, **variables: Any) -> Json:
        """The one error of a document."""
        (error,) = self.answer(document, token, **variables)["errors"]
        told: Json = error
        return told

    def walk(self, field: str, node: str, arguments: str = "", size: int = 250) -> Iterator[Json]:
        """Every node of a connection, by its pages; ``field`` may be ``account.payouts``."""
        outer, _, name = field.rpartition(".")
        inner = f"{name}(first: $n, after: $after{arguments}) {{ nodes {{ {node} }} " \
            "pageInfo { hasNextPage endCursor } }"  # fmt: skip
        body = f"{outer} {{ {inner} }}" if outer else inner
        after, more = None, True
        while more:
            document = f"query($n: Int!, $after: String) {{ {body} }}"
            told = self.data(document, n=size, after=after)
            held = (told[outer] if outer else told)[name]
            yield from held["nodes"]
            after, more = held["pageInfo"]["endCursor"], held["pageInfo"]["hasNextPage"]
