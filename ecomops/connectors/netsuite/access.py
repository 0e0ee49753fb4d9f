"""Who asks: a signed request, or a bearer token that is renewed in time.

Which of them follows from the credentials: a private key is client credentials, a refresh token
is what a person's consent gave, and otherwise it is token-based authentication.
"""

import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Final, Protocol

import httpx
from pydantic import SecretStr

from ecomops.connectors.consented import ConsentedAccess, Credentials, Renew
from ecomops.connectors.http import ProviderHttp
from ecomops.connectors.netsuite import assertion, oauth
from ecomops.connectors.netsuite.tba import TokenBasedAuth
from ecomops.kit.errors import ProviderAuthError

_SIGNING: Final = {
    "consumer_key": "Consumer Key",
    "consumer_secret": "Consumer Secret",
    "token_id": "Token ID",
    "token_secret": "Token Secret",
}
_CERTIFIED: Final = {"client_id": "Client ID", "certificate_id": "Certificate ID"}
_CONSENTED: Final = {"client_id": "Client ID", "refresh_token": "Refresh Token"}
_RENEWED_EARLY: Final = 300  # seconds before a token ends
_LOST: Final = "NetSuite does not take this connection's token any more. Connect it again."


def _seconds() -> int:
    return time.monotonic_ns() // 10**9


class Access(Protocol):
    """What makes a request one of the account's own."""

    @property
    def auth(self) -> httpx.Auth | None:
        """What signs each request just before it is sent."""

    def headers(self) -> Mapping[str, str]:
        """For the next request. Raises ProviderError subclasses; a token may be asked for."""

    def forget(self) -> None:
        """The last request was refused: whatever can be renewed is renewed."""


class SignedAccess:
    """Token-based authentication: every request is signed."""

    def __init__(self, credentials: Credentials, account: str) -> None:
        self._credentials = _stripped(credentials, _SIGNING)
        self.auth = TokenBasedAuth(self._credentials, realm=account)

    def headers(self) -> Mapping[str, str]:
        _require_usable(self._credentials, _SIGNING)
        return {}

    def forget(self) -> None:
        """There is nothing to be renewed."""


class BearerAccess:
    """OAuth 2.0: the token that ``grant`` gives, until shortly before its end.

    ``clock`` counts whole seconds.
    """

    auth: httpx.Auth | None = None

    def __init__(
        self, grant: Callable[[], oauth.Tokens], clock: Callable[[], int] = _seconds
    ) -> None:
        self._grant, self._clock = grant, clock
        self._tokens: oauth.Tokens | None = None
        self._ends = 0

    def headers(self) -> Mapping[str, str]:
        if self._tokens is None or self._clock() >= self._ends:
            self._tokens = self._grant()
            self._ends = self._clock() + max(0, self._tokens.lifetime - _RENEWED_EARLY)
        return {"Authorization": f"Bearer {self._tokens.access.get_secret_value()}"}

    def forget(self) -> None:
        self._tokens = None


class ConsentedBearer:
    """OAuth 2.0: the token that a person's consent gave, which ``renew`` replaces."""

    auth: httpx.Auth | None = None

    def __init__(self, credentials: Credentials, renew: Renew) -> None:
        self._access = ConsentedAccess(credentials, renew, lost=_LOST)

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._access.token()}"}

    def forget(self) -> None:
        self._access.forget()


def access_for(
    credentials: Credentials,
    account: str,
    base: str,
    http: ProviderHttp,
    renew: Renew | None = None,
) -> Access:
    """The access that ``credentials`` are for; ``http`` is asked for tokens, below ``base``.

    ``renew`` replaces what a consent gave and keeps it; without it nothing is kept.
    """
    if "private_key" in credentials:
        audience = base.rstrip("/") + oauth.TOKEN
        return BearerAccess(partial(_by_certificate, credentials, audience, http))
    if "refresh_token" in credentials:
        return ConsentedBearer(credentials, renew or partial(renewed, http))
    return SignedAccess(credentials, account)


def _by_certificate(credentials: Credentials, audience: str, http: ProviderHttp) -> oauth.Tokens:
    known = _stripped(credentials, _CERTIFIED)
    _require_usable(known, _CERTIFIED)
    proof = assertion.signed(
        assertion.private_key(credentials["private_key"]),
        certificate_id=known["certificate_id"].get_secret_value(),
        client_id=known["client_id"].get_secret_value(),
        audience=audience,
        now=int(time.time()),
    )
    return oauth.by_assertion(http, proof)


def renewed(http: ProviderHttp, credentials: Credentials) -> Credentials:
    """The credentials with new tokens. Raises ProviderError subclasses."""
    known = _stripped(credentials, _CONSENTED)
    _require_usable(known, _CONSENTED)
    app = oauth.App(known["client_id"].get_secret_value(), credentials.get("client_secret"))
    tokens = oauth.refresh(http, app, known["refresh_token"])
    return {**credentials, **tokens.stored(datetime.now(UTC))}


def _stripped(credentials: Credentials, names: Mapping[str, str]) -> dict[str, SecretStr]:
    return {name: SecretStr(credentials[name].get_secret_value().strip()) for name in names}


def _require_usable(credentials: Credentials, names: Mapping[str, str]) -> None:
    """Raises where the credentials cannot work by their form, so that nothing is sent."""
    for name, label in names.items():
        if not re.fullmatch(r"[!-~]{1,8192}", credentials[name].get_secret_value()):
            raise ProviderAuthError(
                f"The {label} of this connection is empty or holds a space. Copy it whole."
            )
