"""The answer key's part on the shop: what a faithful copy of it must add up to.

Told from what the generator decided, as ``oracle`` does. Test orders and their rows are ignored.
"""

from collections.abc import Callable
from typing import Any

from ecomops.sandbox.tally import Tally, by_status
from ecomops.sandbox.world.currencies import major
from ecomops.sandbox.world.model import Ref
from ecomops.sandbox.world.shop.ledger import ShopLedger
from ecomops.sandbox.world.shop.model import (
    TAKES_MONEY,
    BalanceLine,
    ShopOrder,
    ShopPayout,
    ShopRefund,
)
from ecomops.sandbox.world.shop.money import SHOP_CURRENCY, Bag, total
from ecomops.sandbox.world.shop.numbers import number_of
from ecomops.sandbox.world.shop.population import order_number
from ecomops.sandbox.world.shop.returns import explain

Json = dict[str, Any]
MOST_LINKS, LINE_LINKS, LINK_EVERY = 20_000, 200, 7

CATEGORY = {
    "CHARGE": "charge",
    "REFUND": "refund",
    "REFUND_FAILURE": "refund_failure",
    "DISPUTE_WITHDRAWAL": "dispute",
    "DISPUTE_REVERSAL": "dispute_reversal",
    "RESERVED_FUNDS_WITHDRAWAL": "risk_reserved_funds",
    "RESERVED_FUNDS_REVERSAL": "risk_reserved_funds",
    "TRANSFER_FAILURE": "payout_reversal",
    "TRANSFER_CANCEL": "payout_reversal",
}
"""What a ledger row is, in one set of words for all processors; else other_adjustment."""

FEE_KIND = {"dispute": "dispute", "dispute_reversal": "dispute", "refund": "refund",
            "refund_failure": "refund"}  # fmt: skip
"""Kind of a row's fee by its category; else processing."""


def category(line: BalanceLine) -> str:
    return CATEGORY.get(line.type, "other_adjustment")


