"""A webhook comes in: whose it is, whether the provider sent it, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from ecomops import runtime
from ecomops.connectors.shopify import webhooks as shopify
from ecomops.connectors.stripe import webhooks as stripe
from ecomops.connectors.webhooks import Headers, Reader, WebhookRefusedError
from ecomops.domains.connections.schemas import OpenedConnection
from ecomops.domains.connections.service import open_connection
from ecomops.domains.freshness.deliveries import find_route, receive
from ecomops.domains.freshness.privacy import PRIVACY_TOPICS, honour
from ecomops.domains.freshness.schemas import Received
from ecomops.kit.context import Actor, Context
from ecomops.kit.errors import NotFoundError

READERS: Final[Mapping[str, Reader]] = {
    "stripe": stripe.read_delivery,
    "shopify": shopify.read_delivery,
}
_SIGNED_WITH: Final = {"stripe": ("webhook_secret",), "shopify": ("webhook_secret", "api_secret")}
"""The credentials that a webhook may be signed with, first one there is."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request to ``/webhooks/{provider}/{connection}``. Header names are in lower case."""

    provider: str
    connection_id: UUID
    headers: Headers
    body: bytes = field(repr=False)


def accept_webhook(ctx: Context, incoming: Incoming) -> bool:
    """Keep one delivery, once; False if it was here before.

    Raises NotFoundError for an address that is nobody's, WebhookRefusedError,
    WebhookUnreadableError.
    """
    tenant_id = runtime.run(ctx, find_route, incoming.connection_id)
    if tenant_id is None or incoming.provider not in READERS:
        raise NotFoundError("There is no such webhook address.")
    ctx = replace(ctx, tenant_id=tenant_id, actor=Actor(None, incoming.provider))
    opened = runtime.run(ctx, open_connection, incoming.connection_id)
    if opened.provider != incoming.provider:
        raise NotFoundError("There is no such webhook address.")
    read = READERS[opened.provider]
    delivery = read(_secret(opened), incoming.headers, incoming.body, datetime.now(UTC))
    received = Received(opened.id, opened.provider, delivery)
    if delivery.topic in PRIVACY_TOPICS:
        return runtime.run(ctx, honour, received)
    return runtime.run(ctx, receive, received)


def _secret(opened: OpenedConnection) -> str:
    for name in _SIGNED_WITH[opened.provider]:
        if secret := opened.credentials.get(name):
            return secret.get_secret_value()
    raise WebhookRefusedError("this connection has no signing secret")
