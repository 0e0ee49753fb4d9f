"""The HTTP face of the Stripe simulator: ``/v1/…`` below wherever it is mounted."""

import json
from collections.abc import Callable
from itertools import count
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ecomops.sandbox.wire.stripe.access import VERSION, Keys, check_version, revoked
from ecomops.sandbox.wire.stripe.connect import Connect
from ecomops.sandbox.wire.stripe.errors import StripeError, unknown_url
from ecomops.sandbox.wire.stripe.ids import Ids
from ecomops.sandbox.wire.stripe.reader import Reader
from ecomops.sandbox.wire.stripe.resources import RESOURCES
from ecomops.sandbox.world.world import World

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class StripeSimulator:
    """Serves one world in Stripe's words. Reads only: it takes no writes."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.keys = Keys(world.plan.seed)
        self.ids = Ids(world.plan.seed)
        self.connect = Connect(world.plan.seed, self.keys.full, self.keys.account)
        self._requests = count(1)

    def routes(self) -> list[Route]:
        return [*self.connect.routes(), Route("/{path:path}", self._serve, methods=METHODS)]

    def _serve(self, request: Request) -> Response:
        """Runs on a thread of the server's pool."""
        try:
            version = check_version(request.headers.get("stripe-version"))
            return self.answer(200, self._read(request), version=version)
        except StripeError as error:
            return self.refuse(error)

    def _read(self, request: Request) -> dict[str, Any]:
        path, _, id = request.path_params["path"].removeprefix("v1/").rstrip("/").partition("/")
        authorization = request.headers.get("authorization")
        self.keys.authorise(authorization, path)
        self.keys.check_account(request.headers.get("stripe-account"), authorization)
        shown = "/" + request.path_params["path"]
        if request.method != "GET" or not shown.startswith("/v1/") or "/" in id:
            raise unknown_url(request.method, shown)
        with self._world.lock:
            return self._handler(request.method, path, id, shown)(request.url.query)

    def _handler(
        self, method: str, path: str, id: str, shown: str
    ) -> Callable[[str], dict[str, Any]]:
        reader = Reader(self._world, self.ids, self.keys)
        if path == "account" and not id:
            return reader.account
        if path == "balance" and not id:
            return reader.balance
        resource = RESOURCES.get(path)
        if resource is None:
            raise unknown_url(method, shown)
        if id:
            return lambda query: reader.retrieve(resource, id, query)
        return lambda query: reader.page(resource, query)

    def refuse(self, error: StripeError) -> Response:
        """An error as Stripe sends it."""
        request_id = self._request_id()
        body = error.body(self.keys.account, request_id)
        return self.answer(error.status, body, request_id=request_id, headers=error.headers)

    def rate_limited(self, path: str) -> Response:
        return self.refuse(
            StripeError(
                429,
                "Request rate limit exceeded. Learn more about rate limits here "
                "https://stripe.com/docs/rate-limits.",
                code="rate_limit",
                headers={"Stripe-Rate-Limited-Reason": "global-rate"},
            )
        )

    def server_error(self, status: int) -> Response:
        return self.refuse(
            StripeError(
                status,
                "Sorry! There was an error while talking to one of our backends. Support has "
                "been notified.",
                type="api_error",
            )
        )

    def revoked(self, authorization: str) -> Response:
        return self.refuse(revoked(authorization))

    def answer(
        self,
        status: int,
        body: dict[str, Any],
        *,
        version: str = VERSION,
        request_id: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Response:
        named = {"Request-Id": request_id or self._request_id(), "Stripe-Version": version}
        text = json.dumps(body, separators=(",", ":"))
        return Response(text, status, {**named, **(headers or {})}, "application/json")

    def _request_id(self) -> str:
        return "req_" + self.ids.token(f"request-{next(self._requests)}", 7)
