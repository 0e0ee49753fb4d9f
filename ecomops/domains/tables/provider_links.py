"""Where a row is found at its provider: addresses made of facts that we have, or none. Pure."""

import re
from collections.abc import Mapping
from typing import Any

_STRIPE_ID = re.compile(r"[a-z]{2,8}_[A-Za-z0-9_]+")
_STRIPE_PAGES = {
    "payments": ("payments", "source_id"),
    "refunds": ("payments", "payment_ref"),
    "payouts": ("payouts", "source_id"),
    "disputes": ("disputes", "source_id"),
    "payout_lines": ("payouts", "payout_ref"),
}
"""Table → the page of Stripe's dashboard, and the column with its id; the nearest one it has."""

_SHOP = re.compile(r"([a-z0-9][a-z0-9-]*)\.myshopify\.com")
_SHOPIFY_ID = re.compile(r"gid://shopify/[A-Za-z]+/([0-9]+)")
_SHOPIFY_PAGES = {
    "orders": ("orders", "source_id"),
    "payments": ("orders", "order_ref"),
    "refunds": ("orders", "order_ref"),
    "payouts": ("payments/payouts", "source_id"),
    "payout_lines": ("payments/payouts", "payout_ref"),
}
_NETSUITE_ID = re.compile(r"([A-Za-z0-9_]+):([0-9]+):[^:]+")


def provider_url(
    table: str, row: Mapping[str, Any], raw: Mapping[str, Any] | None, detail: Mapping[str, Any]
) -> str | None:
    """The page of ``row``; ``detail`` is what the last test of its connection learned."""
    match row["source"]:
        case "stripe":
            return _stripe(table, row, raw or {}, detail)
        case "shopify":
            return _shopify(table, row, detail)
        case "netsuite":
            return _netsuite(row)
    return None


def _stripe(
    table: str, row: Mapping[str, Any], raw: Mapping[str, Any], detail: Mapping[str, Any]
) -> str | None:
    page, column = _STRIPE_PAGES.get(table, ("", ""))
    # Not all objects say it themselves.
    live = raw.get("livemode", detail.get("livemode"))
    if not isinstance(live, bool) or not _STRIPE_ID.fullmatch(row.get(column) or ""):
        return None
    return f"https://dashboard.stripe.com/{'' if live else 'test/'}{page}/{row[column]}"


def _shopify(table: str, row: Mapping[str, Any], detail: Mapping[str, Any]) -> str | None:
    page, column = _SHOPIFY_PAGES.get(table, ("", ""))
    shop = _SHOP.fullmatch(str(detail.get("shop")))
    named = _SHOPIFY_ID.fullmatch(row.get(column) or "")
    if shop is None or named is None:
        return None
    return f"https://admin.shopify.com/store/{shop[1]}/{page}/{named[1]}"


def _netsuite(row: Mapping[str, Any]) -> str | None:
    """A sandbox account's name is written with a hyphen in its host."""
    named = _NETSUITE_ID.fullmatch(row["source_id"])
    if named is None:
        return None
    host = f"{named[1].lower().replace('_', '-')}.app.netsuite.com"
    return f"https://{host}/app/accounting/transactions/transaction.nl?id={named[2]}"
