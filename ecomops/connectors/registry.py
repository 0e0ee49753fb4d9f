"""Which connector reads which provider, and with which credentials."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ecomops.connectors.base import Connector
from ecomops.connectors.consented import Credentials, Renew
from ecomops.connectors.gate import Gate
from ecomops.connectors.netsuite import NetsuiteConnector
from ecomops.connectors.shopify import ShopifyConnector
from ecomops.connectors.stripe import StripeConnector

Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Call:
    """How a provider is called: from where, until when, through which gate, and for what.

    ``chosen`` is what people set on the connection, ``renew`` replaces a token that ends.
    """

    base: str
    stop: Stop
    gate: Gate | None
    chosen: Mapping[str, Any]
    renew: Renew | None


Opener = Callable[[Credentials, Call], Connector]


def _stripe(credentials: Credentials, call: Call) -> Connector:
    return StripeConnector(credentials["api_key"], base=call.base, stop=call.stop, gate=call.gate)


def _shopify(credentials: Credentials, call: Call) -> Connector:
    return ShopifyConnector(
        credentials, base=call.base, stop=call.stop, renew=call.renew, gate=call.gate
    )


def _netsuite(credentials: Credentials, call: Call) -> Connector:
    accounts = call.chosen.get("accounts")
    return NetsuiteConnector(
        credentials, base=call.base, stop=call.stop, gate=call.gate,
        renew=call.renew, accounts=accounts if isinstance(accounts, list) else (),
    )  # fmt: skip


OPENERS: Final[Mapping[str, Opener]] = {
    "stripe": _stripe,
    "shopify": _shopify,
    "netsuite": _netsuite,
}
"""By provider name; the credential names are those of the connection form."""


def open_connector(
    provider: str,
    credentials: Credentials,
    *,
    base: str,
    stop: Stop = lambda: False,
    gate: Gate | None = None,
    chosen: Mapping[str, Any] | None = None,
    renew: Renew | None = None,
) -> Connector:
    """A connector that reads from ``base``; no request is made yet. The caller closes it.

    ``gate`` is what all who call the account share; the others as in ``Call``.
    Raises LookupError for a provider or a credential that is not there.
    """
    return OPENERS[provider](credentials, Call(base, stop, gate, chosen or {}, renew))
