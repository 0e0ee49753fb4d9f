"""What Shopify Payments writes into its ledger for an order: charges, refunds, disputes."""

from collections.abc import Iterator

from ecomops.sandbox.world.currencies import rounded
from ecomops.sandbox.world.model import Ref
from ecomops.sandbox.world.shop.model import (
    GIFT_CARD,
    TAKES_MONEY,
    BalanceLine,
    ShopDispute,
    ShopOrder,
    Transaction,
)

CURRENCIES = ("usd", "eur")
"""Currencies in which Shopify Payments holds a balance and pays out, the shop's first."""

PRICING = {"usd": (290, 30), "eur": (240, 25)}
"""Basis points and fixed part of the fee on a charge, in minor units."""

DISPUTE_FEE = {"usd": 1_500, "eur": 1_500}


def settles_in(order: ShopOrder) -> str:
    return order.currency if order.currency in CURRENCIES else CURRENCIES[0]


def worth(step: Transaction) -> int:
    """A transaction's amount in the currency it settles in."""
    return step.amount if step.order.currency in CURRENCIES else step.money.shop


def charge_fee(amount: int, currency: str) -> int:
    points, fixed = PRICING[currency]
    return rounded(amount * points, 10_000) + fixed


class _Lines:
    """The rows of one order, numbered as they come."""

    def __init__(self, order: ShopOrder) -> None:
        self._order, self._currency = order, settles_in(order)
        self.rows: list[BalanceLine] = []

    def add(
        self,
        at: int,
        kind: str,
        amount: int,
        fee: int = 0,
        step: Transaction | None = None,
        source: Ref | None = None,
    ) -> None:
        order, ref = self._order, self._order.ref
        place = Ref("line", ref.day, ref.item, len(self.rows))
        row = BalanceLine(
            at, place, kind, amount, self._currency, fee, order, step, source, test=order.test
        )
        self.rows.append(row)


def order_lines(order: ShopOrder, return_fees: bool) -> list[BalanceLine]:
    """The ledger rows of an order paid through Shopify Payments, past and to come."""
    lines = _Lines(order)
    for step in order.transactions:
        if step.gateway == GIFT_CARD or step.succeeded_at is None:
            continue
        amount, at = worth(step), step.succeeded_at
        if step.kind in TAKES_MONEY:
            fee = charge_fee(amount, settles_in(order))
            lines.add(at, "CHARGE", amount, fee, step, step.ref)
        elif step.kind == "refund":
            _refund(lines, step, amount, return_fees)
    for dispute in order.disputes:
        _dispute(lines, dispute)
    return lines.rows


def _refund(lines: _Lines, step: Transaction, amount: int, return_fees: bool) -> None:
    assert step.succeeded_at is not None
    fee = -rounded(amount * 29, 1_000) if return_fees else 0
    lines.add(step.succeeded_at, "REFUND", -amount, fee, step, step.ref)
    if step.failed_at is not None:
        lines.add(step.failed_at, "REFUND_FAILURE", amount, -fee, step, step.ref)


def _dispute(lines: _Lines, dispute: ShopDispute) -> None:
    if dispute.inquiry or dispute.outcome == "PREVENTED":
        return
    order = dispute.order
    currency = settles_in(order)
    amount = dispute.amount if order.currency in CURRENCIES else order.worth(dispute.amount)
    fee = DISPUTE_FEE[currency]
    charge = next(it for it in order.transactions if it.kind in TAKES_MONEY
                  and it.gateway == order.gateway and it.succeeded_at)  # fmt: skip
    lines.add(dispute.created, "DISPUTE_WITHDRAWAL", -amount, fee, charge, dispute.ref)
    if dispute.outcome == "WON" and dispute.closed_at is not None:
        lines.add(dispute.closed_at, "DISPUTE_REVERSAL", amount, -fee, charge, dispute.ref)


def nets(lines: list[BalanceLine]) -> dict[str, int]:
    """What rows add to each balance, to be paid out."""
    sums = dict.fromkeys(CURRENCIES, 0)
    for line in lines:
        if line.is_payout_line:
            sums[line.currency] += line.net
    return sums


def in_seconds(lines: list[BalanceLine], start: int, end: int) -> Iterator[BalanceLine]:
    return (line for line in lines if start <= line.created < end)
