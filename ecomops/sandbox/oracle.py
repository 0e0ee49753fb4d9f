"""The answer key: what a faithful copy of the world must add up to.

It is told from what the generator decided (orders, refunds, disputes, payouts and their ledger
rows), never from the served answers and never with the product's own readers. The schema is in
``docs/sandbox.md``.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from ecomops.sandbox.netsuite_oracle import NetsuiteRecorder
from ecomops.sandbox.shop_oracle import ShopRecorder, shop_streams
from ecomops.sandbox.tally import Tally, by_status
from ecomops.sandbox.world.calendar import Plan
from ecomops.sandbox.world.currencies import SETTLEMENT, major
from ecomops.sandbox.world.ledger import Ledger
from ecomops.sandbox.world.model import Line, Payout, Ref, visible
from ecomops.sandbox.world.netsuite.bookkeeper import Bookkeeper
from ecomops.sandbox.world.netsuite.sources import payout_sources
from ecomops.sandbox.world.shop.ledger import ShopLedger

Json = dict[str, Any]
Name = Callable[[Ref], str]

PARTS = ("stripe", "shopify", "netsuite")

PROCESSOR_FEE = {"dispute": "dispute", "dispute_reversal": "dispute", "refund": "refund"}
"""Kind of a ``stripe_fee`` component by its line's reporting category; else processing."""

COMPONENT = {
    "tax": "tax",
    "withheld_tax": "tax",
    "application_fee": "app",
    "payment_method_passthrough_fee": "interchange",
}
BILLED_APART = {"stripe_fee": "platform", "stripe_fx_fee": "fx", "tax_fee": "tax"}


def fee_kinds(line: Line) -> Iterable[tuple[str, int]]:
    """(canonical kind, amount as a cost) of each fee a line carries or is, minor units."""
    for part in line.fees:
        yield (
            COMPONENT.get(part.type) or PROCESSOR_FEE.get(line.category, "processing"),
            part.amount,
        )
    if line.category == "network_cost":
        yield "interchange", -line.amount
    elif line.type in BILLED_APART:
        yield BILLED_APART[line.type], -line.amount


class Recorder:
    """Goes through a world day by day and writes down what is there at ``now``."""

    def __init__(self, ledger: Ledger, now: int, name: Name) -> None:
        self._ledger, self._now, self._name = ledger, now, name
        self.payments, self.refunds, self.disputes = Tally(), Tally(), Tally()
        self.payouts = Tally()
        self.settlement = Tally("gross", "fee", "net")
        self.categories = Tally("gross", "fee", "net")
        self.fees, self.fee_statuses = Tally(), Tally()
        self.ignored, self.payout_rows = Tally("gross", "fee", "net"), Tally("gross", "fee", "net")
        self.payout_list: list[Json] = []

    def record(self) -> None:
        for day in range(self._ledger.calendar.day_of(self._now - 1) + 1):
            self._record_orders(day)
            settled = self._settled_currencies(day)
            for line in visible(self._ledger.lines(day), self._now):
                self._record_line(line, settled)
            for payout in visible(self._ledger.payouts(day), self._now):
                self._record_payout(payout)

    def _record_orders(self, day: int) -> None:
        orders, now = self._ledger.orders(day), self._now
        for charge in visible(orders.charges, now):
            self.payments.add(charge.status(now), charge.currency, charge.money(now))
        for refund in visible(orders.refunds, now):
            self.refunds.add(refund.status(now), refund.charge.currency, refund.amount)
        for dispute in visible(orders.disputes, now):
            self.disputes.add(dispute.status(now), dispute.charge.currency, dispute.amount)

    def _record_line(self, line: Line, settled: frozenset[str]) -> None:
        sums = (line.amount, line.fee, line.net)
        if line.type == "payout":
            self.payout_rows.add("", line.currency, *sums)
        elif not line.is_payout_line:
            self.ignored.add(line.balance, line.currency, *sums)
        else:
            status = "settled" if line.currency in settled else "unsettled"
            self.settlement.add(status, line.currency, *sums)
            self.categories.add(line.category, line.currency, *sums)
            self._record_fees(line)

    def _settled_currencies(self, day: int) -> frozenset[str]:
        """Currencies whose money of a day went into a payout that is reconciled."""
        found = ((it, self._ledger.payout_of(it, day)) for it in SETTLEMENT)
        return frozenset(
            currency
            for currency, payout in found
            if payout is not None
            and payout.created < self._now
            and payout.reconciliation(self._now) == "completed"
        )

    def _record_fees(self, line: Line) -> None:
        for kind, amount in fee_kinds(line):
            self.fees.add(kind, line.currency, amount)
            status = "returned" if amount < 0 else "charged"
            self.fee_statuses.add(status, line.currency, amount)

    def _record_payout(self, payout: Payout) -> None:
        self.payouts.add(payout.status(self._now), payout.currency, payout.amount)
        content = self._ledger.payout_content(payout)
        state = payout.reconciliation(self._now)
        told = {
            "id": self._name(payout.ref),
            "created": payout.created,
            "amount": major(payout.amount, payout.currency),
            "currency": payout.currency.upper(),
            "status": payout.status(self._now),
            "kind": payout.mode,
            "reconciliation_status": state,
            "itemizable": payout.mode == "automatic",
        }
        if state == "completed":
            told |= {
                "line_count": len(content),
                "fee": major(sum(line.fee for line in content), payout.currency),
                "net": major(sum(line.net for line in content), payout.currency),
            }
        self.payout_list.append(told)


