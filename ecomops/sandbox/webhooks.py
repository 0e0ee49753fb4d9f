"""Sends webhooks on demand: true payloads, signed rightly, wrongly, late, or sent twice."""

import time
from collections.abc import Callable
from itertools import count
from typing import Any

import httpx

from ecomops.sandbox.wire.shopify.app import ShopifySimulator
from ecomops.sandbox.wire.shopify.webhooks import as_body
from ecomops.sandbox.wire.stripe import webhooks as stripe_webhooks
from ecomops.sandbox.wire.stripe.app import StripeSimulator
from ecomops.sandbox.wire.stripe.reader import Reader
from ecomops.sandbox.world.world import World

Json = dict[str, Any]
SIGNATURES = ("valid", "invalid", "late", "duplicate")
LATE_SECONDS = 3_600
PATIENCE_SECONDS = 10.0


class Messenger:
    """Builds deliveries of both providers and makes them. ``clock`` is the real one."""

    def __init__(
        self,
        world: World,
        stripe: StripeSimulator,
        shopify: ShopifySimulator,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._world, self._stripe, self._shopify = world, stripe, shopify
        self._clock, self._numbers = clock, count(1)

    async def send(self, asked: Json) -> Json:
        """Makes the delivery that a request asks for, and tells what came back.

        Raises ValueError for a request that cannot be met.
        """
        url, how = str(asked.get("url", "")), asked.get("signature", "valid")
        if not url.startswith(("http://", "https://")):
            raise ValueError("url must be the address to which the webhook goes.")
        if how not in SIGNATURES:
            raise ValueError(f"signature must be one of {', '.join(SIGNATURES)}.")
        body, headers = self._delivery(asked, str(how))
        statuses = [await _deliver(url, body, headers) for _ in range(1 + (how == "duplicate"))]
        return {"statuses": statuses, "headers": headers, "body": body.decode()}

    def _delivery(self, asked: Json, how: str) -> tuple[bytes, Json]:
        at = int(self._clock()) - (LATE_SECONDS if how == "late" else 0)
        number, good = next(self._numbers), how != "invalid"
        with self._world.lock:
            if asked.get("provider") == "shopify":
                return self._of_shop(asked, number, at, good)
            if asked.get("provider") == "stripe":
                return self._of_stripe(asked, number, at, good)
        raise ValueError("provider must be shopify or stripe.")

    def _of_shop(self, asked: Json, number: int, at: int, good: bool) -> tuple[bytes, Json]:
        webhooks, topic = self._shopify.webhooks, str(asked.get("topic", ""))
        body = as_body(webhooks.payload(topic, str(asked.get("id", "")), self._world.now))
        return body, webhooks.headers(topic, body, number, at, good=good)

    def _of_stripe(self, asked: Json, number: int, at: int, good: bool) -> tuple[bytes, Json]:
        keys = self._stripe.keys
        reader = Reader(self._world, self._stripe.ids, keys)
        event_id = f"evt_1{self._stripe.ids.token(f'event-{number}', 11)}"
        type, id = str(asked.get("type") or asked.get("topic") or ""), str(asked.get("id", ""))
        body = as_body(stripe_webhooks.event(reader, type, id, event_id, at))
        return body, stripe_webhooks.headers(keys, body, at, good=good)


async def _deliver(url: str, body: bytes, headers: Json) -> int | str:
    """The status of the answer; the error where there is none."""
    try:
        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as http:
            return (await http.post(url, content=body, headers=headers)).status_code
    except httpx.HTTPError as error:
        return type(error).__name__
