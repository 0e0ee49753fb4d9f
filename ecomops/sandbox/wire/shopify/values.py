"""Values as the GraphQL API writes them: money, instants, ids."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ecomops.sandbox.world.currencies import CURRENCIES, major
from ecomops.sandbox.world.shop.model import ShopOrder
from ecomops.sandbox.world.shop.money import SHOP_CURRENCY, Bag

Json = dict[str, Any]


def decimal(amount: int, currency: str) -> str:
    """``55.0``, ``44.52``: at least one decimal, none too many."""
    exact = Decimal(amount).scaleb(-CURRENCIES[currency].exponent)
    whole, _, rest = format(exact, "f").partition(".")
    return f"{whole}.{rest.rstrip('0') or '0'}"


def money(amount: int, currency: str) -> Json:
    """A ``MoneyV2``."""
    return {"amount": decimal(amount, currency), "currencyCode": currency.upper()}


def money_bag(bag: Bag, order: ShopOrder) -> Json:
    """A ``MoneyBag``."""
    return {
        "presentmentMoney": money(bag.presentment, order.currency),
        "shopMoney": money(bag.shop, SHOP_CURRENCY),
    }


def shop_money(bag: Bag) -> str:
    """A ``Money`` of the old kind: the shop's currency, with its places."""
    return major(bag.shop, SHOP_CURRENCY)


def instant(seconds: int | None) -> str | None:
    """ISO 8601 in UTC."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def gid(kind: str, number: int) -> str:
    return f"gid://shopify/{kind}/{number}"


def parsed_gid(text: str) -> tuple[str, int] | None:
    """(kind, number) of an id; None where it is none."""
    parts = text.split("/")
    if len(parts) != 5 or parts[:3] != ["gid:", "", "shopify"] or not parts[4].isdigit():
        return None
    return parts[3], int(parts[4])
