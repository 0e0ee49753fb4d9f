"""What an order's refunds were for. Follows the Admin GraphQL object Refund.

A row of ours is one movement of money, a transaction; a Refund says why and for what, and may have
several. Only where it has exactly one can that one be split into goods, shipping and tax.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ecomops.connectors.fields import Json, UnreadableError, flag, parts, text
from ecomops.connectors.shopify.fields import identifier, in_shop
from ecomops.connectors.shopify.nested import nodes


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why money was given back, and for what, in units of the shop's currency.

    Where taxes are part of the prices, Shopify's goods and shipping hold the tax that ``tax``
    tells. ``adjustment`` is what was given beyond the rest (positive) or kept of it (negative).
    """

    note: str | None = None
    goods: int | None = None
    shipping: int | None = None
    tax: int | None = None
    adjustment: int | None = None


class Purposes:
    """The purposes of an order's refunds by the transaction that carried them out."""

    def __init__(self, order: Json) -> None:
        self._refunds: dict[str, tuple[Json, bool]] = {}
        self._problem: UnreadableError | None = None
        try:
            self._note(order)
        except UnreadableError as error:
            self._problem = error

    def of(self, transaction_id: str, currency: str) -> Purpose:
        """Of one transaction; all None where no refund names it. Raises UnreadableError."""
        if self._problem is not None:
            raise self._problem
        if transaction_id not in self._refunds:
            return Purpose()
        refund, alone = self._refunds[transaction_id]
        return _split(refund, currency) if alone else Purpose(text(refund, "note"))

    def _note(self, order: Json) -> None:
        for refund in parts(order, "refunds"):
            if not isinstance(refund, dict):
                raise UnreadableError("bad_list", "refunds holds something else than objects.")
            money = list(_money(refund))
            self._refunds.update((name, (refund, len(money) == 1)) for name in money)


def _money(refund: Json) -> Iterator[str]:
    """The transactions that give money back."""
    for step in nodes(refund, "transactions"):
        if step.get("kind") == "REFUND" and not flag(step, "test"):
            yield identifier(step, "OrderTransaction")


def _split(refund: Json, currency: str) -> Purpose:
    def total(owners: list[Json], name: str) -> int:
        return sum(in_shop(owner, name, currency) for owner in owners)

    items, shipping = nodes(refund, "refundLineItems"), nodes(refund, "refundShippingLines")
    adjustments = nodes(refund, "orderAdjustments")
    duties = parts(refund, "duties")
    if not all(isinstance(duty, dict) for duty in duties):
        raise UnreadableError("bad_list", "duties holds something else than objects.")
    # An adjustment is signed from the shop's side: what it gives is negative.
    given = -total(adjustments, "amountSet")
    return Purpose(
        note=text(refund, "note"),
        goods=total(items, "subtotalSet"),
        shipping=total(shipping, "subtotalAmountSet"),
        tax=total(items, "totalTaxSet")
        + total(shipping, "taxAmountSet")
        - total(adjustments, "taxAmountSet"),
        adjustment=given + total(duties, "amountSet"),
    )
