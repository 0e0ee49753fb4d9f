"""Fields of gift cards: those sold as items, and those given away that paid for an order."""

from typing import Any

from ecomops.sandbox.wire.shopify.errors import NotServedError
from ecomops.sandbox.wire.shopify.fields.parts import Resolver, line_item, part, short_list
from ecomops.sandbox.wire.shopify.ids import id_of
from ecomops.sandbox.wire.shopify.search import Filter
from ecomops.sandbox.wire.shopify.values import instant, money
from ecomops.sandbox.wire.shopify.view import View
from ecomops.sandbox.world.shop.gift_cards import gift_cards_of
from ecomops.sandbox.world.shop.model import GiftCard
from ecomops.sandbox.world.shop.numbers import number_of, ref_of

Json = dict[str, Any]


def _on(view: View, day: int) -> list[GiftCard]:
    return [card for order in view.shop.orders(day) for card in gift_cards_of(order)]


def gift_cards(it: None, view: View, sortKey: str = "ID", **arguments: Any) -> Json:
    view.require("giftCards")
    if sortKey not in ("ID", "CREATED_AT"):
        raise NotServedError(f"gift cards sorted by {sortKey}")
    source = view.daily(
        "CREATED_AT",
        lambda it: it.created,
        lambda it: number_of(it.ref),
        lambda day: _on(view, day),
    )
    filters = {
        "id": Filter("number", lambda it: number_of(it.ref)),
        "created_at": Filter("time", lambda it: it.created),
    }
    return view.connect("giftCards", arguments, source, filters, "created_at")


def gift_card(it: None, view: View, id: str) -> GiftCard | None:
    view.require("giftCard")
    number = id.rpartition("/")[2]
    ref = ref_of("gift_card", int(number)) if number.isdigit() else None
    order = view.sees(view.shop.order_at(ref)) if ref else None
    found = gift_cards_of(order) if order else []
    return next((card for card in found if card.ref == ref), None)


def _moves(card: GiftCard, view: View) -> list[Json]:
    if not card.redeemed:
        return []
    return [
        {
            "id": id_of(part(card.order, "gift_card_move")),
            "amount": money(-card.redeemed, card.currency),
            "processedAt": instant(card.order.created),
            "giftCard": card,
            "note": None,
        }
    ]


def _updated(card: GiftCard, view: View) -> str | None:
    return instant(card.order.created if card.redeemed else card.created)


def _sold_item(card: GiftCard, view: View) -> Any:
    items = card.order.contents.items
    numbers = (it for it, item in enumerate(items) if item.is_gift_card)
    return line_item(card.order, next(numbers)) if card.sold else None


GIFT_CARD: dict[str, Resolver] = {
    "id": lambda it, view: id_of(it.ref),
    "createdAt": lambda it, view: instant(it.created),
    "updatedAt": _updated,
    "initialValue": lambda it, view: money(it.initial, it.currency),
    "balance": lambda it, view: money(it.initial - it.redeemed, it.currency),
    "enabled": lambda it, view: True,
    "isRedeemable": lambda it, view: it.initial > it.redeemed,
    "deactivatedAt": lambda it, view: None,
    "expiresOn": lambda it, view: None,
    "lastCharacters": lambda it, view: f"{number_of(it.ref) % 65_536:04x}",
    "maskedCode": lambda it, view: f"•••• •••• •••• {number_of(it.ref) % 65_536:04x}",
    "note": lambda it, view: None if it.sold else "Goodwill",
    "customer": lambda it, view: None,
    "order": lambda it, view: it.order if it.sold else None,
    "lineItem": _sold_item,
    "recipientAttributes": lambda it, view: None,
    "templateSuffix": lambda it, view: None,
    "transactions": short_list("transactions", _moves),
}
QUERIES: dict[str, Resolver] = {"giftCards": gift_cards, "giftCard": gift_card}
TABLES = {"GiftCard": GIFT_CARD}
CLASSES: dict[type, str] = {GiftCard: "GiftCard", dict: "GiftCardDebitTransaction"}