class ShopRecorder:
    """Goes through the shop day by day and writes down what is there at ``now``."""

    def __init__(self, shop: ShopLedger, now: int, charge_name: Callable[[Ref], str]) -> None:
        self._shop, self._now, self._charge_name = shop, now, charge_name
        self.orders, self.components, self.presentment = Tally(), Tally(), Tally()
        self.payments, self.by_kind, self.by_gateway = Tally(), Tally(), Tally()
        self.money, self.refunds, self.split = Tally(), Tally(), Tally()
        self.disputes, self.payouts = Tally(), Tally()
        self.settlement = Tally("gross", "fee", "net")
        self.types, self.categories = Tally("gross", "fee", "net"), Tally("gross", "fee", "net")
        self.fees, self.fee_statuses = Tally(), Tally()
        self.payout_rows, self.tests = Tally("gross", "fee", "net"), Tally("gross", "fee", "net")
        self.test_orders = 0
        self.payout_list: list[Json] = []
        self.order_links: dict[str, str] = {}
        self.line_links: dict[str, str] = {}
        self._every = max(1, shop.calendar.first_order(shop.plan.days) // MOST_LINKS)
        self._lines_seen = 0

    def record(self) -> None:
        now = self._now
        for day in range(self._shop.calendar.day_of(now - 1) + 1):
            for order in self._shop.orders(day):
                if order.created < now:
                    self._record_order(order)
            for line in self._shop.lines(day):
                if line.created < now:
                    self._record_line(line)
            for payout in self._shop.payouts(day):
                if payout.created < now:
                    self._record_payout(payout)

    # orders

    def _record_order(self, order: ShopOrder) -> None:
        if order.test:
            self.test_orders += 1
            return
        now = self._now
        self.orders.add(order.status(now), SHOP_CURRENCY, order.total.shop)
        self.presentment.add(order.gateway, order.currency, order.total.presentment)
        for name, amount in _components(order, now):
            self.components.add(name, SHOP_CURRENCY, amount)
        self._record_steps(order)
        for refund in order.refunds:
            if refund.created < now:
                self._record_refund(refund)
        for dispute in order.disputes:
            if dispute.created < now:
                self.disputes.add(dispute.status(now), order.currency, dispute.amount)
        self._link_order(order)

    def _record_steps(self, order: ShopOrder) -> None:
        for step in order.transactions:
            if step.kind == "refund" or step.created >= self._now:
                continue
            amount, status = step.money.shop, step.status(self._now)
            self.payments.add(status, SHOP_CURRENCY, amount)
            self.by_kind.add(f"{step.kind}.{status}", SHOP_CURRENCY, amount)
            self.by_gateway.add(f"{step.gateway}.{status}", SHOP_CURRENCY, amount)
            if step.kind in TAKES_MONEY and status == "completed":
                self.money.add("", SHOP_CURRENCY, amount)

    def _record_refund(self, refund: ShopRefund) -> None:
        step = refund.transaction
        self.refunds.add(step.status(self._now), SHOP_CURRENCY, step.money.shop)
        found = explain(refund)
        tax = total(it.tax for it in found.items)
        goods = total(it.subtotal for it in found.items)
        for name, bag in (("goods", goods), ("tax", tax), ("shipping", found.shipping),
                          ("adjustment", found.discrepancy)):  # fmt: skip
            self.split.add(name, SHOP_CURRENCY, bag.shop)

    def _link_order(self, order: ShopOrder) -> None:
        if order.charge is not None and order.ordinal % self._every == 0:
            number = order_number(order.ordinal, own=False)
            self.order_links[f"gid://shopify/Order/{number}"] = self._charge_name(order.charge)

    # the processor's ledger

    def _record_line(self, line: BalanceLine) -> None:
        sums = (line.amount, line.fee, line.net)
        if line.test:
            self.tests.add("", line.currency, *sums)
        elif line.type == "TRANSFER":
            self.payout_rows.add("", line.currency, *sums)
        else:
            payout = self._shop.payout_of(line)
            settled = payout is not None and payout.created < self._now
            self.settlement.add("settled" if settled else "unsettled", line.currency, *sums)
            self.types.add(line.type, line.currency, *sums)
            self.categories.add(category(line), line.currency, *sums)
            self._record_fee(line)
            self._link_line(line)

    def _record_fee(self, line: BalanceLine) -> None:
        if line.fee:
            self.fees.add(FEE_KIND.get(category(line), "processing"), line.currency, line.fee)
            self.fee_statuses.add(
                "returned" if line.fee < 0 else "charged", line.currency, line.fee
            )

    def _link_line(self, line: BalanceLine) -> None:
        self._lines_seen += 1
        wanted = self._lines_seen % LINK_EVERY == 0 and len(self.line_links) < LINE_LINKS
        if wanted and line.order is not None:
            self.line_links[_line_id(line)] = line.order.name

    def _record_payout(self, payout: ShopPayout) -> None:
        status = payout.status(self._now)
        self.payouts.add(status, payout.currency, payout.amount)
        content = self._shop.payout_content(payout)
        self.payout_list.append(
            {
                "id": f"gid://shopify/ShopifyPaymentsPayout/{number_of(payout.ref)}",
                "created": payout.created,
                "amount": major(payout.amount, payout.currency),
                "currency": payout.currency.upper(),
                "status": status,
                "kind": "deposit" if payout.amount > 0 else "withdrawal",
                "line_count": len(content),
                "fee": major(sum(line.fee for line in content), payout.currency),
                "net": major(sum(line.net for line in content), payout.currency),
            }
        )


def _line_id(line: BalanceLine) -> str:
    return f"gid://shopify/ShopifyPaymentsBalanceTransaction/{number_of(line.ref)}"


def _components(order: ShopOrder, now: int) -> list[tuple[str, int]]:
    """What an order's total is made of, and what of it went back, in the shop's currency."""
    held = order.contents
    sold = total(item.original for item in held.items if item.is_gift_card)
    back = Bag(0, order.worth(order.given_back(now)))
    parts = {
        "subtotal": held.subtotal,
        "discount": held.discount,
        "shipping": held.shipping,
        "tax": held.tax,
        "tip": held.tip,
        "duties": held.duties,
        "gift_card_sold": sold,
        "refunded": back,
    }
    return [(name, bag.shop) for name, bag in parts.items()]


def shop_streams(seen: ShopRecorder) -> Json:
    """The answer key of what was recorded."""
    return {
        "orders": {
            **by_status(seen.orders),
            "components": _sums(seen.components),
            "by_gateway": seen.presentment.by_key(),
        },
        "payments": {
            **by_status(seen.payments),
            "money": seen.money.totals(),
            "by_kind": _nested(seen.by_kind),
            "by_gateway": _nested(seen.by_gateway),
        },
        "refunds": {**by_status(seen.refunds), "split": _sums(seen.split)},
        "disputes": by_status(seen.disputes),
        "payouts": {**by_status(seen.payouts), "list": seen.payout_list},
        "payout_lines": {
            **by_status(seen.settlement),
            "by_type": seen.types.by_key(),
            "by_reporting_category": seen.categories.by_key(),
        },
        "fees": {
            "count": seen.fees.count(),
            "totals": seen.fees.totals(),
            "by_kind": seen.fees.by_key(),
            "by_status": seen.fee_statuses.by_key(),
        },
        "payout_rows": {"count": seen.payout_rows.count(), "totals": seen.payout_rows.totals()},
        "ignored": {
            "test_orders": seen.test_orders,
            "test_lines": {"count": seen.tests.count(), "totals": seen.tests.totals()},
        },
        "links": {"orders": seen.order_links, "payout_lines": seen.line_links},
    }


def _nested(tally: Tally) -> Json:
    """Of keys in two parts: ``{first: {second: sum}}``"""
    told: dict[str, Json] = {}
    for key, sums in tally.by_key().items():
        first, _, second = key.partition(".")
        told.setdefault(first, {})[second] = sums
    return told


def _sums(tally: Tally) -> Json:
    """Without counts: ``{name: {CURRENCY: amount}}``"""
    return {
        name: {currency: it["amount"] for currency, it in sums.items()}
        for name, sums in tally.by_key().items()
    }
