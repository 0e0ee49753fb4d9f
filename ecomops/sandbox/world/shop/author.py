"""Writes the orders of the shop, of both populations. Writing one needs no other."""

from ecomops.sandbox.world import people
from ecomops.sandbox.world.calendar import SECONDS_A_DAY, Calendar
from ecomops.sandbox.world.currencies import CURRENCIES, share_of
from ecomops.sandbox.world.draw import Draw
from ecomops.sandbox.world.model import Ref
from ecomops.sandbox.world.shop import baskets
from ecomops.sandbox.world.shop.from_story import tell_story
from ecomops.sandbox.world.shop.model import BOGUS, OWN, STRIPE, ShopOrder
from ecomops.sandbox.world.shop.money import shop_rate
from ecomops.sandbox.world.shop.own_order import RETRY_SECONDS, OwnOrder
from ecomops.sandbox.world.shop.population import OwnOrders, own_name
from ecomops.sandbox.world.shop.recipes import Basket, Case, ShopDeck
from ecomops.sandbox.world.stories import Author

_MIX = (*("usd",) * 7, *("eur",) * 3)


class ShopAuthor:
    """Writes orders by day and index."""

    def __init__(self, calendar: Calendar, stories: Author, numbering: OwnOrders) -> None:
        self._calendar, self._stories, self._numbering = calendar, stories, numbering
        self._seed = calendar.plan.seed
        self.deck = ShopDeck(self._seed)

    def of_story(self, day: int, index: int) -> ShopOrder:
        """The order whose money the other processor takes."""
        story = self._stories.write(day, index)
        charge = story.charges[-1]
        order = ShopOrder(
            Ref("order", day, 2 * index),
            charge.ordinal,
            STRIPE,
            people.order_number(charge.ordinal),
            story.charges[0].created,
            charge.currency,
            charge.amount,
            share_of(charge.amount, self._redeemed(charge.ordinal), charge.currency),
            self._fill,
            charge=charge.ref,
        )
        tell_story(order, story)
        return order

    def own(self, day: int, index: int) -> ShopOrder:
        """An order paid through Shopify Payments."""
        ordinal, draw = self._numbering.first(day) + index, Draw(self._seed, "own", day, index)
        case, midnight = self.deck.case(ordinal), self._calendar.midnight(day)
        code = case.currency or ("usd" if case.test else draw.pick(_MIX))
        payable, redeemed = self._amounts(draw, case, code, ordinal)
        order = ShopOrder(
            Ref("order", day, 2 * index + 1),
            ordinal,
            BOGUS if case.test else OWN,
            own_name(ordinal),
            midnight + draw.below(SECONDS_A_DAY - 10 * RETRY_SECONDS),
            code,
            payable,
            redeemed,
            self._give_away if case.free else self._fill,
            test=case.test,
        )
        return OwnOrder(order, case, draw, midnight).order

    def _amounts(self, draw: Draw, case: Case, currency: str, ordinal: int) -> tuple[int, int]:
        """(by card, by gift card)"""
        known = CURRENCIES[currency]
        amount = draw.between(known.low, known.high) // known.step * known.step
        if case.free or case.test:
            return (0 if case.free else amount), 0
        if case.all_by_gift_card:
            return 0, amount
        return amount, share_of(amount, self._redeemed(ordinal), currency)

    def _redeemed(self, ordinal: int) -> int:
        return self.deck.basket(ordinal).redeemed

    def _fill(self, order: ShopOrder) -> baskets.Contents:
        draw, basket = self._chance(order)
        whole, rate = order.payable + order.redeemed, self._rate(order)
        return baskets.fill(draw, basket, whole, order.currency, rate)

    def _give_away(self, order: ShopOrder) -> baskets.Contents:
        draw, basket = self._chance(order)
        known = CURRENCIES[order.currency]
        worth = draw.between(known.low, known.high) // known.step * known.step
        return baskets.give_away(draw, basket, worth, order.currency, self._rate(order))

    def _chance(self, order: ShopOrder) -> tuple[Draw, Basket]:
        draw = Draw(self._seed, "basket", order.ref.day, order.ref.item)
        return draw, self.deck.basket(order.ordinal)

    def _rate(self, order: ShopOrder) -> int:
        return shop_rate(self._seed, order.currency, order.ref.day)
