"""Stripe Connect's OAuth for standard accounts: a person's consent becomes an access token.

Follows "OAuth for Standard accounts". The consent page and the token address are on
``connect.stripe.com``; the token is an API key of the account for reading, and does not end.
"""

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from pydantic import SecretStr

from ecomops.connectors.decoding import decoded, printable
from ecomops.connectors.exact_json import read_element
from ecomops.connectors.http import Answer, ProviderHttp, json_text
from ecomops.kit.errors import (
    ProviderAuthError,
    ProviderContractError,
    ProviderError,
    ProviderTransientError,
)

CONSENT_BASE: Final = "https://connect.stripe.com"
TOKEN: Final = "/oauth/token"


def authorize_url(base: str, client_id: str, redirect_uri: str, state: str) -> str:
    """Where a person gives consent to reading. ``client_id`` is the platform's, ``ca_…``."""
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "scope": "read_only",
        "redirect_uri": redirect_uri,
        "state": state,
    }
    return f"{base}/oauth/authorize?{urlencode(asked)}"


def exchange(http: ProviderHttp, platform_key: SecretStr, code: SecretStr) -> SecretStr:
    """The access token for a code, which is good once. Raises ProviderError subclasses."""
    form = {
        "grant_type": "authorization_code",
        "code": code.get_secret_value(),
        "client_secret": platform_key.get_secret_value(),
    }
    return http.post_form(TOKEN, form, _read_token)


def _read_token(answer: Answer) -> SecretStr:
    if not 200 <= answer.status < 300:
        raise _refusal(answer)
    token = _told(answer).get("access_token")
    if not isinstance(token, str) or not token.startswith(("sk_", "rk_")):
        raise ProviderContractError("Stripe sent something else than the token it was asked for.")
    return SecretStr(token)


def _refusal(answer: Answer) -> ProviderError:
    if answer.status >= 500:
        return ProviderTransientError(f"Stripe had a problem (status {answer.status}).")
    told = _told(answer)
    said = printable(told.get("error_description") or told.get("error") or "no reason given")
    return ProviderAuthError(
        f"Stripe refused the consent: {said.rstrip('. ')}. Begin again, and check that the Client "
        "ID and the Platform Secret Key are of the same platform.",
        detail=f"status {answer.status} at {datetime.now(UTC):%H:%M:%S}",
    )


def _told(answer: Answer) -> dict[str, Any]:
    told = decoded(json_text(answer, "Stripe"), "Stripe", read_element).value
    return told if isinstance(told, dict) else {}
