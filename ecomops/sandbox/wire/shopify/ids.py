"""The global ids of the world's objects, and the objects that an id names."""

from typing import Any

from ecomops.sandbox.wire.shopify.values import gid, parsed_gid
from ecomops.sandbox.world.model import Ref
from ecomops.sandbox.world.shop.ledger import ShopLedger
from ecomops.sandbox.world.shop.model import ShopOrder
from ecomops.sandbox.world.shop.numbers import line_ref, number_of, ref_of
from ecomops.sandbox.world.shop.population import order_number

PAYOUT, LINE = "ShopifyPaymentsPayout", "ShopifyPaymentsBalanceTransaction"
DISPUTE, TRANSACTION, REFUND = "ShopifyPaymentsDispute", "OrderTransaction", "Refund"
_TYPES = {
    "payout": PAYOUT,
    "line": LINE,
    "account_line": LINE,
    "payout_line": LINE,
    "dispute": DISPUTE,
    "transaction": TRANSACTION,
    "refund": REFUND,
    "item": "LineItem",
    "returned_item": "RefundLineItem",
    "adjustment": "OrderAdjustment",
    "returned_shipping": "RefundShippingLine",
    "shipping": "ShippingLine",
    "gift_card": "GiftCard",
    "gift_card_move": "GiftCardDebitTransaction",
}
_KINDS = {type: kind for kind, type in _TYPES.items() if type != LINE}


def number_of_order(order: ShopOrder) -> int:
    return order_number(order.ordinal, own=order.charge is None)


def id_of_order(order: ShopOrder) -> str:
    return gid("Order", number_of_order(order))


def id_of(ref: Ref) -> str:
    """The id of anything but an order."""
    return gid(_TYPES[ref.kind], number_of(ref))


def place_of(id: str) -> tuple[str, Ref] | None:
    """(type, place) of an id of anything but an order; None where it is none of them."""
    known = parsed_gid(id)
    if known is None:
        return None
    type, number = known
    kind = _KINDS.get(type)
    ref = line_ref(number) if type == LINE else ref_of(kind, number) if kind else None
    return (type, ref) if ref else None


def find(shop: ShopLedger, id: str) -> Any:
    """The record that an id names, whenever it comes to be; None where there is none."""
    known = parsed_gid(id)
    if known and known[0] == "Order":
        return shop.order(known[1])
    place = place_of(id)
    if place is None:
        return None
    type, ref = place
    if type == PAYOUT:
        return shop.payout(ref.day, ref.item) if ref.item < 2 else None
    if type == LINE:
        return shop.line(ref)
    return _part(shop.order_at(ref), ref)


def _part(order: ShopOrder | None, ref: Ref) -> Any:
    if order is None:
        return None
    parts: tuple[Any, ...] = (*order.transactions, *order.refunds, *order.disputes)
    return next((it for it in parts if it.ref == ref), None)
