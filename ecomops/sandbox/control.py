"""The sandbox's own addresses: credentials, answer key, clock, faults, health."""

import json
from datetime import UTC, datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ecomops.sandbox.faults import FaultPlan, Faults
from ecomops.sandbox.oracle import AnswerKey
from ecomops.sandbox.webhooks import Messenger
from ecomops.sandbox.wire.netsuite.app import NetsuiteSimulator
from ecomops.sandbox.wire.shopify.app import ShopifySimulator
from ecomops.sandbox.wire.stripe.app import StripeSimulator
from ecomops.sandbox.world.world import World


class Control:
    """Answers what no provider would."""

    def __init__(
        self,
        world: World,
        stripe: StripeSimulator,
        shopify: ShopifySimulator,
        netsuite: NetsuiteSimulator,
        faults: Faults,
    ) -> None:
        self._world, self._faults = world, faults
        self._credentials = {
            "stripe": stripe.keys.credentials() | stripe.connect.credentials(),
            "shopify": shopify.keys.credentials(),
            "netsuite": netsuite.credentials(),
        }
        self._load, self._integration = netsuite.load, netsuite.integration
        self._shopify = shopify
        self._messenger = Messenger(world, stripe, shopify)
        self._answer_key = AnswerKey(world.plan, stripe.ids.encode)

    def routes(self) -> list[Route]:
        return [
            Route("/healthz", self.healthz),
            Route("/credentials.json", self.credentials),
            Route("/oracle.json", self.oracle),
            Route("/clock", self.clock, methods=["GET", "PUT"]),
            Route("/faults", self.faults, methods=["GET", "PUT"]),
            Route("/certificates", self.certificates, methods=["PUT"]),
            Route("/webhooks/send", self.send_webhook, methods=["POST"]),
            Route("/limits", self.limits, methods=["GET", "PUT"]),
        ]

    async def healthz(self, request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def credentials(self, request: Request) -> Response:
        return JSONResponse(self._credentials)

    async def oracle(self, request: Request) -> Response:
        """All of the answer key, or with ``?only=stripe,shopify`` parts of it."""
        only = [it for it in request.query_params.get("only", "").split(",") if it]
        try:
            key = await run_in_threadpool(self._answer_key.at, self._world.now, only)
        except ValueError as error:
            return _refused(error)
        return JSONResponse(key)

    async def clock(self, request: Request) -> Response:
        """``{"offset_days", "offset_seconds"}`` after the end of the window, and the instant."""
        if request.method == "PUT":
            try:
                wanted = await _body(request)
                self._world.set_clock(**{name: int(value) for name, value in wanted.items()})
            except (TypeError, ValueError) as error:
                return _refused(error)
        world = self._world
        return JSONResponse(
            {
                "now": datetime.fromtimestamp(world.now, UTC).isoformat(),
                "offset_days": world.offset_days,
                "offset_seconds": world.offset_seconds,
                "until": world.plan.until.isoformat(),
            }
        )

    async def faults(self, request: Request) -> Response:
        if request.method == "PUT":
            try:
                self._faults.plan = FaultPlan.read(await _body(request))
            except ValueError as error:
                return _refused(error)
        return JSONResponse(self._faults.plan.state())

    async def certificates(self, request: Request) -> Response:
        """Maps ``{"netsuite": PEM}`` to the integration; answers its Certificate ID."""
        try:
            id = self._integration.upload(str((await _body(request)).get("netsuite", "")))
        except ValueError as error:
            return _refused(error)
        return JSONResponse({"netsuite": {"certificate_id": id}})

    async def limits(self, request: Request) -> Response:
        """``{"netsuite": {"concurrency", "milliseconds"}, "shopify": {"maximum", "restored",
        "bulk_seconds", "bulk_failing"}}``, and what came of it."""
        if request.method == "PUT":
            try:
                told = await _body(request)
                self._load.set(**told.get("netsuite", {}))
                if "shopify" in told:
                    self._shopify.set_limits(**told["shopify"])
            except (TypeError, ValueError) as error:
                return _refused(error)
        limits = {"netsuite": self._load.state(), "shopify": self._shopify.limits()}
        return JSONResponse(limits)

    async def send_webhook(self, request: Request) -> Response:
        """``{"provider", "topic" or "type", "id", "url", "signature"}``: see ``webhooks``."""
        try:
            return JSONResponse(await self._messenger.send(await _body(request)))
        except ValueError as error:
            return _refused(error)


async def _body(request: Request) -> dict[str, Any]:
    body = json.loads(await request.body() or b"{}")
    if not isinstance(body, dict):
        raise ValueError("Send a JSON object.")
    return body


def _refused(error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 400)
