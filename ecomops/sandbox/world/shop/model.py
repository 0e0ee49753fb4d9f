"""Orders of the shop and the rows of its payment processor, with the instant of every step.

As in ``world.model``: objects hold their whole life, an onlooker asks for an instant ``now``, and
a thing has happened when its instant lies before ``now``. Instants are Unix seconds (UTC),
amounts whole minor units.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from ecomops.sandbox.world.currencies import rounded
from ecomops.sandbox.world.model import Ref, happened
from ecomops.sandbox.world.shop.baskets import Contents
from ecomops.sandbox.world.shop.money import Bag

STRIPE, OWN = "stripe", "shopify_payments"
"""The gateways that take the money of the two populations of orders."""

GIFT_CARD, BOGUS = "gift_card", "bogus"
TAKES_MONEY = ("sale", "capture")


@dataclass(eq=False)
class Transaction:
    """One step of an order's payment: sale, authorization, capture, void or refund."""

    ref: Ref
    order: "ShopOrder"
    kind: str
    gateway: str
    amount: int  # in the order's currency
    created: int
    before: int = 0  # what went the same way before it, in the order's currency
    succeeded_at: int | None = None
    failed_at: int | None = None
    parent: "Transaction | None" = None

    def provider_status(self, now: int) -> str:
        if happened(self.failed_at, now):
            return "FAILURE"
        return "SUCCESS" if happened(self.succeeded_at, now) else "PENDING"

    @property
    def money(self) -> Bag:
        """Worths of parts of an order add up to the worth of the whole."""
        worth = self.order.worth
        return Bag(self.amount, worth(self.before + self.amount) - worth(self.before))

    def status(self, now: int) -> str:
        """The payment's or refund's status in the product's words."""
        given = self.provider_status(now)
        if given == "FAILURE":
            return "failed"
        if given == "PENDING":
            return "pending"
        if self.kind == "void":
            return "voided"
        return self.order.authorisation_status(now) if self.kind == "authorization" else "completed"


class Return(NamedTuple):
    """Pieces of one item that came back."""

    item: int  # number among the order's items
    quantity: int
    subtotal: Bag
    tax: Bag


@dataclass(eq=False)
class ShopRefund:
    """A refund with its one transaction, and what it is for."""

    ref: Ref
    order: "ShopOrder"
    created: int
    what: str
    transaction: Transaction


@dataclass(eq=False)
class ShopDispute:
    ref: Ref
    order: "ShopOrder"
    created: int
    amount: int  # in the order's currency
    reason: str
    inquiry: bool
    outcome: str
    reviewed_at: int | None = None
    closed_at: int | None = None

    def provider_status(self, now: int) -> str:
        if self.outcome == "PREVENTED" or happened(self.closed_at, now):
            return self.outcome
        return "UNDER_REVIEW" if happened(self.reviewed_at, now) else "NEEDS_RESPONSE"

    def status(self, now: int) -> str:
        """The dispute's status in the product's words."""
        given = self.provider_status(now)
        return {"ACCEPTED": "lost", "PREVENTED": "closed", "CHARGE_REFUNDED": "closed"}.get(
            given, given.lower()
        )


class BalanceLine(NamedTuple):
    """A row of the Shopify Payments ledger, signed as the merchant sees it."""

    created: int
    ref: Ref
    type: str
    amount: int
    currency: str
    fee: int = 0
    order: "ShopOrder | None" = None
    transaction: Transaction | None = None
    source: Ref | None = None
    reason: str | None = None
    test: bool = False

    @property
    def net(self) -> int:
        return self.amount - self.fee

    @property
    def is_payout_line(self) -> bool:
        """Whether payouts pay it: neither a payout's own row nor a test."""
        return self.type != "TRANSFER" and not self.test


@dataclass(eq=False)
class ShopPayout:
    """Money sent to the bank, or taken from it when the amount is negative."""

    created: int
    ref: Ref
    amount: int
    currency: str
    in_transit_at: int
    paid_at: int
    failed_at: int | None = None
    canceled_at: int | None = None

    def provider_status(self, now: int) -> str:
        if happened(self.canceled_at, now):
            return "CANCELED"
        if happened(self.failed_at, now):
            return "FAILED"
        if happened(self.paid_at, now):
            return "PAID"
        return "IN_TRANSIT" if happened(self.in_transit_at, now) else "SCHEDULED"

    def status(self, now: int) -> str:
        """The payout's status in the product's words."""
        given = self.provider_status(now)
        return {"PAID": "completed", "SCHEDULED": "pending"}.get(given, given.lower())


@dataclass(eq=False)
class GiftCard:
    """A gift card: sold as an item of an order, or given away and redeemed in one."""

    ref: Ref
    order: "ShopOrder"
    created: int
    initial: int
    redeemed: int
    currency: str
    sold: bool


