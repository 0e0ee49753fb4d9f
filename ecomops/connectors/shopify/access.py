"""The access token of a shop.

Follows "Client credentials grant" of Shopify's documentation: the app's key and secret buy a
token for a day, again and again. A custom app of old has one lasting token (``shpat_…``) instead.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import SecretStr

from ecomops.connectors.decoding import decoded
from ecomops.connectors.exact_json import read_element
from ecomops.connectors.http import Answer, ProviderHttp, json_text
from ecomops.connectors.shopify.errors import grant_refusal
from ecomops.kit.errors import ProviderAuthError, ProviderContractError

GRANT: Final = "/admin/oauth/access_token"
LASTING_PREFIX: Final = "shpat_"
_RENEWED_EARLY: Final = 300  # seconds before a token ends
_USABLE = re.compile(r"[!-~]{8,512}")


@dataclass(frozen=True, slots=True)
class _Token:
    value: SecretStr
    scopes: tuple[str, ...]
    lifetime: int  # seconds


class ShopAccess:
    """Gives a token that should be good. ``clock`` counts seconds."""

    def __init__(
        self,
        http: ProviderHttp,
        api_key: SecretStr,
        api_secret: SecretStr,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http, self._clock = http, clock
        self._key = api_key.get_secret_value().strip()
        self._secret = api_secret.get_secret_value().strip()
        self._token: _Token | None = None
        self._ends = 0.0

    @property
    def renewable(self) -> bool:
        """Whether another token can be had when one is refused."""
        return not self._secret.startswith(LASTING_PREFIX)

    @property
    def scopes(self) -> tuple[str, ...]:
        """What the token in use may do, as far as it was told with it."""
        return self._token.scopes if self._token else ()

    def token(self) -> str:
        """The token in use, or a new one. Raises ProviderError subclasses."""
        for name, value in (("API Key", self._key), ("API Secret", self._secret)):
            if not _USABLE.fullmatch(value):
                raise ProviderAuthError(
                    f"The {name} of this connection is incomplete or holds a space. Copy it whole."
                )
        if not self.renewable:
            return self._secret
        if self._token is None or self._clock() >= self._ends:
            self._token = self._granted()
            self._ends = self._clock() + max(0, self._token.lifetime - _RENEWED_EARLY)
        return self._token.value.get_secret_value()

    def forget(self) -> None:
        """The token in use was refused: the next one is asked for."""
        self._token = None

    def _granted(self) -> _Token:
        wanted = {
            "grant_type": "client_credentials",
            "client_id": self._key,
            "client_secret": self._secret,
        }
        return self._http.post(GRANT, wanted, _read_token)


def _read_token(answer: Answer) -> _Token:
    if not 200 <= answer.status < 300:
        raise grant_refusal(answer, datetime.now(UTC))
    told: Any = decoded(json_text(answer, "Shopify"), "Shopify", read_element).value
    told = told if isinstance(told, dict) else {}
    token, lifetime, scope = (told.get(n) for n in ("access_token", "expires_in", "scope"))
    if not isinstance(token, str) or not _USABLE.fullmatch(token) or not isinstance(lifetime, int):
        raise ProviderContractError("Shopify sent something else than the token it was asked for.")
    scopes = tuple(scope.split(",")) if isinstance(scope, str) and scope else ()
    return _Token(SecretStr(token), scopes, lifetime)
