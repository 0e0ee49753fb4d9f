"""The HTTP face of the NetSuite simulator: ``/{account}/services/rest/…``."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ecomops.sandbox.wire.netsuite import suiteql
from ecomops.sandbox.wire.netsuite.access import Gatekeeper, Keys
from ecomops.sandbox.wire.netsuite.books import Books
from ecomops.sandbox.wire.netsuite.errors import NetsuiteError, nonexistent
from ecomops.sandbox.wire.netsuite.integration import Integration
from ecomops.sandbox.wire.netsuite.load import Load
from ecomops.sandbox.wire.netsuite.login import Login
from ecomops.sandbox.wire.netsuite.oauth2 import TokenService
from ecomops.sandbox.wire.netsuite.records import Journals
from ecomops.sandbox.world.netsuite.bookkeeper import Bookkeeper
from ecomops.sandbox.world.world import World

Handler = Callable[[Request, bytes], Response]
REST = "/{account}/services/rest"
RECORD = f"{REST}/record/v1/journalEntry"


class NetsuiteSimulator:
    """One account, which answers whoever signs for it."""

    def __init__(self, world: World, bookkeeper: Bookkeeper) -> None:
        self.keys = Keys(world.plan.seed)
        self.load = Load()
        self.books = Books(world, bookkeeper)
        self._journals = Journals(self.books, world)
        self.integration = Integration(world.plan.seed)
        tokens = TokenService(self.integration, self.keys.account)
        self._login = Login(tokens, self.keys)
        self._gatekeeper = Gatekeeper(self.keys, is_token=tokens.knows)

    def routes(self) -> list[Route]:
        return [
            *self._login.routes(),
            Route(
                f"{REST}/query/v1/suiteql", self._answering(self._suiteql), methods=["POST"]
            ),
            Route(
                f"{REST}/system/v1/governanceLimits", self._answering(self._limits),
                methods=["GET"],
            ),
            Route(
                RECORD, self._answering(self._journals.collection), methods=["GET", "POST"]
            ),
            Route(
                RECORD + "/{id}", self._answering(self._journals.one),
                methods=["GET", "PUT", "PATCH", "DELETE"],
            ),
            Route(
                "/{account}/{path:path}", self._answering(_unknown),
                methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            ),
        ]  # fmt: skip

    def _answering(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            try:
                self._gatekeeper.authorise(
                    request.method,
                    str(request.url),
                    request.headers.get("authorization", ""),
                    request.path_params["account"],
                )
                self.books.warm()
                with self.load.request():
                    await asyncio.sleep(self.load.milliseconds / 1000)
                    return await run_in_threadpool(handler, request, await request.body())
            except NetsuiteError as error:
                return refuse(error)

        return serve

    def credentials(self) -> dict[str, str]:
        """What a client needs for any of the ways in."""
        return {**self.keys.credentials(), **self.integration.credentials()}

    def _suiteql(self, request: Request, body: bytes) -> Response:
        return told(suiteql.answer(self.books, request, body))

    def _limits(self, request: Request, body: bytes) -> Response:
        """ "Retrieving Governance Limits": what the account's licence allows at once."""
        return told(
            {
                "accountConcurrencyLimit": self.load.concurrency,
                "accountUnallocatedConcurrencyLimit": self.load.concurrency,
            }
        )

    # faults, in this provider's words

    def rate_limited(self, path: str) -> Response:
        return refuse(self.load.exceeded())

    def server_error(self, status: int) -> Response:
        detail = "An unexpected error occurred. Error ID: jrgbpyylphhishmmlxyt"
        return refuse(NetsuiteError(status, "UNEXPECTED_ERROR", detail))

    def revoked(self, authorization: str) -> Response:
        return refuse(self._gatekeeper.revoked(authorization))


def _unknown(request: Request, body: bytes) -> Response:
    raise nonexistent()


def refuse(error: NetsuiteError) -> Response:
    return told(error.body(), error.status, error.headers)


def told(
    body: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    return JSONResponse(body, status, headers, "application/vnd.oracle.resource+json")
