"""Shopify's authorization code grant: a merchant's consent becomes tokens that end and rotate.

Follows "Authorization code grant" and "About offline access tokens": an offline token lives for an
hour, its refresh token is replaced at each use, and the old one stays good until the new one is
first used.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlencode

from pydantic import SecretStr

from ecomops.connectors.decoding import decoded
from ecomops.connectors.exact_json import read_element
from ecomops.connectors.http import Answer, ProviderHttp, json_text
from ecomops.connectors.shopify.errors import grant_refusal
from ecomops.kit.errors import ProviderAuthError, ProviderContractError

TOKEN: Final = "/admin/oauth/access_token"
SCOPES: Final = (
    "read_orders",
    "read_all_orders",
    "read_shopify_payments_accounts",
    "read_shopify_payments_disputes",
    "read_shopify_payments_payouts",
)
MOST_SKEW: Final = 90  # seconds


@dataclass(frozen=True, slots=True)
class App:
    """The app's own key and secret."""

    client_id: str
    client_secret: SecretStr = field(repr=False)

    def proof(self) -> dict[str, str]:
        return {
            "client_id": self.client_id,
            "client_secret": self.client_secret.get_secret_value(),
        }


@dataclass(frozen=True, slots=True)
class Tokens:
    """``lifetime`` in seconds. Without a refresh token the access token does not end."""

    access: SecretStr
    scopes: tuple[str, ...]
    lifetime: int | None = None
    refresh: SecretStr | None = None

    def stored(self, now: datetime) -> dict[str, str]:
        """As credentials; ``expires_at`` in Unix seconds."""
        told = {"access_token": self.access.get_secret_value()}
        if self.refresh is not None and self.lifetime is not None:
            ends = int(now.timestamp()) + self.lifetime
            told |= {"refresh_token": self.refresh.get_secret_value(), "expires_at": str(ends)}
        return told


def authorize_url(base: str, client_id: str, redirect_uri: str, state: str) -> str:
    """Where the merchant gives consent. ``base`` is the shop's own address."""
    asked = {
        "client_id": client_id,
        "scope": ",".join(SCOPES),
        "redirect_uri": redirect_uri,
        "state": state,
    }
    return f"{base}/admin/oauth/authorize?{urlencode(asked)}"


def is_genuine(params: Mapping[str, str], secret: SecretStr, now: datetime) -> bool:
    """Whether Shopify sent the browser back: its HMAC over the query, not long ago."""
    given, moment = params.get("hmac", ""), params.get("timestamp", "")
    if not moment.isascii() or not moment.isdecimal() or len(moment) > 12:
        return False
    signed = sorted((name, value) for name, value in params.items() if name not in _UNSIGNED)
    key = secret.get_secret_value().encode()
    wanted = hmac.new(key, urlencode(signed).encode(), sha256).hexdigest()
    fits = hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace"))
    return fits and abs(now.timestamp() - int(moment)) <= MOST_SKEW


_UNSIGNED: Final = frozenset({"hmac", "signature"})


def exchange(http: ProviderHttp, app: App, code: SecretStr) -> Tokens:
    """The tokens for a code, which is good once. Raises ProviderError subclasses."""
    wanted = {**app.proof(), "code": code.get_secret_value(), "expiring": "1"}
    return http.post(TOKEN, wanted, _read_tokens)


def refresh(http: ProviderHttp, app: App, refresh_token: SecretStr) -> Tokens:
    """New tokens for a refresh token. Raises ProviderError subclasses."""
    wanted = {
        **app.proof(),
        "grant_type": "refresh_token",
        "refresh_token": refresh_token.get_secret_value(),
    }
    return http.post(TOKEN, wanted, _read_renewed)


def _read_renewed(answer: Answer) -> Tokens:
    """As ``_read_tokens``; what is refused here is the consent, not the app."""
    if answer.status in (400, 401, 403):
        raise ProviderAuthError(
            "Shopify does not renew this connection's consent any more. Connect the shop again.",
            detail=f"status {answer.status}",
        )
    return _read_tokens(answer)


def _read_tokens(answer: Answer) -> Tokens:
    if not 200 <= answer.status < 300:
        raise grant_refusal(answer, datetime.now(UTC))
    told: Any = decoded(json_text(answer, "Shopify"), "Shopify", read_element).value
    told = told if isinstance(told, dict) else {}
    access, lifetime, renewal = (
        told.get(name) for name in ("access_token", "expires_in", "refresh_token")
    )
    if not _is_token(access) or isinstance(lifetime, bool):
        raise ProviderContractError("Shopify sent something else than the token it was asked for.")
    return Tokens(
        access=SecretStr(access),
        scopes=tuple(str(told.get("scope") or "").split(",")),
        lifetime=lifetime if isinstance(lifetime, int) else None,
        refresh=SecretStr(renewal) if _is_token(renewal) else None,
    )


def _is_token(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and 8 <= len(value) <= 512
