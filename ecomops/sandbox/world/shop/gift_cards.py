"""Gift cards: sold with an order and not yet used, or given away before one that they paid."""

from ecomops.sandbox.world.calendar import SECONDS_A_DAY
from ecomops.sandbox.world.model import Ref
from ecomops.sandbox.world.shop.model import GiftCard, ShopOrder
from ecomops.sandbox.world.shop.money import SHOP_CURRENCY

GIVEN_EARLIER = 3_600  # seconds before the order, on the same day


def gift_cards_of(order: ShopOrder) -> list[GiftCard]:
    """The cards that came to be with an order."""
    cards = []
    if order.redeemed:
        midnight = order.created // SECONDS_A_DAY * SECONDS_A_DAY
        given = max(midnight, order.created - GIVEN_EARLIER)
        initial = 2 * order.redeemed
        cards.append(_card(order, 1, given, initial, order.redeemed, order.currency, sold=False))
    worth = sum(it.original.shop for it in order.contents.items if it.is_gift_card)
    if worth and not order.test:
        cards.append(_card(order, 0, order.created, worth, 0, SHOP_CURRENCY, sold=True))
    return cards


def _card(
    order: ShopOrder, part: int, at: int, initial: int, redeemed: int, currency: str, *, sold: bool
) -> GiftCard:
    ref = Ref("gift_card", order.ref.day, order.ref.item, part)
    return GiftCard(ref, order, at, initial, redeemed, currency, sold)
