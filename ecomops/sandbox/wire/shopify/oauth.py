"""How an app is let into the shop: the approval page, and the secrets that buy tokens.

"Authorization code grant", "Client credentials grant" and "Expiring offline access tokens".
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from ecomops.sandbox.wire.shopify.access import (
    CODE_SECONDS,
    LIFETIME_SECONDS,
    OFFLINE_SECONDS,
    REFRESH_SECONDS,
    SCOPES,
    Keys,
    Tokens,
)

Json = dict[str, Any]
FOREVER = 10 * 365 * 86_400
SIGNED = ("code", "host", "shop", "state", "timestamp")


class RefusedError(Exception):
    """A request for a token or a code that is refused."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error, self.description = error, description


class Door:
    """Grants access by the sandbox's clock. ``now`` tells Unix seconds."""

    def __init__(self, keys: Keys, tokens: Tokens, now: Callable[[], int]) -> None:
        self._keys, self._tokens, self._now = keys, tokens, now

    def approve(self, asked: dict[str, str]) -> str:
        """The address to which the approval page sends the merchant back.

        Raises RefusedError for another app, and an address that is none.
        """
        if asked.get("client_id") != self._keys.api_key:
            raise RefusedError("invalid_request", "The application could not be found")
        back = asked.get("redirect_uri", "")
        if not urlsplit(back).netloc:
            raise RefusedError("invalid_request", "The redirect_uri is not whitelisted")
        wanted = asked.get("scope", "")
        scopes = tuple(it for it in wanted.split(",") if it in SCOPES) if wanted else SCOPES
        code = self._tokens.grant(scopes, CODE_SECONDS, "code", back)
        told = {
            "code": code,
            "host": base64.b64encode(f"{self._keys.shop}/admin".encode()).decode().rstrip("="),
            "shop": self._keys.shop,
            "state": asked.get("state", ""),
            "timestamp": str(self._now()),
        }
        signed = {**told, "hmac": query_signature(told, self._keys.api_secret)}
        return f"{back}{'&' if urlsplit(back).query else '?'}{urlencode(signed)}"

    def exchange(self, told: Json) -> Json:
        """The token that a request to ``access_token`` buys. Raises RefusedError."""
        if told.get("client_id") != self._keys.api_key:
            raise RefusedError("invalid_client", "The application could not be found")
        if told.get("client_secret") != self._keys.api_secret:
            raise RefusedError("invalid_client", "The client secret is not valid")
        match told.get("grant_type") or ("code" if "code" in told else ""):
            case "client_credentials":
                return self._token(SCOPES, LIFETIME_SECONDS)
            case "refresh_token":
                return self._refreshed(str(told.get("refresh_token", "")))
            case "code" | "authorization_code":
                return self._for_code(str(told["code"]), str(told.get("expiring", "")))
        raise RefusedError("unsupported_grant_type", "The grant type is not supported")

    def _token(self, scopes: tuple[str, ...], seconds: int) -> Json:
        token = self._tokens.grant(scopes, seconds)
        return {"access_token": token, "scope": ",".join(scopes), "expires_in": seconds}

    def _for_code(self, code: str, expiring: str) -> Json:
        grant = self._tokens.find(code, "code")
        if grant is None:
            raise RefusedError(
                "invalid_request", "The authorization code was not found or was already used"
            )
        self._tokens.spend(code)
        if expiring not in ("1", "true", "True"):
            lasting = self._token(grant.scopes, FOREVER)
            return {name: lasting[name] for name in ("access_token", "scope")}
        return self._with_refresh(grant.scopes)[0]

    def _with_refresh(self, scopes: tuple[str, ...]) -> tuple[Json, str]:
        refresh = self._tokens.grant(scopes, REFRESH_SECONDS, "refresh")
        told = {
            **self._token(scopes, OFFLINE_SECONDS),
            "refresh_token": refresh,
            "refresh_token_expires_in": REFRESH_SECONDS,
        }
        return told, refresh

    def _refreshed(self, refresh: str) -> Json:
        grant = self._tokens.find(refresh, "refresh")
        if grant is None:
            raise RefusedError("invalid_grant", "The refresh token is invalid or has expired")
        self._tokens.used(refresh)
        told, new = self._with_refresh(grant.scopes)
        self._tokens.replace(refresh, new)
        return told


def query_signature(told: dict[str, str], secret: str) -> str:
    """The ``hmac`` of a callback: SHA-256 over the sorted query, in hexadecimal digits."""
    message = urlencode(sorted(told.items()))
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
