"""Stripe's webhooks: events signed over time and raw body ("Verify webhook signatures").

An event only says where to look: the object is fetched again, because events come late, twice
and in any order. ``v0`` signatures are for Stripe's own tests and count for nothing.
"""

import hmac
import re
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from ecomops.connectors.webhooks import (
    MOST_SKEW,
    Delivery,
    Headers,
    WebhookRefusedError,
    WebhookUnreadableError,
    document,
    equal,
)

_STREAMS: Final = {
    "charge": "charges",
    "refund": "refunds",
    "dispute": "disputes",
    "payout": "payouts",
}
"""By the ``object`` that the event is about."""
_FAREWELLS: Final = {
    "account.application.deauthorized": "The account disconnected ecomops in Stripe's dashboard."
    " Connect it again."
}


def read_delivery(secret: str, headers: Headers, body: bytes, now: datetime) -> Delivery:
    """See ``connectors.webhooks.Reader``; ``secret`` is the endpoint's whole ``whsec_…`` text."""
    _check(secret, headers.get("stripe-signature", ""), body, now)
    event, text = document(body, "Stripe")
    if event.get("object") != "event" or not _is_id(event.get("id")):
        raise WebhookUnreadableError("This is not a Stripe event.")
    stream, object_ref = _about(event)
    topic = str(event.get("type"))[:255]
    return Delivery(event["id"], topic, text, stream, object_ref, _FAREWELLS.get(topic, ""))


def _check(secret: str, header: str, body: bytes, now: datetime) -> None:
    pairs = [part.strip().partition("=")[::2] for part in header.split(",")]
    times = [value for name, value in pairs if name == "t"]
    if len(times) != 1 or not re.fullmatch(r"[0-9]{1,12}", times[0]):
        raise WebhookRefusedError("no time in the header")
    key, signed = secret.encode(), f"{times[0]}.".encode() + body
    wanted = hmac.new(key, signed, sha256).hexdigest()
    if not any(equal(wanted, value) for name, value in pairs if name == "v1"):
        raise WebhookRefusedError("no signature fits")
    if abs(now.timestamp() - int(times[0])) > MOST_SKEW:
        raise WebhookRefusedError(f"the time is more than {MOST_SKEW} seconds off")


def _about(event: dict[str, Any]) -> tuple[str | None, str | None]:
    data = event.get("data")
    about = data.get("object") if isinstance(data, dict) else None
    if not isinstance(about, dict) or not _is_id(about.get("id")):
        return None, None
    stream = _STREAMS.get(str(about.get("object")))
    return (stream, about["id"]) if stream else (None, None)


def _is_id(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[a-z]{2,10}_\w{1,200}", value) is not None