class AnswerKey:
    """Answer keys of a plan's world, made on demand from a world of its own and kept."""

    def __init__(self, plan: Plan, name: Name) -> None:
        self._plan, self._name = plan, name
        self._lock = Lock()
        self._made: dict[str, Json] = {}
        self._instant: int | None = None

    def at(self, now: int, only: Collection[str] = ()) -> Json:
        """The answer key at an instant, or ``only`` some providers' parts of it.

        Slow for a large world, once for each part and instant. Raises ValueError.
        """
        if unknown := set(only) - set(PARTS):
            raise ValueError(f"There is no part {min(unknown)!r}; there are {', '.join(PARTS)}.")
        with self._lock:
            if self._instant != now:
                self._instant, self._made = now, {}
            self._make(now, [it for it in only or PARTS if it not in self._made])
            return self._head(now) | {it: self._made[it] for it in PARTS if it in (only or PARTS)}

    def _make(self, now: int, parts: Collection[str]) -> None:
        ledger = Ledger(self._plan)
        shop = ShopLedger(ledger)
        if "stripe" in parts:
            seen = Recorder(ledger, now, self._name)
            seen.record()
            self._made["stripe"] = _streams(seen)
        if "shopify" in parts:
            sold = ShopRecorder(shop, now, self._name)
            sold.record()
            self._made["shopify"] = shop_streams(sold)
        if "netsuite" in parts:
            books = Bookkeeper(ledger.calendar, payout_sources(ledger, shop, self._name))
            self._made["netsuite"] = NetsuiteRecorder(ledger.calendar, books, now).told()

    def _head(self, now: int) -> Json:
        return {
            "plan": {
                "seed": self._plan.seed,
                "until": self._plan.until.isoformat(),
                "days": self._plan.days,
                "orders_per_day": self._plan.orders_per_day,
            },
            "now": datetime.fromtimestamp(now, UTC).isoformat(),
        }


def _streams(seen: Recorder) -> Json:
    payments = {**by_status(seen.payments), "money": seen.payments.by_key().get("completed", {})}
    return {
        "payments": payments,
        "refunds": by_status(seen.refunds),
        "disputes": by_status(seen.disputes),
        "payouts": {**by_status(seen.payouts), "list": seen.payout_list},
        "payout_lines": {
            "count": seen.settlement.count(),
            "totals": seen.settlement.totals(),
            "by_status": seen.settlement.by_key(),
            "by_reporting_category": seen.categories.by_key(),
        },
        "fees": {
            "count": seen.fees.count(),
            "totals": seen.fees.totals(),
            "by_kind": seen.fees.by_key(),
            "by_status": seen.fee_statuses.by_key(),
        },
        "payout_rows": {"count": seen.payout_rows.count(), "totals": seen.payout_rows.totals()},
        "ignored": {"count": seen.ignored.count(), "by_balance_type": seen.ignored.by_key()},
        "balance_transactions": sum(
            tally.count() for tally in (seen.settlement, seen.payout_rows, seen.ignored)
        ),
    }
