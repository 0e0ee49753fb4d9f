"""Shopify as a connector: a shop reached with an app's credentials."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import SecretStr

from ecomops.connectors.base import Account, CheckedOnly
from ecomops.connectors.http import DEFAULT_LIMITS, Limits
from ecomops.connectors.shopify.client import ShopifyClient
from ecomops.kit.errors import ProviderContractError

SHOP: Final = """\
query Shop {
  shop {
    id
    name
    myshopifyDomain
    currencyCode
    ianaTimezone
    plan { publicDisplayName partnerDevelopment }
  }
}
"""


class ShopifyConnector(CheckedOnly):
    """Fills ``connectors.base.Connector``. It can be tested; its streams come with later work.

    ``credentials`` are shop_domain, api_key and api_secret, the last of which may be the access
    token of a custom app (``shpat_…``); ``base`` is the address before ``/admin``. ``stop`` as in
    ``ProviderHttp``.
    """

    provider = "shopify"

    def __init__(
        self,
        credentials: Mapping[str, SecretStr],
        *,
        base: str,
        stop: Callable[[], bool] = lambda: False,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self._client = ShopifyClient(credentials, base, stop=stop, limits=limits)

    def check(self) -> Account:
        """The shop: its domain, currency, time zone, plan, and the scopes of the access."""
        shop = self._client.query(SHOP).get("shop")
        if not isinstance(shop, dict) or not all(
            isinstance(shop.get(name), str) and shop[name] for name in ("id", "name")
        ):
            raise ProviderContractError("Shopify did not say whose shop the credentials reach.")
        return Account(shop["id"], shop["name"], self._detail(shop))

    def close(self) -> None:
        self._client.close()

    def _detail(self, shop: dict[str, Any]) -> dict[str, Any]:
        plan = shop.get("plan")
        plan = plan if isinstance(plan, dict) else {}
        return {
            "domain": shop.get("myshopifyDomain"),
            "default_currency": shop.get("currencyCode"),
            "timezone": shop.get("ianaTimezone"),
            "plan": plan.get("publicDisplayName"),
            "test_shop": plan.get("partnerDevelopment"),
            "scopes": list(self._client.access.scopes),
        }
