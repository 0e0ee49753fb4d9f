"""Sending sealed events on: take some, post them, note how it went. At least once, in order."""

import hmac
import time
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from pydantic import SecretStr

from ecomops import runtime
from ecomops.connectors.outbound import post
from ecomops.domains.audit_settings.deliveries import (
    end_turn,
    get_test_parcel,
    next_parcel,
    note_delivery,
)
from ecomops.domains.audit_settings.schemas import Delivered, Parcel
from ecomops.kit.context import Context
from ecomops.kit.errors import ProviderError
from ecomops.kit.logging import get_logger
from ecomops.kit.settings import get_settings

LONGEST_TURN = 60.0  # seconds
log = get_logger(__name__)


def deliver(ctx: Context, stream_id: UUID) -> int:
    """Send what waits, until nothing does, a delivery fails or the turn is over; how many events.

    Raises EcomopsError when nothing could even be sent.
    """
    ends, sent = time.monotonic() + LONGEST_TURN, 0
    while time.monotonic() < ends:
        parcel = runtime.run(ctx, next_parcel, stream_id)
        if parcel is None:
            return sent
        error = _post(parcel)
        outcome = Delivered(stream_id, parcel.begins, parcel.ends, parcel.events, error)
        moved = runtime.run(ctx, note_delivery, outcome)
        if error is not None or not moved:
            return sent
        sent += parcel.events
    runtime.run(ctx, end_turn, stream_id)
    return sent


def send_test(ctx: Context) -> str | None:
    """Post a file without events now; what went wrong, None when it arrived.

    Raises NotFoundError without a stream.
    """
    return _post(runtime.run(ctx, get_test_parcel))


def _post(parcel: Parcel) -> str | None:
    """What went wrong, in words; None when the events arrived."""
    headers = {
        "Content-Type": "application/x-ndjson",
        "User-Agent": "ecomops-audit-stream",
        "Ecomops-Delivery": f"{parcel.begins.batch}.{parcel.begins.position}",
        "Ecomops-Signature": signature(parcel.secret, datetime.now(UTC), parcel.body),
    }
    try:
        status = post(parcel.url, parcel.body, headers, get_settings().env)
    except ProviderError as error:
        log.warning("delivery failed", stream_id=str(parcel.stream_id), error=error.detail)
        return error.message
    return None if 200 <= status < 300 else f"It answered with status {status}."


def signature(secret: SecretStr, now: datetime, body: bytes) -> str:
    """``t=<unix seconds>,v1=<hex>``: HMAC-SHA256 over the seconds, a point and the raw body."""
    seconds = str(int(now.timestamp()))
    signed = hmac.new(secret.get_secret_value().encode(), f"{seconds}.".encode() + body, sha256)
    return f"t={seconds},v1={signed.hexdigest()}"
