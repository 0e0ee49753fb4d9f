"""OAuth 2.0 tokens of NetSuite, by all three grants.

Follows "OAuth 2.0 for Integration Applications" of NetSuite's help: the authorization code grant
with PKCE (RFC 7636), the refresh of its tokens, and client credentials with a signed assertion
(RFC 7523). Addresses are below the account's own; the consent page is on another host.
"""

import re
from base64 import b64encode, urlsafe_b64encode
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
from ecomops.connectors.netsuite.errors import grant_refusal
from ecomops.kit.errors import ProviderContractError

TOKEN: Final = "/services/rest/auth/oauth2/v1/token"
SCOPE: Final = "rest_webservices"
CONSENT_BASE: Final = "https://{account}.app.netsuite.com"
_AUTHORIZE: Final = "/app/login/oauth2/authorize.nl"
_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_TOKEN_FORM = re.compile(r"[!-~]{1,8192}")
_SECONDS = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class Tokens:
    """``lifetime`` of the access token in seconds; no refresh token for an assertion."""

    access: SecretStr
    lifetime: int
    refresh: SecretStr | None = None

    def stored(self, now: datetime) -> dict[str, SecretStr]:
        """As credentials; ``expires_at`` in Unix seconds. A refresh token replaces the last one."""
        ends = int(now.timestamp()) + self.lifetime
        told = {"access_token": self.access, "expires_at": SecretStr(str(ends))}
        return told if self.refresh is None else {**told, "refresh_token": self.refresh}


@dataclass(frozen=True, slots=True)
class App:
    """An integration record. A public client has no secret."""

    client_id: str
    client_secret: SecretStr | None = field(default=None, repr=False)

    def proof(self) -> dict[str, str]:
        """The header by which a confidential client shows who it is (RFC 6749, 2.3.1)."""
        if self.client_secret is None:
            return {}
        pair = f"{self.client_id}:{self.client_secret.get_secret_value()}"
        return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def challenge_of(verifier: SecretStr) -> str:
    """The S256 code challenge of a verifier."""
    digest = sha256(verifier.get_secret_value().encode("ascii")).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def authorize_url(
    base: str, client_id: str, redirect_uri: str, *, state: str, verifier: SecretStr
) -> str:
    """Where a person gives consent. ``base``: CONSENT_BASE; ``state``: 22 to 1024 signs."""
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": SCOPE,
        "state": state,
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
    }
    return f"{base}{_AUTHORIZE}?{urlencode(asked)}"


def exchange(
    http: ProviderHttp, app: App, *, code: SecretStr, redirect_uri: str, verifier: SecretStr
) -> Tokens:
    """The tokens for a code, which is good once. Raises ProviderError subclasses."""
    form = {
        "grant_type": "authorization_code",
        "code": code.get_secret_value(),
        "redirect_uri": redirect_uri,
        "code_verifier": verifier.get_secret_value(),
    }
    return _granted(http, app, form)


def refresh(http: ProviderHttp, app: App, refresh_token: SecretStr) -> Tokens:
    """New tokens for a refresh token: good for a week, and for a public client once.

    Raises ProviderError subclasses.
    """
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token.get_secret_value()}
    return _granted(http, app, form)


def by_assertion(http: ProviderHttp, assertion: str) -> Tokens:
    """A token for a signed assertion (client credentials). Raises ProviderError subclasses."""
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": _ASSERTION_TYPE,
        "client_assertion": assertion,
    }
    return http.post_form(TOKEN, form, _read_tokens)


def _granted(http: ProviderHttp, app: App, form: Mapping[str, str]) -> Tokens:
    known = {} if app.client_secret else {"client_id": app.client_id}
    return http.post_form(TOKEN, {**form, **known}, _read_tokens, headers=app.proof())


def _read_tokens(answer: Answer) -> Tokens:
    if not 200 <= answer.status < 300:
        raise grant_refusal(answer, datetime.now(UTC))
    told: Any = decoded(json_text(answer, "NetSuite"), "NetSuite", read_element).value
    told = told if isinstance(told, dict) else {}
    access, lifetime, renewal = (
        told.get(name) for name in ("access_token", "expires_in", "refresh_token")
    )
    # The lifetime is a number, or the same number as text.
    if not _is_token(access) or not _SECONDS.fullmatch(str(lifetime)):
        raise ProviderContractError("NetSuite sent something else than the token it was asked for.")
    return Tokens(
        SecretStr(access), int(lifetime), SecretStr(renewal) if _is_token(renewal) else None
    )


def _is_token(value: object) -> bool:
    return isinstance(value, str) and _TOKEN_FORM.fullmatch(value) is not None
