"""Signatures of webhooks: the vectors, and everything that is nearly right."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ecomops.connectors.shopify import webhooks as shopify
from ecomops.connectors.stripe import webhooks as stripe
from ecomops.connectors.webhooks import WebhookRefusedError, WebhookUnreadableError

SENT = 1735689600
NOW = datetime.fromtimestamp(SENT + 3, UTC)
SECRET = "whsec_test_secret"
BODY = b'{"id":"evt_test_webhook","object":"event"}'
SIGNATURE = "ddfd02b511b32e75f640cd68a239fa54407bf16354b543697b1cd8e8377a223d"
ORDER = b'{"id":820982911946154508,"financial_status":"paid"}'
ORDER_SIGNATURE = "tFxPLaYcjW98phZIEd1LNAoZIlL8QfyG38KXviptOKQ="
EVENTS = Path(__file__).parents[3] / "shared" / "providers" / "stripe" / "webhook_events"


def signed(body: bytes, at: int = SENT, secret: str = SECRET) -> dict[str, str]:
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, sha256).hexdigest()
    return {"stripe-signature": f"t={at},v1={mac}"}


def event(about: dict[str, Any], kind: str = "charge.updated") -> bytes:
    told = {"id": "evt_1", "object": "event", "type": kind, "data": {"object": about}}
    return json.dumps(told).encode()


@pytest.mark.parametrize(
    "header",
    [
        f"t={SENT},v1={SIGNATURE}",
        f"t={SENT}, v1={SIGNATURE}",
        f"t={SENT},v1={'0' * 64},v1={SIGNATURE}",
        f"t={SENT},v0={'0' * 64},v1={SIGNATURE}",
        f"v1={SIGNATURE},t={SENT}",
    ],
)
def test_the_vector_of_stripe(header: str) -> None:
    delivery = stripe.read_delivery(SECRET, {"stripe-signature": header}, BODY, NOW)
    assert delivery.ref == "evt_test_webhook"
    assert delivery.object_ref is None


@pytest.mark.parametrize(
    "header",
    [
        "",
        f"v1={SIGNATURE}",
        f"t={SENT}",
        f"t={SENT},v0={SIGNATURE}",
        f"t={SENT},v1={SIGNATURE[:-1]}",
        f"t={SENT},v1={SIGNATURE.upper()}",
        f"t={SENT},v1=",
        f"t={SENT + 1},v1={SIGNATURE}",
        f"t={SENT},t={SENT},v1={SIGNATURE}",
        f"t=+{SENT},v1={SIGNATURE}",
        f"t={SENT},v1=ñ",
    ],
)
def test_nearly_stripes_signature(header: str) -> None:
    with pytest.raises(WebhookRefusedError):
        stripe.read_delivery(SECRET, {"stripe-signature": header}, BODY, NOW)


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_what_is_too_old_or_too_new(seconds: int) -> None:
    now = datetime.fromtimestamp(SENT - seconds, UTC)
    with pytest.raises(WebhookRefusedError, match="not valid"):
        stripe.read_delivery(SECRET, signed(BODY), BODY, now)


def test_a_changed_body() -> None:
    with pytest.raises(WebhookRefusedError):
        stripe.read_delivery(SECRET, signed(BODY), BODY + b" ", NOW)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff", b'{"object":"charge","id":"ch_1"}', b'{"object":"event"}']
)
def test_signed_and_still_no_event(body: bytes) -> None:
    with pytest.raises(WebhookUnreadableError):
        stripe.read_delivery(SECRET, signed(body), body, NOW)


@pytest.mark.parametrize(
    ("about", "stream", "ref"),
    [
        ({"object": "charge", "id": "ch_1"}, "charges", "ch_1"),
        ({"object": "refund", "id": "re_1"}, "refunds", "re_1"),
        ({"object": "dispute", "id": "dp_1"}, "disputes", "dp_1"),
        ({"object": "payout", "id": "po_1"}, "payouts", "po_1"),
        ({"object": "customer", "id": "cus_1"}, None, None),
        ({"object": "charge", "id": "../ch_1"}, None, None),
        ({"object": "charge"}, None, None),
    ],
)
def test_what_an_event_is_about(about: dict[str, Any], stream: str | None, ref: str | None) -> None:
    body = event(about)
    delivery = stripe.read_delivery(SECRET, signed(body), body, NOW)
    assert (delivery.stream, delivery.object_ref) == (stream, ref)


@pytest.mark.skipif(not EVENTS.exists(), reason="the provider files are not here")
def test_real_events_of_stripe() -> None:
    found = {}
    for file in sorted(EVENTS.glob("*.json")):
        body = file.read_bytes()
        delivery = stripe.read_delivery(SECRET, signed(body), body, NOW)
        found[file.stem] = delivery.stream
    assert len(found) >= 5
    assert found["charge_succeeded"] == "charges"
    assert found["charge_dispute_created"] == "disputes"


HEADERS = {
    "x-shopify-hmac-sha256": ORDER_SIGNATURE,
    "x-shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
    "x-shopify-topic": "orders/paid",
}


def test_the_vector_of_shopify() -> None:
    delivery = shopify.read_delivery("hush", HEADERS, ORDER, NOW)
    assert delivery.ref == "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"
    assert delivery.stream == "orders"
    assert delivery.object_ref == "gid://shopify/Order/820982911946154508"


def _hex(body: bytes) -> str:
    return hmac.new(b"hush", body, sha256).hexdigest()


@pytest.mark.parametrize(
    "change",
    [
        lambda h: h.pop("x-shopify-hmac-sha256"),
        lambda h: h.update({"x-shopify-hmac-sha256": ""}),
        lambda h: h.update({"x-shopify-hmac-sha256": ORDER_SIGNATURE[:-1]}),
        lambda h: h.update({"x-shopify-hmac-sha256": _hex(ORDER)}),
        lambda h: h.update({"x-shopify-hmac-sha256": b64encode(_hex(ORDER).encode()).decode()}),
    ],
)
def test_nearly_shopifys_signature(change: Callable[[dict[str, str]], object]) -> None:
    headers = dict(HEADERS)
    change(headers)
    with pytest.raises(WebhookRefusedError):
        shopify.read_delivery("hush", headers, ORDER, NOW)


def test_another_secret_or_body() -> None:
    with pytest.raises(WebhookRefusedError):
        shopify.read_delivery("hash", HEADERS, ORDER, NOW)
    with pytest.raises(WebhookRefusedError):
        shopify.read_delivery("hush", HEADERS, ORDER + b"\n", NOW)


@pytest.mark.parametrize("name", ["x-shopify-webhook-id", "x-shopify-topic"])
def test_without_id_or_topic(name: str) -> None:
    headers = {**HEADERS, name: ""}
    with pytest.raises(WebhookUnreadableError):
        shopify.read_delivery("hush", headers, ORDER, NOW)


@pytest.mark.parametrize(
    ("topic", "told", "ref"),
    [
        ("refunds/create", {"id": 1, "order_id": 7}, "gid://shopify/Order/7"),
        ("order_transactions/create", {"id": 1, "order_id": 7}, "gid://shopify/Order/7"),
        ("disputes/update", {"id": 5}, "gid://shopify/ShopifyPaymentsDispute/5"),
        ("orders/delete", {"id": 5}, None),
        ("products/update", {"id": 5}, None),
        ("orders/paid", {"id": "5"}, None),
        ("orders/paid", {"id": True}, None),
        ("orders/paid", {"id": -5}, None),
        ("orders/paid", {}, None),
    ],
)
def test_what_a_delivery_is_about(topic: str, told: dict[str, Any], ref: str | None) -> None:
    body = json.dumps(told).encode()
    mac = b64encode(hmac.new(b"hush", body, sha256).digest()).decode()
    headers = {**HEADERS, "x-shopify-topic": topic, "x-shopify-hmac-sha256": mac}
    assert shopify.read_delivery("hush", headers, body, NOW).object_ref == ref
