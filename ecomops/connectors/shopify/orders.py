"""Orders. Follows the Admin GraphQL object Order.

``amount`` is ``totalPriceSet``: the whole sale after edits and before returns, in the shop's
currency, whatever part of it a gift card paid. ``currentTotalPriceSet`` would lose what came back,
which ``refunded`` tells by itself (``totalRefundedSet``), and ``originalTotalPriceSet`` what an
edit added. The parts are those of the same moment; where ``taxesIncluded`` is true, ``subtotal``
and ``shipping`` hold the tax that ``tax`` tells.
"""

from typing import Final

from ecomops.connectors.fields import Json, UnreadableError, flag, known_word, text, word
from ecomops.connectors.records import OrderRecord
from ecomops.connectors.shopify.fields import (
    bag,
    identifier,
    in_shop,
    moment,
    optional_moment,
    unsigned_in_shop,
)
from ecomops.connectors.shopify.nested import nodes

STATUS: Final = "displayFinancialStatus"
UNPAID: Final = "UNPAID"
"""Our word where Shopify tells no status: nobody has tried to pay yet."""

_STATUSES: Final = {
    UNPAID: "pending",
    "PENDING": "pending",
    "AUTHORIZED": "authorized",
    "PARTIALLY_PAID": "partially_paid",
    "PAID": "paid",
    "PARTIALLY_REFUNDED": "partially_refunded",
    "REFUNDED": "refunded",
    "VOIDED": "voided",
    "EXPIRED": "voided",  # authorised, and not captured in time
}


def read_order(order: Json, raw: str) -> OrderRecord:
    """One order whose lists are complete. Raises UnreadableError."""
    for name in ("transactions", "refunds"):
        if not isinstance(order.get(name), list):
            raise UnreadableError("bad_list", f"{name} is not a list.")
    total = bag(order, "totalPriceSet")
    currency = total.shop.currency
    if word(order, "currencyCode") != currency:
        raise UnreadableError("mixed_currencies", "The total is not in the order's currency.")
    cancelled_at = optional_moment(order, "cancelledAt")
    said = {"status": order.get(STATUS) or UNPAID}
    status = known_word(said, "status", _STATUSES)
    seen = total.foreign
    return OrderRecord(
        source_id=identifier(order, "Order"),
        source_created_at=moment(order, "createdAt"),
        source_updated_at=moment(order, "updatedAt"),
        # What was paid of a canceled order stays to be seen in source_status.
        status="canceled" if cancelled_at else status,
        source_status=said["status"],
        currency=currency,
        raw=raw,
        order_number=word(order, "name"),
        amount=total.shop.units,
        subtotal=_part(order, "subtotalPriceSet", currency),
        discount=unsigned_in_shop(order, "totalDiscountsSet", currency),
        shipping=_part(order, "totalShippingPriceSet", currency),
        tax=unsigned_in_shop(order, "totalTaxSet", currency),
        tip=_part(order, "totalTipReceivedSet", currency),
        duties=_duties(order, currency),
        gift_card_sold=_gift_cards(order, currency),
        refunded=_part(order, "totalRefundedSet", currency),
        presentment_amount=seen.units if seen else None,
        presentment_currency=seen.currency if seen else None,
        customer_email=text(order, "email"),
        processed_at=optional_moment(order, "processedAt"),
        cancelled_at=cancelled_at,
    )


def _part(order: Json, name: str, currency: str) -> int:
    """A part of the total that every order tells."""
    if order.get(name) is None:
        raise UnreadableError("bad_amount", f"{name} is missing.")
    return unsigned_in_shop(order, name, currency)


def _duties(order: Json, currency: str) -> int:
    """What was taken for customs; Shopify tells nothing where the shop takes none."""
    name = "originalTotalDutiesSet"
    return 0 if order.get(name) is None else unsigned_in_shop(order, name, currency)


def _gift_cards(order: Json, currency: str) -> int:
    """What the shop owes for cards that were bought: their face value."""
    sold = (item for item in nodes(order, "lineItems") if flag(item, "isGiftCard"))
    return sum(in_shop(item, "originalTotalSet", currency) for item in sold)
