"""What orders and refunds are told with: items, shipping and tax lines, short lists."""

from collections.abc import Callable
from typing import Any, NamedTuple

from ecomops.sandbox.wire.shopify.ids import id_of
from ecomops.sandbox.wire.shopify.paging import Asked, listed
from ecomops.sandbox.wire.shopify.values import money_bag, shop_money
from ecomops.sandbox.wire.shopify.view import View
from ecomops.sandbox.world.model import Ref
from ecomops.sandbox.world.shop.baskets import Item
from ecomops.sandbox.world.shop.model import Return, ShopOrder, ShopRefund
from ecomops.sandbox.world.shop.money import Bag

Json = dict[str, Any]
Resolver = Callable[..., Any]


class LineItem(NamedTuple):
    order: ShopOrder
    number: int
    item: Item


class RefundLineItem(NamedTuple):
    refund: ShopRefund
    came_back: Return


def part(order: ShopOrder, kind: str, number: int = 0) -> Ref:
    return Ref(kind, order.ref.day, order.ref.item, number)


def line_item(order: ShopOrder, number: int) -> LineItem:
    return LineItem(order, number, order.contents.items[number])


def short_list(name: str, get: Callable[[Any, View], list[Any]]) -> Resolver:
    """A short connection."""

    def told(source: Any, view: View, **arguments: Any) -> Json:
        return listed(get(source, view), Asked.of(name, arguments, view.unlimited))

    return told


def shipping_line(order: ShopOrder) -> Json:
    bag = order.contents.shipping
    price = money_bag(bag, order)
    return {
        "id": id_of(part(order, "shipping")),
        "title": "Standard",
        "code": "standard",
        "source": "shopify",
        "custom": False,
        "isRemoved": False,
        "price": shop_money(bag),
        "originalPriceSet": price,
        "discountedPriceSet": price,
        "currentDiscountedPriceSet": price,
        "discountAllocations": [],
        "taxLines": [],
    }


def tax_lines(bag: Bag, order: ShopOrder) -> list[Json]:
    if not bag.presentment:
        return []
    percent = order.contents.tax_percent
    return [
        {
            "title": "VAT" if order.contents.taxes_included else "Sales tax",
            "rate": percent / 100,
            "ratePercentage": float(percent),
            "price": shop_money(bag),
            "priceSet": money_bag(bag, order),
            "source": "shopify",
            "channelLiable": False,
        }
    ]
