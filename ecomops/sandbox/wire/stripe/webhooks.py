"""Webhooks that the processor sends: events, and headers signed as "Webhook signatures" tells."""

import hashlib
import hmac
from typing import Any

from ecomops.sandbox.wire.stripe.access import Keys
from ecomops.sandbox.wire.stripe.events import render_event
from ecomops.sandbox.wire.stripe.reader import Reader

Json = dict[str, Any]


def event(reader: Reader, type: str, id: str, event_id: str, at: int) -> Json:
    """The event of a type about the object of an id. Raises ValueError."""
    told = reader.fetch(id)
    if told is None:
        raise ValueError(f"There is no object of the id {id!r}.")
    return render_event(event_id, type, at, told, pending=1)


def headers(keys: Keys, body: bytes, at: int, *, good: bool) -> Json:
    """The headers of a delivery, signed at a real instant (Unix seconds)."""
    secret = keys.webhook_secret if good else "whsec_another"
    return {"Content-Type": "application/json", "Stripe-Signature": signature(body, secret, at)}


def signature(body: bytes, secret: str, at: int) -> str:
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={signed.hexdigest()}"
