"""How hostile pages of each provider are made of its sandbox's answers, and how they are read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import httpx
from pydantic import SecretStr

from ecomops.connectors import http
from ecomops.connectors.base import Page
from ecomops.connectors.http import Answer
from ecomops.connectors.names import netsuite_host_label
from ecomops.connectors.netsuite.batch import read_batch as read_rows
from ecomops.connectors.netsuite.client import NetsuiteClient
from ecomops.connectors.netsuite.lists import LISTS
from ecomops.connectors.netsuite.transactions import LINES, Selection
from ecomops.connectors.records import StoredRecord
from ecomops.connectors.shopify import ShopifyConnector
from ecomops.connectors.shopify.client import API_VERSION, ShopifyClient
from ecomops.connectors.shopify.kinds import KINDS as SHOPIFY_KINDS
from ecomops.connectors.shopify.nested import NestedLists
from ecomops.connectors.stripe import client as stripe
from ecomops.connectors.stripe.objects import KINDS as STRIPE_KINDS
from ecomops.connectors.stripe.objects import read_batch as read_objects
from ecomops.kit.errors import ProviderTransientError
from tests.connectors.named_records import SAMPLES
from tests.connectors.named_shopify import SAMPLES as SHOPIFY_SAMPLES
from tests.connectors.netsuite_named_records import SAMPLES as NETSUITE_SAMPLES
from tests.connectors.netsuite_rows import ACCOUNT
from tests.connectors.said import Figures, money_kept, money_said
from tests.connectors.said_elsewhere import (
    netsuite_kept,
    netsuite_said,
    shopify_kept,
    shopify_said,
)
from tests.integration.provider import Sandbox
from tests.torture.hostile_pages import Hostile, Json
from tests.torture.sources import NETSUITE, SHOPIFY, STRIPE, Source

Samples = dict[str, list[Json]]
NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Reading:
    """``read`` raises ProviderError where the run stops; ``said`` and ``kept`` must be equal.

    ``columns`` of each table are attributes of its records too.
    """

    source: Source
    samples: Callable[[Sandbox], Samples]
    rename: Callable[[Json, int], None]
    envelope: Callable[[str, list[Any]], Json]
    read: Callable[[Hostile], Page]
    said: Callable[[str, StoredRecord], Figures]
    kept: Callable[[StoredRecord], Figures]
    columns: dict[str, tuple[str, ...]]

    def __str__(self) -> str:
        return self.source.name


_TYPE = {"content-type": "application/json"}
_STRIPE_TYPE = httpx.Headers(_TYPE | {"stripe-version": stripe.API_VERSION})
_SHOPIFY_TYPE = httpx.Headers(_TYPE | {"x-shopify-api-version": API_VERSION})
_NETSUITE_TYPE = httpx.Headers({"content-type": "application/vnd.oracle.resource+json"})
_MONEY = ("currency", "amount")
_LINE = ("currency", "gross", "fee", "net")


def _stripe_samples(sandbox: Sandbox) -> Samples:
    key = sandbox.api_key.get_secret_value()
    headers = {"Authorization": f"Bearer {key}", "Stripe-Version": stripe.API_VERSION}
    samples = {stream: [dict(sample)] for stream, sample in SAMPLES.items()}
    for stream, found in samples.items():
        address = f"{sandbox.base}/stripe/v1/{stream}"
        answer = httpx.get(address, params={"limit": 100}, headers=headers, timeout=30)
        found += answer.raise_for_status().json()["data"]
    return samples


def _rename_stripe(element: Json, number: int) -> None:
    element["id"] = f"{element['id']}_{number}"


def _stripe_list(stream: str, elements: list[Any]) -> Json:
    return {"object": "list", "data": elements, "has_more": False, "url": "/v1"}


def _read_stripe(page: Hostile) -> Page:
    found = stripe._decoded(Answer(200, _STRIPE_TYPE, page.body), stripe._read_page)
    batch = read_objects(STRIPE_KINDS[page.stream], found.elements)
    records, rejects = tuple(batch.records.values()), tuple(batch.rejects)
    return Page(page.stream, records, rejects, {}, batch.received, batch.ignored)


def _stripe_said(stream: str, record: StoredRecord) -> Figures:
    told = json.loads(record.raw)
    return (told["id"], told["created"], *money_said(stream, record.raw))


def _stripe_kept(record: Any) -> Figures:
    return (record.source_id, record.source_created_at.timestamp(), *money_kept(record))


STRIPE_READING = Reading(
    STRIPE, _stripe_samples, _rename_stripe, _stripe_list, _read_stripe, _stripe_said,
    _stripe_kept,
    {"payments": _MONEY, "refunds": _MONEY, "disputes": (*_MONEY, "fee", "fee_currency"),
     "payouts": _MONEY, "payout_lines": _LINE},
)  # fmt: skip


def _shopify(values: dict[str, str], base: str) -> ShopifyConnector:
    secrets = {name: SecretStr(values[name]) for name in ("shop_domain", "api_key", "api_secret")}
    return ShopifyConnector(secrets, base=base, bulk_from=None)


def _shopify_samples(sandbox: Sandbox) -> Samples:
    told = sandbox.json("/credentials.json")["shopify"]
    connector = _shopify(told, f"{sandbox.base}/shopify/{told['shop_domain']}")
    samples = {stream: [sample()] for stream, sample in SHOPIFY_SAMPLES.items()}
    for stream, found in samples.items():
        kind = SHOPIFY_KINDS[stream]
        asked = {"first": kind.first, "after": None, "query": None}
        answer = connector._client.read_list(kind.listed, asked, *kind.path, "nodes")
        found += [json.loads(element.text) for element in answer.elements or ()]
    connector.close()
    return samples


def _rename_shopify(element: Json, number: int) -> None:
    """Give it, and an order's transactions, ids of their own."""
    for named in (element, *element.get("transactions", ())):
        named["id"] = f"{named['id']}{number:07}"[:55]


