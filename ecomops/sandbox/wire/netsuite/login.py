"""The addresses of OAuth 2.0: where a person approves, and where tokens are given."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from ecomops.sandbox.wire.netsuite.access import Keys
from ecomops.sandbox.wire.netsuite.oauth2 import Form, GrantError, TokenService

_AUTH = "/{account}/services/rest/auth/oauth2/v1"


@dataclass
class Login:
    """Approves at once whatever may be approved: there is nobody to ask."""

    tokens: TokenService
    keys: Keys

    def routes(self) -> list[Route]:
        return [
            Route("/{account}/app/login/oauth2/authorize.nl", self.authorize, methods=["GET"]),
            Route(f"{_AUTH}/token", self.token, methods=["POST"]),
            Route(f"{_AUTH}/revoke", self.revoke, methods=["POST"]),
        ]

    async def authorize(self, request: Request) -> Response:
        """Back to the client with a code, or with the error."""
        asked = dict(request.query_params)
        target = urlsplit(asked.get("redirect_uri", ""))
        known = self.tokens.is_client(asked.get("client_id", ""))
        if not known or target.scheme not in ("http", "https") or not self._is_ours(request):
            return PlainTextResponse("The client or its redirect address is not known.", 400)
        try:
            told = {
                "code": self.tokens.approve(asked), "role": "3", "entity": "12",
                "company": self.keys.account,
            }  # fmt: skip
        except GrantError as error:
            told = {"error": error.name, "error_description": error.detail}
        if "state" in asked:
            told["state"] = asked["state"]
        query = "&".join(it for it in (target.query, urlencode(told)) if it)
        return RedirectResponse(target._replace(query=query).geturl(), 302)

    async def token(self, request: Request) -> Response:
        try:
            form = await self._form(request)
            address = str(request.url.replace(query=""))
            told = self.tokens.grant(form, request.headers.get("authorization", ""), address)
        except GrantError as error:
            return _refused(error)
        return JSONResponse(told, headers={"Cache-Control": "no-store"})

    async def revoke(self, request: Request) -> Response:
        try:
            form = await self._form(request)
            self.tokens.revoke(form, request.headers.get("authorization", ""))
        except GrantError as error:
            return _refused(error)
        return Response(status_code=200)

    async def _form(self, request: Request) -> Form:
        if not self._is_ours(request):
            raise GrantError("invalid_client", "The account is not known.")
        if "x-www-form-urlencoded" not in request.headers.get("content-type", ""):
            raise GrantError("invalid_request", "Send a form.")
        return dict(parse_qsl((await request.body()).decode("utf-8", "replace")))

    def _is_ours(self, request: Request) -> bool:
        label: str = request.path_params["account"]
        return label == self.keys.host_label


def _refused(error: GrantError) -> Response:
    told = {"error": error.name, "error_description": error.detail}
    return JSONResponse(told, error.status, {"Cache-Control": "no-store"})
