"""Which connector reads which provider, and with which credentials."""

from collections.abc import Callable, Mapping
from typing import Final

from pydantic import SecretStr

from ecomops.connectors.base import Connector
from ecomops.connectors.netsuite import NetsuiteConnector
from ecomops.connectors.shopify import ShopifyConnector
from ecomops.connectors.stripe import StripeConnector

Credentials = Mapping[str, SecretStr]
Stop = Callable[[], bool]
Opener = Callable[[Credentials, str, Stop], Connector]


def _stripe(credentials: Credentials, base: str, stop: Stop) -> Connector:
    return StripeConnector(credentials["api_key"], base=base, stop=stop)


def _shopify(credentials: Credentials, base: str, stop: Stop) -> Connector:
    return ShopifyConnector(credentials, base=base, stop=stop)


def _netsuite(credentials: Credentials, base: str, stop: Stop) -> Connector:
    return NetsuiteConnector(credentials, base=base, stop=stop)


OPENERS: Final[Mapping[str, Opener]] = {
    "stripe": _stripe,
    "shopify": _shopify,
    "netsuite": _netsuite,
}
"""By provider name; the credential names are those of the connection form."""


def open_connector(
    provider: str, credentials: Credentials, *, base: str, stop: Stop = lambda: False
) -> Connector:
    """A connector that reads from ``base``; no request is made yet. The caller closes it.

    Raises LookupError for a provider or a credential that is not there.
    """
    return OPENERS[provider](credentials, base, stop)
