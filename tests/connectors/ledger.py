"""An account in memory that answers like Stripe's lists, over the wire server."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from ecomops.connectors.http import Limits
from ecomops.connectors.stripe import StripeConnector
from tests.connectors import stripe_objects as stripe
from tests.connectors.wire import Reply, Request, Respond, Wire, error, reply, serve

Json = dict[str, Any]

NOW = datetime.fromtimestamp(stripe.CREATED + 1_000_000, UTC)
HASTY = Limits(connect=1, read=1, retries=2, first_backoff=0.001, longest_backoff=0.002)
KEY = "sk_test_canary123"


@contextmanager
def stripe_at(respond: Respond, key: str = KEY) -> Iterator[tuple[StripeConnector, Wire]]:
    with serve(respond) as wire:
        connector = StripeConnector(SecretStr(key), base=wire.base, now=lambda: NOW, limits=HASTY)
        try:
            yield connector, wire
        finally:
            connector.close()


def a_list(*data: Any, has_more: bool = False) -> Reply:
    return reply({"object": "list", "data": list(data), "has_more": has_more})


SINGULAR = {
    "charges": "charge",
    "refunds": "refund",
    "disputes": "dispute",
    "payouts": "payout",
    "balance_transactions": "balance_transaction",
}


@dataclass
class Ledger:
    """Objects by collection, oldest first. ``page`` caps what the caller asks for."""

    objects: dict[str, list[Json]] = field(default_factory=dict)
    contents: dict[str, list[str]] = field(default_factory=dict)
    page: int = 100

    def respond(self, request: Request) -> Reply:
        parts = request.path.removeprefix("/v1/").split("/")
        if len(parts) == 2:
            return self._retrieve(*parts)
        return self._list(parts[0], request.query)

    def _retrieve(self, collection: str, wanted: str) -> Reply:
        for item in self.objects.get(collection, []):
            if item["id"] == wanted:
                return reply(item)
        return error(404, f"No such {SINGULAR[collection]}: '{wanted}'", code="resource_missing")

    def _list(self, collection: str, query: dict[str, str]) -> Reply:
        items = list(reversed(self.objects.get(collection, [])))
        if since := query.get("created[gte]"):
            items = [item for item in items if item["created"] >= int(since)]
        if payout := query.get("payout"):
            if payout not in self.contents:
                return error(400, f"No such payout: '{payout}'", code="resource_missing")
            items = [item for item in items if item["id"] in self.contents[payout]]
        if after := query.get("starting_after"):
            ids = [item["id"] for item in items]
            if after not in ids:
                return error(400, f"No such object: '{after}'", code="resource_missing")
            items = items[ids.index(after) + 1 :]
        size = min(int(query["limit"]), self.page)
        return reply({"object": "list", "data": items[:size], "has_more": len(items) > size})
