"""The money that Shopify's objects and NetSuite's rows tell, read once more and by other means.

As ``said`` for Stripe: nothing of the connectors is used. Figures are units, ten-thousandths of
the currency; the identity of a record comes first.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ecomops.connectors.records import (
    DisputeRecord,
    NetsuiteLineRecord,
    OrderRecord,
    PaymentRecord,
    PayoutLineRecord,
    PayoutRecord,
    RefundRecord,
    StoredRecord,
)
from tests.connectors.said import Figures

Json = dict[str, Any]


def shopify_said(record: StoredRecord) -> Figures:
    """(id, currency, amounts) as the JSON of a record's object has them."""
    told = json.loads(record.raw, parse_float=Decimal)
    return (told["id"], *_SAID[type(record)](told))


def shopify_kept(record: StoredRecord) -> Figures:
    """The same of the record that was made of it."""
    names = _KEPT[type(record)]
    return (record.source_id, *(getattr(record, name) for name in names))


def netsuite_said(record: StoredRecord) -> Figures:
    """(id, line, currency, debit, credit, debit less credit) of a line; of a list's row its id."""
    told = json.loads(record.raw, parse_float=Decimal)
    if not isinstance(record, NetsuiteLineRecord):
        return (told["id"],)
    debit, credit = (
        None if told.get(name) in (None, "") else _units(str(told[name]))
        for name in ("debit", "credit")
    )
    return told["id"], told["line"], told["currency"], debit, credit, (debit or 0) - (credit or 0)


def netsuite_kept(record: StoredRecord) -> Figures:
    """The same of the record that was made of it."""
    if not isinstance(record, NetsuiteLineRecord):
        return (record.source_id.rpartition(":")[2],)
    _, transaction, line = record.source_id.split(":")
    return transaction, line, record.currency, record.debit, record.credit, record.amount


def _units(text: str) -> int:
    units = Decimal(text) * 10_000
    assert units == int(units), "Finer than a unit."
    return int(units)


def _money(told: Json) -> Figures:
    return told["currencyCode"], _units(told["amount"])


def _shop(told: Json, name: str) -> int:
    """An amount in the shop's money; 0 where the order does not have it."""
    return 0 if told.get(name) is None else _money(told[name]["shopMoney"])[1]


def _order(told: Json) -> Figures:
    sold = [it for it in _nodes(told, "lineItems") if it["isGiftCard"]]
    return (
        *_money(told["totalPriceSet"]["shopMoney"]),
        *(_shop(told, name) for name in _PARTS),
        *([sum(_shop(it, "originalTotalSet") for it in sold)]),
    )


_PARTS = (
    "subtotalPriceSet", "totalDiscountsSet", "totalShippingPriceSet", "totalTaxSet",
    "totalTipReceivedSet", "originalTotalDutiesSet", "totalRefundedSet",
)  # fmt: skip


def _nodes(told: Json, name: str) -> list[Json]:
    return list((told.get(name) or {}).get("nodes") or [])


def _payout(told: Json) -> Figures:
    currency, units = _money(told["net"])
    return currency, -abs(units) if told["transactionType"] == "WITHDRAWAL" else units


def _line(told: Json) -> Figures:
    gross, fee, net = (_money(told[name]) for name in ("amount", "fee", "net"))
    return (*gross, fee[1], net[1])


def _step(told: Json) -> Figures:
    return _money(told["amountSet"]["shopMoney"])


_SAID: dict[type[StoredRecord], Callable[[Json], Figures]] = {
    OrderRecord: _order,
    PaymentRecord: _step,
    RefundRecord: _step,
    PayoutRecord: _payout,
    PayoutLineRecord: _line,
    DisputeRecord: lambda told: _money(told["amount"]),
}
_AMOUNT = ("currency", "amount")
_KEPT: dict[type[StoredRecord], tuple[str, ...]] = {
    OrderRecord: (
        *_AMOUNT, "subtotal", "discount", "shipping", "tax", "tip", "duties", "refunded",
        "gift_card_sold",
    ),
    PaymentRecord: _AMOUNT,
    RefundRecord: _AMOUNT,
    PayoutRecord: _AMOUNT,
    PayoutLineRecord: ("currency", "gross", "fee", "net"),
    DisputeRecord: _AMOUNT,
}  # fmt: skip
