"""Shopify's webhooks: the raw body signed with the app's secret ("Verify a webhook").

Bodies are REST objects; the record is fetched again by its GraphQL id, because deliveries come
late, twice and in any order. The time of a delivery is not signed, so a repeated one is known by
its id alone.
"""

import hmac
from base64 import b64encode
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from ecomops.connectors.webhooks import (
    Delivery,
    Headers,
    WebhookRefusedError,
    WebhookUnreadableError,
    document,
    equal,
)

ORDER: Final = "gid://shopify/Order/"
DISPUTE: Final = "gid://shopify/ShopifyPaymentsDispute/"
_ABOUT: Final = {
    "orders": ("orders", ORDER, "id"),
    "refunds": ("orders", ORDER, "order_id"),
    "order_transactions": ("orders", ORDER, "order_id"),
    "disputes": ("disputes", DISPUTE, "id"),
}
"""First word of the topic → (stream, what its ids begin with, where the id stands)."""
_FAREWELLS: Final = {
    "app/uninstalled": "The app was uninstalled from the shop. Install it, and connect it again."
}


def read_delivery(secret: str, headers: Headers, body: bytes, now: datetime) -> Delivery:
    """See ``connectors.webhooks.Reader``; ``secret`` is the app's client secret."""
    digest = hmac.new(secret.encode(), body, sha256).digest()
    if not equal(b64encode(digest).decode(), headers.get("x-shopify-hmac-sha256", "")):
        raise WebhookRefusedError("the signature does not fit")
    ref, topic = headers.get("x-shopify-webhook-id", ""), headers.get("x-shopify-topic", "")
    if not 0 < len(ref) <= 255 or not 0 < len(topic) <= 255:
        raise WebhookUnreadableError("This webhook does not say its id and topic.")
    told, text = document(body, "Shopify")
    stream, object_ref = _about(topic, told)
    return Delivery(ref, topic, text, stream, object_ref, _FAREWELLS.get(topic, ""))


def _about(topic: str, told: dict[str, Any]) -> tuple[str | None, str | None]:
    about = _ABOUT.get(topic.partition("/")[0])
    if about is None or topic == "orders/delete":
        return None, None
    stream, begin, name = about
    number = told.get(name)
    plain = isinstance(number, int) and not isinstance(number, bool) and number > 0
    return (stream, f"{begin}{number}") if plain else (None, None)
