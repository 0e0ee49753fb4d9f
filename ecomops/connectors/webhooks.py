"""What a provider's webhook says, once its signature has been checked over the raw body."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ecomops.connectors.decoding import decoded
from ecomops.connectors.exact_json import Element, read_element
from ecomops.kit.errors import EcomopsError

Headers = Mapping[str, str]
"""Names in lower case."""

MOST_SKEW: Final = 300  # seconds


class WebhookRefusedError(EcomopsError):
    """Its signature is wrong, missing or too old: whoever sent it is not the provider."""

    code = "webhook_refused"
    status = 401

    def __init__(self, why: str) -> None:
        super().__init__("The signature of this webhook is not valid.", detail=why)


class WebhookUnreadableError(EcomopsError):
    """Signed as it should be, and not what the provider's documentation says."""

    code = "webhook_unreadable"
    status = 400


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery. ``ref`` is the same when it is sent again.

    ``stream`` and ``object_ref`` name the record to be fetched because of it, if any.
    ``payload`` is JSON text fit for jsonb. ``farewell``: the account took our access away, in
    words for a person; empty in all other deliveries.
    """

    ref: str
    topic: str
    payload: str
    stream: str | None = None
    object_ref: str | None = None
    farewell: str = ""


Reader = Callable[[str, Headers, bytes, datetime], Delivery]
"""(secret, headers, raw body, now) → the delivery. Raises the two errors above."""


def equal(wanted: str, given: str) -> bool:
    """Whether two signatures are the same, in constant time."""
    return hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace"))


def document(body: bytes, provider: str) -> tuple[dict[str, Any], str]:
    """The body's object, and its text fit for jsonb. Raises WebhookUnreadableError."""
    try:
        element: Element = decoded(body.decode("utf-8"), provider, read_element)
    except (UnicodeDecodeError, EcomopsError) as error:
        raise WebhookUnreadableError("The body of this webhook is not JSON.") from error
    if not isinstance(element.value, dict):
        raise WebhookUnreadableError("The body of this webhook is not a JSON object.")
    return element.value, element.text
