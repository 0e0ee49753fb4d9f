"""Stripe Connect's OAuth for standard accounts: consent at once, a code good once, a key for it."""

from itertools import count
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from ecomops.sandbox.wire.secrets import secret_of


class Connect:
    """The consent page and the token address of one platform. The merchant always agrees."""

    def __init__(self, seed: int, access_token: str, account: str) -> None:
        self._seed, self._token, self._account = seed, access_token, account
        self.client_id = "ca_" + secret_of(seed, "connect-client")[:24]
        self.platform_key = "sk_test_51" + secret_of(seed, "connect-platform")
        self._codes: set[str] = set()
        self._numbers, self._lock = count(1), Lock()

    def credentials(self) -> dict[str, str]:
        return {"client_id": self.client_id, "platform_key": self.platform_key}

    def routes(self) -> list[Route]:
        return [
            Route("/oauth/authorize", self._authorize, methods=["GET"]),
            Route("/oauth/token", self._exchange, methods=["POST"]),
        ]

    def _authorize(self, request: Request) -> Response:
        asked = request.query_params
        if asked.get("client_id") != self.client_id or asked.get("response_type") != "code":
            return JSONResponse({"error": {"message": "No application matches."}}, 400)
        with self._lock:
            code = "ac_" + secret_of(self._seed, f"connect-code-{next(self._numbers)}")[:32]
            self._codes.add(code)
        back = {"scope": "read_only", "code": code, "state": asked.get("state", "")}
        return RedirectResponse(f"{asked.get('redirect_uri', '')}?{urlencode(back)}", 303)

    async def _exchange(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        if form.get("client_secret") != self.platform_key:
            return _refused(401, "invalid_client", "No such API key")
        if form.get("grant_type") != "authorization_code":
            return _refused(400, "unsupported_grant_type", "Only authorization_code is known")
        with self._lock:
            known = form.get("code") in self._codes
            self._codes.discard(form.get("code", ""))
        if not known:
            said = f"Authorization code does not exist: {form.get('code', '')}"
            return _refused(400, "invalid_grant", said)
        return JSONResponse(self._granted())

    def _granted(self) -> dict[str, Any]:
        return {
            "access_token": self._token,
            "livemode": False,
            "refresh_token": "rt_" + secret_of(self._seed, "connect-refresh")[:24],
            "token_type": "bearer",
            "stripe_publishable_key": "pk_test_51" + secret_of(self._seed, "publishable"),
            "stripe_user_id": self._account,
            "scope": "read_only",
        }


def _refused(status: int, error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status)
