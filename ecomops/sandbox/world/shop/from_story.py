"""What the shop sees of an order whose money the other processor takes: its story, retold."""

from ecomops.sandbox.world.calendar import SECONDS_A_DAY
from ecomops.sandbox.world.model import EXPIRED, Charge, Refund, Story
from ecomops.sandbox.world.recipes import Recipe
from ecomops.sandbox.world.shop.model import GIFT_CARD, STRIPE, ShopOrder

WHATS = ("goods", "discrepancy", "shipping")
CANCELED_EVERY = 3
"""Of the orders wholly refunded, every third is canceled with its refund."""

GIVEN_UP_AFTER = SECONDS_A_DAY // 2
"""An order whose card was declined is canceled so many seconds later."""


def stirs_after(recipe: Recipe) -> frozenset[int]:
    """Days after the order on which something happens to it in the shop."""
    taken = recipe.taking
    days = recipe.later_days | {refund.canceled for refund in recipe.refunds}
    if taken.fails_after is not None:
        days |= {taken.fails_after, taken.fails_after + 1}
    return frozenset(day for day in days if day)


def tell_story(order: ShopOrder, story: Story) -> None:
    """Adds an order's transactions, refunds and end, as its story has them."""
    if order.redeemed:
        paid = order.add("sale", GIFT_CARD, order.redeemed, order.created)
        paid.succeeded_at = order.created
    for charge in story.charges:
        _take(order, charge)
    for number, refund in enumerate(it for it in story.refunds if it.reason != EXPIRED):
        _give_back(order, refund, number)
    _cancel(order, story)


def _take(order: ShopOrder, charge: Charge) -> None:
    held = charge.expires_at or (charge.captured_at or 0) > (charge.paid_at or 0)
    kind = "authorization" if held else "sale"
    step = order.add(kind, STRIPE, charge.amount, charge.created, order.redeemed)
    step.succeeded_at, step.failed_at = charge.paid_at, charge.failed_at
    if not held:
        return
    order.expires_at = charge.expires_at
    if charge.captured_at is not None:
        amount, at = charge.captured_amount, charge.captured_at
        capture = order.add("capture", STRIPE, amount, at, order.redeemed)
        capture.succeeded_at, capture.parent = at, step


def _give_back(order: ShopOrder, refund: Refund, number: int) -> None:
    whole = refund.amount == order.payable
    what = "whole" if whole else WHATS[(order.ordinal + number) % len(WHATS)]
    told = order.give_back(refund.amount, refund.created, what)
    told.transaction.succeeded_at = refund.succeeded_at
    told.transaction.failed_at = refund.failed_at or refund.canceled_at


def _cancel(order: ShopOrder, story: Story) -> None:
    charge = story.charges[-1]
    if charge.failed_at is not None:
        order.canceled_at = charge.failed_at + GIVEN_UP_AFTER
        order.cancel_reason = "DECLINED"
    elif order.ordinal % CANCELED_EVERY == 0 and order.refunds:
        refund = order.refunds[0]
        if refund.what == "whole" and refund.transaction.failed_at is None:
            order.canceled_at, order.cancel_reason = refund.created, "CUSTOMER"
