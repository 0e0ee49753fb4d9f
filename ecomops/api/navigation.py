"""Page addresses, before the page is sent: people who are signed out sign in first."""

from collections.abc import Collection

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ecomops.api.errors import is_navigation, sign_in_url
from ecomops.api.people import WELCOME, open_link
from ecomops.api.session_cookies import clear_session, find_person, token_of
from ecomops.domains.tables.catalog import TABLES
from ecomops.kit.errors import EcomopsError
from ecomops.kit.settings import Settings

HOME = "/dashboard"
LEADS_TO = {"/": HOME, "/tables": f"/tables/{next(iter(TABLES))}"}
"""Addresses without a page of their own."""
FOR_STRANGERS = frozenset({"/login", "/register"})


class Navigation:
    """Sends people where they belong; a page itself holds no data, the gate guards what it loads.

    ``private`` are the first parts of the addresses that need a session, as ``/tables``.
    """

    def __init__(self, app: ASGIApp, settings: Settings, private: Collection[str]) -> None:
        self.app, self._settings = app, settings
        self._private = frozenset(private)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        elsewhere = await self._elsewhere(Request(scope)) if scope["type"] == "http" else None
        await (elsewhere or self.app)(scope, receive, send)

    async def _elsewhere(self, request: Request) -> Response | None:
        path = request.url.path.rstrip("/") or "/"
        if path == WELCOME and "token" in request.query_params:
            return open_link(request)
        private = path == "/" or f"/{path.split('/')[1]}" in self._private
        if not is_navigation(request) or not (private or path in FOR_STRANGERS):
            return None
        try:
            person = await find_person(request, self._settings)
        except EcomopsError:
            return None  # The page can still tell what is wrong.
        if person is None:
            return self._to_sign_in(request) if private else None
        target = LEADS_TO.get(path) if private else HOME
        return _redirect(target) if target else None

    def _to_sign_in(self, request: Request) -> Response:
        if request.url.path == "/":
            return _redirect("/login")
        ended = token_of(request, self._settings) is not None
        response = _redirect(sign_in_url(request, ended=ended))
        if ended:
            clear_session(response, self._settings)
        return response


def _redirect(target: str) -> RedirectResponse:
    return RedirectResponse(target, 303, headers={"Cache-Control": "no-store"})
