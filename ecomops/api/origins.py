"""Requests are for our own host; those that change things or open sockets are from our pages."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ecomops.api import webhooks
from ecomops.api.errors import error_response, is_navigation
from ecomops.kit.logging import get_logger
from ecomops.kit.settings import Settings

log = get_logger(__name__)

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PROBES = frozenset({"/healthz", "/readyz"})
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


class OwnOrigin:
    """Refuses other sites' forms and sockets, and requests for a host that is not ours."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._origin = settings.origin
        self._host = urlsplit(settings.origin).netloc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] not in PROBES:
            await self._http(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if headers.get("origin") == self._origin and headers.get("host") == self._host:
            await self.app(scope, receive, send)
            return
        log.warning("websocket_of_another_site_refused", origin=headers.get("origin"))
        # Closing before accepting is how ASGI answers 403.
        await receive()
        await send({"type": "websocket.close", "code": 1008})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if request.headers.get("host") != self._host:
            answer: ASGIApp = self._other_host(request)
        elif _may_come_from_elsewhere(request) or self._from_our_page(request.headers):
            answer = self.app
        else:
            log.warning("form_of_another_site_refused", origin=request.headers.get("origin"))
            message = "This request did not come from this site's own pages."
            answer = error_response("foreign_origin", message, 403)
        await answer(scope, receive, send)

    def _from_our_page(self, headers: Headers) -> bool:
        fetched = headers.get("sec-fetch-site", "same-origin")
        return headers.get("origin") == self._origin and fetched == "same-origin"

    def _other_host(self, request: Request) -> ASGIApp:
        """People who typed 127.0.0.1 for localhost, or the reverse, are led to the one address."""
        if _hostname(request) in LOOPBACK and is_navigation(request) and self._is_loopback():
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(f"{self._origin}{request.url.path}{query}", 307)
        return error_response("unknown_host", f"This is {self._origin}.", 421)

    def _is_loopback(self) -> bool:
        return self._host.rpartition(":")[0] in LOOPBACK or self._host in LOOPBACK


def _may_come_from_elsewhere(request: Request) -> bool:
    """What changes nothing, and what is believed for its signature alone."""
    return request.method in SAFE or request.url.path.startswith(webhooks.PREFIX)


def _hostname(request: Request) -> str:
    host = request.headers.get("host", "")
    name, _, port = host.rpartition(":")
    return name if port.isdigit() and name else host
