"""Webhooks sent on demand: true payloads, and signatures of every kind."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import stripe

from ecomops.sandbox.wire.shopify.webhooks import body_signature
from tests.ports import own_port
from tests.sandbox.conftest import Api
from tests.sandbox.shop import Shop

Json = dict[str, Any]


class Inbox(HTTPServer):
    """Takes deliveries and keeps them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", own_port()), _Taking)
        self.taken: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook"


class _Taking(BaseHTTPRequestHandler):
    server: Inbox

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        named = {name.lower(): value for name, value in self.headers.items()}
        self.server.taken.append((named, body))
        self.send_response(202)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    server = Inbox()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop(Api(days=20, orders_per_day=10))


def send(shop: Shop, inbox: Inbox, **asked: str) -> Json:
    answer = shop.api.ask("POST", "/webhooks/send", json={"url": inbox.url, **asked})
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


def some_order(shop: Shop) -> Json:
    node = "id legacyResourceId name email totalPriceSet { shopMoney { amount } } updatedAt"
    return next(shop.walk("orders", node))


def test_the_signature_is_the_documented_one() -> None:
    body = b'{"id":820982911946154508,"financial_status":"paid"}'
    assert body_signature(body, "hush") == "tFxPLaYcjW98phZIEd1LNAoZIlL8QfyG38KXviptOKQ="


def test_an_order_is_sent_as_it_is(shop: Shop, inbox: Inbox) -> None:
    order = some_order(shop)
    how = {"provider": "shopify", "topic": "orders/updated", "id": order["id"]}
    assert send(shop, inbox, **how)["statuses"] == [202]
    ((headers, body),) = inbox.taken
    told = json.loads(body)
    assert told["admin_graphql_api_id"] == order["id"]
    assert str(told["id"]) == order["legacyResourceId"]
    assert float(told["total_price"]) == float(order["totalPriceSet"]["shopMoney"]["amount"])
    assert told["updated_at"] == order["updatedAt"].replace("Z", "+00:00")
    assert headers["x-shopify-topic"] == "orders/updated"
    assert headers["x-shopify-shop-domain"] == shop.keys["shop_domain"]
    assert headers["x-shopify-api-version"] == "2026-07"
    assert headers["x-shopify-hmac-sha256"] == body_signature(body, shop.keys["api_secret"])


def test_a_wrong_signature_is_wrong_and_a_duplicate_comes_twice(shop: Shop, inbox: Inbox) -> None:
    id = some_order(shop)["legacyResourceId"]
    how = {"provider": "shopify", "topic": "orders/paid", "id": id}
    send(shop, inbox, **how, signature="invalid")
    headers, body = inbox.taken.pop()
    assert headers["x-shopify-hmac-sha256"] != body_signature(body, shop.keys["api_secret"])
    assert send(shop, inbox, **how, signature="duplicate")["statuses"] == [202, 202]
    (one, _), (other, _) = inbox.taken
    assert one["x-shopify-webhook-id"] == other["x-shopify-webhook-id"]
    send(shop, inbox, **how)
    assert inbox.taken[-1][0]["x-shopify-webhook-id"] != one["x-shopify-webhook-id"]


@pytest.mark.parametrize("topic", ["customers/data_request", "customers/redact", "shop/redact"])
def test_privacy_topics_name_the_person_and_the_orders(
    topic: str, shop: Shop, inbox: Inbox
) -> None:
    order = some_order(shop)
    send(shop, inbox, provider="shopify", topic=topic, id=order["id"])
    told = json.loads(inbox.taken[0][1])
    assert told["shop_domain"] == shop.keys["shop_domain"]
    if topic != "shop/redact":
        assert told["customer"]["email"] == order["email"]
        listed = told.get("orders_to_redact") or told["orders_requested"]
        assert [str(it) for it in listed] == [order["legacyResourceId"]]


@pytest.mark.parametrize(
    ("topic", "field"),
    [("refunds/create", "refunds"), ("order_transactions/create", "transactions"),
     ("disputes/update", "disputes")],
)  # fmt: skip
def test_other_records_are_sent_too(topic: str, field: str, shop: Shop, inbox: Inbox) -> None:
    node = "id refunds { id } transactions { id } disputes { id }"
    found = next(it for it in shop.walk("orders", node) if it[field])[field][0]["id"]
    id = found.replace("OrderDisputeSummary", "ShopifyPaymentsDispute")
    send(shop, inbox, provider="shopify", topic=topic, id=id)
    assert json.loads(inbox.taken[0][1])["admin_graphql_api_id"] == id


def test_stripes_own_library_accepts_an_event(shop: Shop, inbox: Inbox) -> None:
    charge = shop.api.json("charges?limit=1")["data"][0]
    how = {"provider": "stripe", "type": "charge.updated", "id": charge["id"]}
    send(shop, inbox, **how)
    headers, body = inbox.taken.pop()
    secret = shop.api.keys["webhook_secret"]
    event = stripe.Webhook.construct_event(body, headers["stripe-signature"], secret)
    assert event.type == "charge.updated"
    assert json.loads(body)["data"]["object"] == charge
    for wrong in ("invalid", "late"):
        send(shop, inbox, **how, signature=wrong)
        headers, body = inbox.taken.pop()
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body, headers["stripe-signature"], secret)


def test_a_late_one_was_rightly_signed_an_hour_ago(shop: Shop, inbox: Inbox) -> None:
    charge = shop.api.json("charges?limit=1")["data"][0]
    how = {"provider": "stripe", "type": "charge.updated", "id": charge["id"]}
    send(shop, inbox, **how, signature="late")
    headers, body = inbox.taken[0]
    at, _, signed = headers["stripe-signature"].removeprefix("t=").partition(",v1=")
    assert 3_500 < time.time() - int(at) < 3_700
    secret = shop.api.keys["webhook_secret"].encode()
    assert hmac.new(secret, f"{at}.".encode() + body, hashlib.sha256).hexdigest() == signed


@pytest.mark.parametrize(
    "asked",
    [
        {"provider": "shopify", "topic": "orders/paid", "id": "1"},
        {"provider": "shopify", "topic": "products/update", "id": "1"},
        {"provider": "stripe", "type": "charge.updated", "id": "ch_none"},
        {"provider": "other"},
        {"provider": "stripe", "signature": "forged"},
        {"provider": "stripe", "url": "ftp://x"},
    ],
)
def test_what_cannot_be_sent_is_refused(asked: Json, shop: Shop) -> None:
    body = {"url": "http://127.0.0.1:9/", **asked}
    answer = shop.api.ask("POST", "/webhooks/send", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_receiver_that_is_not_there_is_told(shop: Shop) -> None:
    order = some_order(shop)
    asked = {"provider": "shopify", "topic": "orders/paid", "id": order["id"]}
    body = {"url": f"http://127.0.0.1:{own_port()}/", **asked}
    answer = shop.api.ask("POST", "/webhooks/send", json=body).json()
    assert answer["statuses"] == ["ConnectError"]
