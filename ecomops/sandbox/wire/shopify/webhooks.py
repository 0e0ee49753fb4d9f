"""Webhooks that the shop sends: their payloads, and headers signed with the app's secret."""

import base64
import hashlib
import hmac
import json
from typing import Any

from ecomops.sandbox.wire.shopify import rest
from ecomops.sandbox.wire.shopify.access import Keys
from ecomops.sandbox.wire.shopify.ids import find, number_of_order
from ecomops.sandbox.wire.shopify.schema import VERSION
from ecomops.sandbox.wire.shopify.values import instant
from ecomops.sandbox.world.shop.ledger import ShopLedger
from ecomops.sandbox.world.shop.model import ShopDispute, ShopOrder, ShopRefund, Transaction

Json = dict[str, Any]
PRIVACY = ("customers/data_request", "customers/redact", "shop/redact")
_RENDER = {
    ShopOrder: rest.order_json,
    ShopRefund: rest.refund_json,
    ShopDispute: rest.dispute_json,
    Transaction: rest.transaction_json,
}
_TYPES = {"orders": "Order", "refunds": "Refund", "disputes": "ShopifyPaymentsDispute",
          "order_transactions": "OrderTransaction"}  # fmt: skip


class ShopWebhooks:
    """Builds what the shop sends. The world must not change meanwhile: hold its lock."""

    def __init__(self, keys: Keys, shop: ShopLedger, shop_number: int) -> None:
        self._keys, self._shop, self._number = keys, shop, shop_number

    def payload(self, topic: str, id: str, now: int) -> Json:
        """What a topic tells of the object of an id (a global id or the bare number).

        Of the privacy topics the id is that of an order. Raises ValueError.
        """
        if topic in PRIVACY or topic == "app/uninstalled":
            return self._about(topic, id)
        type = _TYPES.get(topic.partition("/")[0])
        if type is None:
            raise ValueError(f"The sandbox sends no {topic!r} of Shopify.")
        record = find(self._shop, id if id.startswith("gid:") else f"gid://shopify/{type}/{id}")
        render: Any = _RENDER.get(record.__class__)
        if render is None or record.created >= now:
            raise ValueError(f"There is no {type} of the id {id!r}.")
        told: Json = render(record, now)
        return told

    def _about(self, topic: str, id: str) -> Json:
        shop = {"shop_id": self._number, "shop_domain": self._keys.shop}
        if topic in ("shop/redact", "app/uninstalled"):
            return shop
        order = find(self._shop, id if id.startswith("gid:") else f"gid://shopify/Order/{id}")
        if not isinstance(order, ShopOrder):
            raise ValueError(f"There is no Order of the id {id!r}.")
        listed = "orders_to_redact" if topic == "customers/redact" else "orders_requested"
        told = {**shop, "customer": rest.customer_json(order), listed: [number_of_order(order)]}
        request = {} if topic == "customers/redact" else {"data_request": {"id": 9_999}}
        return {**told, **request}

    def headers(self, topic: str, body: bytes, number: int, at: int, *, good: bool) -> Json:
        """The headers of a delivery, triggered at a real instant (Unix seconds)."""
        secret = self._keys.api_secret if good else "another secret"
        return {
            "Content-Type": "application/json",
            "X-Shopify-Topic": topic,
            "X-Shopify-Hmac-SHA256": body_signature(body, secret),
            "X-Shopify-Shop-Domain": self._keys.shop,
            "X-Shopify-API-Version": VERSION,
            "X-Shopify-Webhook-Id": f"b54557e4-bdd9-4b37-8a5f-{number:012x}",
            "X-Shopify-Event-Id": f"98880550-7158-44d4-b7cd-{number:012x}",
            "X-Shopify-Triggered-At": instant(at),
            "X-Shopify-Name": "ecomops-sandbox",
        }


def body_signature(body: bytes, secret: str) -> str:
    """Base64 of the HMAC-SHA256 over the raw body."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def as_body(payload: Json) -> bytes:
    return json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()
