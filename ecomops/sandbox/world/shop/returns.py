"""What a refund is for: items that came back, their tax, shipping, and what is left unexplained.

``refunded = items + tax (where prices exclude it) + shipping - discrepancy``, in both currencies.
"""

from typing import NamedTuple

from ecomops.sandbox.world.shop.model import Return, ShopRefund
from ecomops.sandbox.world.shop.money import NOTHING, Bag, total


class Breakdown(NamedTuple):
    items: tuple[Return, ...]
    shipping: Bag
    discrepancy: Bag
    """Negative where more was given back than came back."""


def explain(refund: ShopRefund) -> Breakdown:
    """How a refund came to its amount."""
    items, shipping = _items(refund), _shipping(refund)
    included = refund.order.contents.taxes_included
    worth = [it.subtotal if included else it.subtotal.plus(it.tax) for it in items]
    money = refund.transaction.money
    return Breakdown(tuple(items), shipping, total((*worth, shipping)).minus(money))


def _items(refund: ShopRefund) -> list[Return]:
    items = refund.order.contents.items
    if refund.what == "whole":
        return [
            Return(number, it.quantity, it.subtotal, it.tax)
            for number, it in enumerate(items)
            if not it.is_gift_card
        ]
    if refund.what != "goods" or items[-1].is_gift_card:
        return []
    last = items[-1]
    return [Return(len(items) - 1, last.quantity, last.subtotal, last.tax)]


def _shipping(refund: ShopRefund) -> Bag:
    """Shipping that is given back: all of it, or as much of it as the refund is."""
    whole, money = refund.order.contents.shipping, refund.transaction.money
    if refund.what == "whole":
        return whole
    if refund.what != "shipping":
        return NOTHING
    return whole if whole.presentment <= money.presentment else money
