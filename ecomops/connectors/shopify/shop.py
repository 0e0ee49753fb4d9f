"""Whose shop the credentials reach, and what they let us see of it."""

from typing import Any, Final

from ecomops.connectors.base import Account
from ecomops.connectors.shopify.client import API_VERSION, ShopifyClient
from ecomops.connectors.shopify.documents import SHOP
from ecomops.kit.errors import ProviderContractError

ALL_ORDERS: Final = "read_all_orders"
NEEDED: Final = {
    "read_orders": ("read_orders", "write_orders"),
    ALL_ORDERS: (ALL_ORDERS,),
    "read_shopify_payments_accounts": ("read_shopify_payments_accounts", "read_shopify_payments"),
    "read_shopify_payments_payouts": ("read_shopify_payments_payouts", "read_shopify_payments"),
    "read_shopify_payments_disputes": ("read_shopify_payments_disputes", "read_shopify_payments"),
}
"""Scope that we ask for → scopes that give the same."""

_YOUNG_ONLY: Final = (
    "Orders older than 60 days are not seen: the app lacks the access scope read_all_orders."
)


def read_shop(client: ShopifyClient) -> Account:
    """The shop: its domain, currency, time zone, plan, and the scopes of the access.

    Raises ProviderError subclasses.
    """
    told = client.query(SHOP)
    shop = _dict(told.get("shop"))
    if not all(isinstance(shop.get(name), str) and shop[name] for name in ("id", "name")):
        raise ProviderContractError("Shopify did not say whose shop the credentials reach.")
    scopes = _scopes(told) or list(client.access.scopes)
    return Account(shop["id"], shop["name"], _detail(shop, scopes, client.clock_skew))


def missing(scopes: list[str]) -> list[str]:
    """The scopes that are needed and not granted; none where it is not known what was granted."""
    if not scopes:
        return []
    return [name for name, any_of in NEEDED.items() if not set(any_of) & set(scopes)]


def _detail(shop: dict[str, Any], scopes: list[str], clock_skew: int | None) -> dict[str, Any]:
    plan, lacking = _dict(shop.get("plan")), missing(scopes)
    return {
        "shop": shop.get("myshopifyDomain"),
        "currency": shop.get("currencyCode"),
        "timezone": shop.get("ianaTimezone"),
        "plan": plan.get("publicDisplayName"),
        "test_shop": plan.get("partnerDevelopment"),
        "api_version": API_VERSION,
        "scopes": scopes,
        "missing_scopes": lacking,
        "limits": [_YOUNG_ONLY] if ALL_ORDERS in lacking else [],
        "clock_skew_seconds": clock_skew,
    }


def _scopes(told: dict[str, Any]) -> list[str]:
    granted = _dict(told.get("currentAppInstallation")).get("accessScopes")
    handles = [_dict(scope).get("handle") for scope in granted or () if isinstance(granted, list)]
    return sorted(handle for handle in handles if isinstance(handle, str))


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