@dataclass(eq=False)
class ShopOrder:
    """An order of either population. ``payable`` is what the gateway is to take."""

    ref: Ref
    ordinal: int
    gateway: str
    name: str
    created: int
    currency: str
    payable: int
    redeemed: int  # paid by gift card beside it
    write_contents: Callable[["ShopOrder"], Contents]
    test: bool = False
    canceled_at: int | None = None
    cancel_reason: str | None = None
    voided_at: int | None = None
    expires_at: int | None = None
    transactions: list[Transaction] = field(default_factory=list)
    refunds: list[ShopRefund] = field(default_factory=list)
    disputes: list[ShopDispute] = field(default_factory=list)
    charge: Ref | None = None  # the charge at the other processor

    @cached_property
    def contents(self) -> Contents:
        """What was ordered. Made when somebody looks."""
        return self.write_contents(self)

    def add(self, kind: str, gateway: str, amount: int, at: int, before: int = 0) -> Transaction:
        """A step of the payment, opened at an instant."""
        ref = Ref("transaction", self.ref.day, self.ref.item, len(self.transactions))
        step = Transaction(ref, self, kind, gateway, amount, at, before)
        self.transactions.append(step)
        return step

    def give_back(self, amount: int, at: int, what: str) -> ShopRefund:
        """A refund with its transaction, which has yet to succeed."""
        before = sum(it.transaction.amount for it in self.refunds)
        step = self.add("refund", self.gateway, amount, at, before)
        step.parent = next((it for it in self.transactions if it.kind in TAKES_MONEY
                            and it.gateway == self.gateway and it.succeeded_at), None)  # fmt: skip
        ref = Ref("refund", self.ref.day, self.ref.item, len(self.refunds))
        self.refunds.append(ShopRefund(ref, self, at, what, step))
        return self.refunds[-1]

    @cached_property
    def total(self) -> Bag:
        return self.contents.total

    def worth(self, amount: int) -> int:
        """A part of the order's total in the shop's currency."""
        whole = self.total
        return rounded(amount * whole.shop, whole.presentment) if whole.presentment else 0

    def events(self) -> Iterator[int]:
        """Every instant at which the order changes."""
        yield self.created
        for step in self.transactions:
            yield from _known(step.created, step.succeeded_at, step.failed_at)
        for refund in self.refunds:
            yield refund.created
        for dispute in self.disputes:
            yield from _known(dispute.created, dispute.reviewed_at, dispute.closed_at)
        yield from _known(self.canceled_at, self.voided_at, self.expires_at)

    @cached_property
    def instants(self) -> list[int]:
        return sorted(self.events())

    def updated_at(self, now: int) -> int:
        """The last instant before ``now`` at which it changed."""
        return max((at for at in self.instants if at < now), default=self.created)

    # what an onlooker sees

    def taken(self, now: int) -> int:
        """What sales and captures brought in, in the order's currency."""
        return sum(
            it.amount
            for it in self.transactions
            if it.kind in TAKES_MONEY and it.provider_status(now) == "SUCCESS"
        )

    def given_back(self, now: int) -> int:
        return sum(
            it.transaction.amount
            for it in self.refunds
            if it.transaction.provider_status(now) == "SUCCESS"
        )

    def open_authorisation(self, now: int) -> Transaction | None:
        """The authorisation that can still be captured."""
        if self.authorisation_status(now) != "pending":
            return None
        held = (it for it in self.transactions if it.kind == "authorization" and it.created < now)
        return next(held, None)

    def authorisation_status(self, now: int) -> str:
        """Of an authorisation that succeeded: captured, let go, or open."""
        captured = (it for it in self.transactions if it.kind == "capture")
        if any(it.provider_status(now) == "SUCCESS" for it in captured):
            return "completed"
        gone = happened(self.voided_at, now) or happened(self.expires_at, now)
        return "voided" if gone else "pending"

    def provider_status(self, now: int) -> str:
        """The ``displayFinancialStatus``."""
        taken, back = self.taken(now), self.given_back(now)
        if taken:
            if back:
                return "REFUNDED" if back >= taken else "PARTIALLY_REFUNDED"
            return "PAID" if taken >= self.total.presentment else "PARTIALLY_PAID"
        if not self.total.presentment:
            return "PAID"
        if happened(self.expires_at, now):
            return "EXPIRED"
        if self.open_authorisation(now):
            return "AUTHORIZED"
        gone = happened(self.voided_at, now) or happened(self.canceled_at, now)
        return "VOIDED" if gone else "PENDING"

    def status(self, now: int) -> str:
        """The order's status in the product's words: a canceled order is canceled."""
        if happened(self.canceled_at, now):
            return "canceled"
        given = self.provider_status(now)
        return "voided" if given == "EXPIRED" else given.lower()


def _known(*instants: int | None) -> Iterator[int]:
    for at in instants:
        if at is not None:
            yield at
