"""The ways in which each provider's account can be connected, and the fields of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Method:
    """One way. ``fields``: credential name → label. ``consent``: given at the provider's page."""

    name: str
    label: str
    fields: Mapping[str, str]
    consent: bool = False


_SHOP_APP = {"shop_domain": "Shop Domain", "api_key": "API Key", "api_secret": "API Secret"}
METHODS: Final[Mapping[str, tuple[Method, ...]]] = {
    "stripe": (
        Method("key", "Secret or restricted key", {"api_key": "API Key"}),
        Method(
            "consent",
            "Stripe Connect",
            {"client_id": "Client ID", "platform_key": "Platform Secret Key"},
            consent=True,
        ),
    ),
    "shopify": (
        Method("app", "An app's key and secret", _SHOP_APP),
        Method("consent", "Consent in Shopify", _SHOP_APP, consent=True),
    ),
    "netsuite": (
        Method(
            "token",
            "Token-based (TBA)",
            {
                "account_id": "Account ID",
                "consumer_key": "Consumer Key",
                "consumer_secret": "Consumer Secret",
                "token_id": "Token ID",
                "token_secret": "Token Secret",
            },
        ),
        Method(
            "certificate",
            "OAuth 2.0 with a certificate",
            {
                "account_id": "Account ID",
                "client_id": "Client ID",
                "certificate_id": "Certificate ID",
                "private_key": "Private Key",
            },
        ),
        Method(
            "consent",
            "Consent in NetSuite",
            {
                "account_id": "Account ID",
                "client_id": "Client ID",
                "client_secret": "Client Secret",
            },
            consent=True,
        ),
    ),
}
"""The first of each is what the form begins with."""


def method_of(provider: str, name: str) -> Method | None:
    """The method of that name; the first one for an empty name; None if there is none."""
    known = METHODS.get(provider, ())
    return next((it for it in known if name in ("", it.name)), None)
