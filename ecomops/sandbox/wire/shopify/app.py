"""The HTTP face of the Shopify simulator: ``/{shop}/admin/…``."""

import json
from itertools import count
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ecomops.sandbox.wire.shopify.access import LIFETIME_SECONDS, SCOPES, Keys, Tokens
from ecomops.sandbox.wire.shopify.graphql import execute, throttled
from ecomops.sandbox.world.world import World

Json = dict[str, Any]

VERSION = "2026-07"
"""The one version there is. Another one asked for is not refused: this one answers."""

_REFUSED = "[API] Invalid API key or access token (unrecognized login or wrong password)"


class ShopifySimulator:
    """Grants tokens for the app of one shop, and tells about the shop."""

    def __init__(self, world: World) -> None:
        self.keys = Keys(world.plan.seed)
        self._seed = world.plan.seed
        self._tokens = Tokens(self.keys, world.plan.seed, lambda: world.now)
        self._requests = count(1)

    def routes(self) -> list[Route]:
        return [
            Route("/{shop}/admin/oauth/access_token", self._grant, methods=["POST"]),
            Route("/{shop}/admin/api/{version}/graphql.json", self._graphql, methods=["POST"]),
        ]

    async def _grant(self, request: Request) -> Response:
        if request.path_params["shop"] != self.keys.shop:
            return self._answer({"errors": "Not Found"}, 404)
        told = _fields(request, await request.body())
        if told.get("grant_type") != "client_credentials":
            return self._denied("unsupported_grant_type", "The grant type is not supported")
        if told.get("client_id") != self.keys.api_key:
            return self._denied("invalid_client", "The application could not be found")
        if told.get("client_secret") != self.keys.api_secret:
            return self._denied("invalid_client", "The client secret is not valid")
        granted = {"access_token": self._tokens.grant(), "scope": ",".join(SCOPES)}
        return self._answer({**granted, "expires_in": LIFETIME_SECONDS})

    async def _graphql(self, request: Request) -> Response:
        if request.path_params["shop"] != self.keys.shop:
            return self._answer({"errors": "Not Found"}, 404)
        if not self._tokens.good(request.headers.get("x-shopify-access-token", "")):
            return self._answer({"errors": _REFUSED}, 401)
        body = _fields(request, await request.body())
        return self._answer(execute(body, self._shop()))

    def _shop(self) -> Json:
        return {
            "id": f"gid://shopify/Shop/{61_000_000_000 + self._seed}",
            "name": "Ecomops Demo Shop",
            "email": "owner@example.com",
            "myshopifyDomain": self.keys.shop,
            "currencyCode": "USD",
            "ianaTimezone": "Etc/UTC",
            "plan": {
                "displayName": "Developer Preview",
                "publicDisplayName": "Development",
                "partnerDevelopment": True,
                "shopifyPlus": False,
            },
        }

    def rate_limited(self, path: str) -> Response:
        if path.endswith("/graphql.json"):
            return self._answer(throttled())
        said = (
            "Exceeded 2 calls per second for api client. "
            "Reduce request rates to resume uninterrupted service."
        )
        return self._answer({"errors": said}, 429, {"Retry-After": "2.0"})

    def server_error(self, status: int) -> Response:
        return self._answer({"errors": "Internal Server Error"}, status)

    def revoked(self, authorization: str) -> Response:
        return self._answer({"errors": _REFUSED}, 401)

    def _denied(self, error: str, description: str) -> Response:
        return self._answer({"error": error, "error_description": description}, 400)

    def _answer(
        self, body: Json, status: int = 200, headers: dict[str, str] | None = None
    ) -> Response:
        named = {
            "X-Shopify-API-Version": VERSION,
            "X-Request-Id": f"00000000-0000-4000-8000-{next(self._requests):012}",
        }
        return JSONResponse(body, status, {**named, **(headers or {})})


def _fields(request: Request, body: bytes) -> Json:
    """A form or a JSON object; nothing where it is neither."""
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(body.decode("utf-8", "replace")))
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
