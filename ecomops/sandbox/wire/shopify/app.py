"""The HTTP face of the Shopify simulator: ``/{shop}/admin/…``."""

import json
import time
from itertools import count
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from ecomops.sandbox.wire.shopify.access import Keys, Tokens
from ecomops.sandbox.wire.shopify.bulk import BulkOperations, Pace
from ecomops.sandbox.wire.shopify.cost import DEFAULT_MAXIMUM, DEFAULT_RESTORED, Bucket
from ecomops.sandbox.wire.shopify.execute import execute, run, throttled
from ecomops.sandbox.wire.shopify.oauth import Door, RefusedError
from ecomops.sandbox.wire.shopify.schema import VERSION
from ecomops.sandbox.wire.shopify.view import Pieces, View
from ecomops.sandbox.wire.shopify.webhooks import ShopWebhooks
from ecomops.sandbox.wire.stripe.ids import Ids
from ecomops.sandbox.world.world import World

Json = dict[str, Any]

SHOP_NUMBERS = 61_000_000_000

_REFUSED = "[API] Invalid API key or access token (unrecognized login or wrong password)"


class ShopifySimulator:
    """Grants tokens for the app of one shop, and tells about the shop."""

    def __init__(self, world: World) -> None:
        self.keys = Keys(world.plan.seed)
        self._world, self._seed = world, world.plan.seed
        self.bucket = Bucket()
        self.bulk = BulkOperations(world.lock, run)
        self._pieces = Pieces()
        self._tokens = Tokens(self.keys, world.plan.seed, lambda: world.now)
        self._door = Door(self.keys, self._tokens, lambda: int(time.time()))
        self.webhooks = ShopWebhooks(self.keys, world.shop, SHOP_NUMBERS + world.plan.seed)
        self._charge_name = Ids(world.plan.seed).encode
        self._requests = count(1)

    def routes(self) -> list[Route]:
        return [
            Route("/{shop}/admin/oauth/authorize", self._authorize),
            Route("/{shop}/admin/oauth/access_token", self._grant, methods=["POST"]),
            Route("/{shop}/admin/api/{version}/graphql.json", self._graphql, methods=["POST"]),
            Route("/{shop}/bulk/{number:int}.jsonl", self._bulk),
        ]

    async def _grant(self, request: Request) -> Response:
        if request.path_params["shop"] != self.keys.shop:
            return self._answer({"errors": "Not Found"}, 404)
        told = _fields(request, await request.body())
        try:
            return self._answer(self._door.exchange(told))
        except RefusedError as refused:
            return self._denied(refused.error, refused.description)

    async def _authorize(self, request: Request) -> Response:
        """The approval page, of a merchant who approves at once."""
        if request.path_params["shop"] != self.keys.shop:
            return self._answer({"errors": "Not Found"}, 404)
        try:
            back = self._door.approve(dict(request.query_params))
        except RefusedError as refused:
            return self._denied(refused.error, refused.description)
        return RedirectResponse(back, 302)

    async def _graphql(self, request: Request) -> Response:
        if request.path_params["shop"] != self.keys.shop:
            return self._answer({"errors": "Not Found"}, 404)
        scopes = self._tokens.scopes(request.headers.get("x-shopify-access-token", ""))
        if scopes is None:
            return self._answer({"errors": _REFUSED}, 401)
        body = _fields(request, await request.body())
        address = str(request.url).partition("/admin/")[0]
        return await run_in_threadpool(self._execute, body, scopes, address)

    def _execute(self, body: Json, scopes: frozenset[str], address: str) -> Response:
        """Runs on a thread of the server's pool."""
        world = self._world
        with world.lock:
            view = View(
                world.shop, world.now, scopes, self._pieces, address, self._shop(),
                self._charge_name, self.bulk,
            )  # fmt: skip
            return self._answer(execute(body, view, self.bucket))

    async def _bulk(self, request: Request) -> Response:
        """The lines of a bulk operation. As with the real storage, the address is the secret."""
        lines = self.bulk.lines(request.path_params["number"])
        if lines is None:
            return Response("NoSuchKey", 404, media_type="application/xml")
        length = {"Content-Length": str(lines.size)}
        return StreamingResponse(lines.pieces(), headers=length, media_type="application/jsonl")

    def _shop(self) -> Json:
        return {
            "id": f"gid://shopify/Shop/{SHOP_NUMBERS + self._seed}",
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

    def limits(self) -> Json:
        """How much may be asked, and how bulk operations go."""
        pace = self.bulk.pace
        return {
            "maximum": self.bucket.maximum,
            "restored": self.bucket.restored,
            "bulk_seconds": pace.seconds,
            "bulk_failing": pace.failing,
        }

    def set_limits(
        self,
        maximum: int = DEFAULT_MAXIMUM,
        restored: int = DEFAULT_RESTORED,
        bulk_seconds: float = 0,
        bulk_failing: int = 0,
    ) -> None:
        """What is not named goes back to what is usual. Raises ValueError."""
        self.bucket.set(maximum=int(maximum), restored=int(restored))
        self.bulk.pace = Pace(float(bulk_seconds), int(bulk_failing))

    def rate_limited(self, path: str) -> Response:
        if path.endswith("/graphql.json"):
            return self._answer(throttled(self.bucket, self.bucket.maximum))
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
