"""Fills baskets: items, discounts, shipping, tax, tips and duties that add up to a total.

Every part is worth something in the order's currency and in the shop's, and the parts add up to
the total in both.
"""

from typing import NamedTuple

from ecomops.sandbox.world.currencies import CURRENCIES
from ecomops.sandbox.world.draw import Draw
from ecomops.sandbox.world.shop.money import NOTHING, Bag, in_shop, total
from ecomops.sandbox.world.shop.recipes import Basket

TAX_PERCENT = {"usd": 8, "eur": 19, "gbp": 20, "huf": 27, "jpy": 10}
TAXES_INCLUDED = ("eur", "gbp", "huf")
GOODS = ("Wool jumper", "Linen shirt", "Enamel mug", "Desk lamp", "Walnut tray", "Field notebook",
         "Canvas tote", "Reading chair", "Copper kettle", "Ceramic vase")  # fmt: skip


class Item(NamedTuple):
    """A line of an order. ``discount`` and ``tax`` are of the whole line."""

    title: str
    sku: str
    quantity: int
    unit: Bag
    discount: Bag
    tax: Bag
    is_gift_card: bool = False

    @property
    def original(self) -> Bag:
        return self.unit.times(self.quantity)

    @property
    def subtotal(self) -> Bag:
        return self.original.minus(self.discount)


class Contents(NamedTuple):
    """All that an order's total is made of."""

    items: tuple[Item, ...]
    shipping: Bag
    tip: Bag
    duties: Bag
    tax_percent: int
    taxes_included: bool

    @property
    def discount(self) -> Bag:
        return total(item.discount for item in self.items)

    @property
    def subtotal(self) -> Bag:
        return total(item.subtotal for item in self.items)

    @property
    def tax(self) -> Bag:
        return total(item.tax for item in self.items)

    @property
    def total(self) -> Bag:
        added = NOTHING if self.taxes_included else self.tax
        return total((self.subtotal, self.shipping, self.tip, self.duties, added))


def fill(draw: Draw, basket: Basket, whole: int, currency: str, rate: int) -> Contents:
    """Contents that cost ``whole`` minor units of a currency."""
    return _Filling(draw, basket, currency, rate).fill(whole)


class _Filling:
    def __init__(self, draw: Draw, basket: Basket, currency: str, rate: int) -> None:
        self._draw, self._basket, self._rate = draw, basket, rate
        self._step = CURRENCIES[currency].step
        self._percent = TAX_PERCENT.get(currency, 0)
        self._included = currency in TAXES_INCLUDED

    def fill(self, whole: int) -> Contents:
        tip = self._share(whole, self._basket.tip)
        duties = self._share(whole, self._basket.duties)
        wanted = self._draw.between(3, 9)
        shipping = self._share(whole, wanted) if self._basket.shipping else 0
        rest = whole - tip - duties - shipping
        tax = self._down(rest * self._percent // (100 + self._percent))
        subtotal = rest if self._included else rest - tax
        return Contents(
            tuple(self._items(subtotal, tax)),
            in_shop(shipping, self._rate),
            in_shop(tip, self._rate),
            in_shop(duties, self._rate),
            self._percent,
            self._included,
        )

    def give_away(self, worth: int) -> Contents:
        """Goods of a worth, at a discount of all of it."""
        item = self._item(0, worth, 1, worth, 0)
        return Contents((item,), NOTHING, NOTHING, NOTHING, self._percent, self._included)

    def _down(self, amount: int) -> int:
        return amount // self._step * self._step

    def _share(self, amount: int, percent: int) -> int:
        return self._down(amount * percent // 100)

    def _items(self, subtotal: int, tax: int) -> list[Item]:
        """Lines whose prices less discounts are ``subtotal``; the last takes what is left."""
        discount = self._share(subtotal, self._basket.discount)
        gross, pieces = subtotal + discount, self._basket.pieces
        items = []
        for number in range(pieces - 1):
            quantity = 2 if number == 0 else 1
            unit = self._share(gross, 40 // quantity // (number + 1))
            off, due = (amount * unit * quantity // max(1, gross) for amount in (discount, tax))
            items.append(self._item(number, unit, quantity, self._down(off), self._down(due)))
        left = gross - sum(it.original.presentment for it in items)
        discount -= sum(it.discount.presentment for it in items)
        tax -= sum(it.tax.presentment for it in items)
        return [*items, self._item(pieces - 1, left, 1, discount, tax)]

    def _item(self, number: int, unit: int, quantity: int, discount: int, tax: int) -> Item:
        is_gift_card = self._basket.gift_card_sold and number == 0
        goods = (self._draw.below(len(GOODS)) + number) % len(GOODS)
        return Item(
            "Gift card" if is_gift_card else GOODS[goods],
            "GIFT" if is_gift_card else f"SKU-{goods:03}",
            quantity,
            in_shop(unit, self._rate),
            in_shop(discount, self._rate),
            in_shop(tax, self._rate),
            is_gift_card,
        )


def give_away(draw: Draw, basket: Basket, worth: int, currency: str, rate: int) -> Contents:
    """Goods of a worth that cost nothing."""
    return _Filling(draw, basket, currency, rate).give_away(worth)
