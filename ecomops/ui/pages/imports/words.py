"""What people call the kinds of files and of reports. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from ecomops.core import money
from ecomops.core.files.fields import Field
from ecomops.ui import format as fmt

KINDS = {
    "bank": "Bank statement",
    "stripe": "Stripe payout report",
    "shopify": "Shopify payout report",
}
LAYOUTS = {
    "bank": "Bank statement",
    "stripe_itemised": "Stripe payout reconciliation, itemised",
    "stripe_balance": "Stripe balance",
    "shopify_payouts": "Shopify payouts",
    "shopify_transactions": "Shopify payout transactions",
}


def span(first: date | None, last: date | None) -> str:
    """``1 Jan 2026 to 31 Jan 2026``; one day is told once."""
    if first is None or last is None:
        return ""
    return fmt.day(first) if first == last else f"{fmt.day(first)} to {fmt.day(last)}"


def totals(sums: Mapping[str, Any]) -> str:
    """``EUR 1,234.50 · USD 12.00`` of exact decimal texts."""
    return " · ".join(f"{code} {_grouped(str(text), code)}" for code, text in sums.items())


def _grouped(text: str, currency: str) -> str:
    return money.display(money.from_decimal(Decimal(text)), currency)


def value_text(field: Field, value: Any, currency: str | None) -> str:
    """A value of a file's line as it would be stored."""
    if value is None:
        return ""
    match field.kind:
        case "amount":
            return fmt.amount(value, currency or "")
        case "day":
            return fmt.day(value)
        case "moment":
            return fmt.moment(value, "UTC")
    return str(value)
