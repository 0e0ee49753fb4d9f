"""One id for each request, on every log line and in the answer; one line for each request."""

import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from ecomops.api.errors import error_response
from ecomops.kit.ids import correlation_id_from
from ecomops.kit.logging import get_logger

log = get_logger(__name__)

HEADER = "X-Correlation-ID"
SILENT = frozenset({"/healthz"})


class Correlation:
    """Outermost of all: names the request, logs how it ended, answers when it fails."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        name = correlation_id_from(Headers(scope=scope).get(HEADER))
        with bound_contextvars(correlation_id=name):
            await _Exchange(self.app, scope, name).run(receive, send)


class _Exchange:
    """One request and its answer."""

    def __init__(self, app: ASGIApp, scope: Scope, correlation_id: str) -> None:
        self.app, self.scope, self.correlation_id = app, scope, correlation_id
        self.status = 0
        self.complete = False

    async def run(self, receive: Receive, send: Send) -> None:
        started = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                MutableHeaders(scope=message)[HEADER] = self.correlation_id
            await send(message)
            if message["type"] == "http.response.body":
                self.complete = not message.get("more_body", False)

        try:
            await self.app(self.scope, receive, send_with_id)
        except Exception:
            log.exception("request_failed")
            if self._broke_off():
                raise
            if not self.complete:
                await self._apologise(receive, send_with_id)
        finally:
            self._log(time.perf_counter() - started)

    def _broke_off(self) -> bool:
        """Whether an answer was begun: raised on, so that the server breaks the connection."""
        return self.scope["type"] == "websocket" or (self.status != 0 and not self.complete)

    async def _apologise(self, receive: Receive, send: Send) -> None:
        message = "Something went wrong on our side. Please try again."
        await error_response("internal", message, 500)(self.scope, receive, send)

    def _log(self, seconds: float) -> None:
        if self.scope["path"] not in SILENT:
            log.info(
                "request",
                method=self.scope.get("method", "WEBSOCKET"),
                path=self.scope["path"],
                status=self.status,
                ms=int(seconds * 1000),
            )