def _shopify_list(stream: str, elements: list[Any]) -> Json:
    page: Json = {"nodes": elements, "pageInfo": {"hasNextPage": False, "endCursor": None}}
    for name in reversed(SHOPIFY_KINDS[stream].path):
        page = {name: page}
    return {"data": page, "extensions": {"cost": {"requestedQueryCost": 42}}}


def _nobody_there(document: str, variables: dict[str, Any]) -> NoReturn:
    raise ProviderTransientError("The rest of a list cannot be had here.")


_READER = _shopify(
    {"shop_domain": "nord.myshopify.com", "api_key": "k", "api_secret": "k"}, NOWHERE
)
_READER._nested = NestedLists(_nobody_there)


def _read_shopify(page: Hostile) -> Page:
    kind = SHOPIFY_KINDS[page.stream]
    answer = Answer(200, _SHOPIFY_TYPE, page.body)
    told = ShopifyClient._read(_READER._client, answer, "", (*kind.path, "nodes"))
    batch, _ = _READER._read(kind, told)
    return batch.page()


SHOPIFY_READING = Reading(
    SHOPIFY, _shopify_samples, _rename_shopify, _shopify_list, _read_shopify,
    lambda _, record: shopify_said(record), shopify_kept,
    {"orders": (*_MONEY, "subtotal", "discount", "shipping", "tax", "tip", "duties",
                "gift_card_sold", "refunded"),
     "payments": _MONEY, "refunds": _MONEY, "disputes": _MONEY, "payouts": _MONEY,
     "payout_lines": _LINE},
)  # fmt: skip


def _netsuite(values: dict[str, str], base: str) -> NetsuiteClient:
    names = ("account_id", "consumer_key", "consumer_secret", "token_id", "token_secret")
    secrets = {name: SecretStr(values.get(name, "k")) for name in names}
    return NetsuiteClient(secrets, base, gate=None, stop=lambda: False, limits=http.DEFAULT_LIMITS)


def _netsuite_samples(sandbox: Sandbox) -> Samples:
    told = sandbox.json("/credentials.json")["netsuite"]
    client = _netsuite(told, f"{sandbox.base}/netsuite/{netsuite_host_label(told['account_id'])}")
    samples = {stream: [sample()] for stream, sample in NETSUITE_SAMPLES.items()}
    for stream, found in samples.items():
        query = LISTS[stream].after(None) if stream in LISTS else Selection(()).lines(None)
        found += [json.loads(element.text) for element in client.rows(query, limit=200).elements]
    client.close()
    return samples


def _rename_netsuite(element: Json, number: int) -> None:
    element["id"] = str(10_000 + number)


def _netsuite_list(stream: str, elements: list[Any]) -> Json:
    return {"links": [], "count": len(elements), "hasMore": False, "items": elements,
            "offset": 0, "totalResults": len(elements)}  # fmt: skip


_ROWS = _netsuite({"account_id": ACCOUNT}, NOWHERE)


def _read_netsuite(page: Hostile) -> Page:
    found = _ROWS._read(Answer(200, _NETSUITE_TYPE, page.body))
    kind = LISTS[page.stream].kind if page.stream in LISTS else LINES
    return read_rows(kind, ACCOUNT, found.elements).page(page.stream)


NETSUITE_READING = Reading(
    NETSUITE, _netsuite_samples, _rename_netsuite, _netsuite_list, _read_netsuite,
    lambda _, record: netsuite_said(record), netsuite_kept,
    {"netsuite_transactions": ("currency", "amount", "debit", "credit")},
)  # fmt: skip
READINGS = (STRIPE_READING, SHOPIFY_READING, NETSUITE_READING)
