"""Writes what happens to one order paid through Shopify Payments."""

from ecomops.sandbox.world.calendar import SECONDS_A_DAY
from ecomops.sandbox.world.currencies import share_of
from ecomops.sandbox.world.draw import Draw
from ecomops.sandbox.world.model import Ref
from ecomops.sandbox.world.shop.model import GIFT_CARD, ShopDispute, ShopOrder, Transaction
from ecomops.sandbox.world.shop.recipes import Case, Contesting, GivingBack

RETRY_SECONDS = 90
DISPUTE_REASONS = ("FRAUDULENT", "PRODUCT_NOT_RECEIVED", "UNRECOGNIZED", "CREDIT_NOT_PROCESSED")


class OwnOrder:
    """One order while it is written."""

    def __init__(self, order: ShopOrder, case: Case, draw: Draw, midnight: int) -> None:
        self.order, self._case, self._draw, self._midnight = order, case, draw, midnight
        if order.redeemed:
            paid = order.add("sale", GIFT_CARD, order.redeemed, order.created)
            paid.succeeded_at = order.created
        if case.paying.kind != "nothing":
            self._pay()
        for refund in case.refunds:
            self._give_back(refund)
        for dispute in case.disputes:
            self._contest(dispute)
        self._end()

    def _moment(self, days_later: int | None) -> int | None:
        """An instant of a later day; on the day itself the moment of creation."""
        if days_later is None:
            return None
        if days_later == 0:
            return self.order.created
        return self._midnight + days_later * SECONDS_A_DAY + self._draw.below(SECONDS_A_DAY)

    def _pay(self) -> None:
        paying, order = self._case.paying, self.order
        at = order.created
        if paying.declined_first:
            self._step(paying.kind, order.payable, at).failed_at = at
            at += RETRY_SECONDS
        step = self._step(paying.kind, order.payable, at)
        step.failed_at = self._moment(paying.fails_after)
        step.succeeded_at = self._moment(paying.settles_after) if paying.settles_after else None
        if paying.settles_after == 0:
            step.succeeded_at = at
        self._capture(step)
        self._let_go(step)

    def _step(self, kind: str, amount: int, at: int) -> Transaction:
        order = self.order
        return order.add(kind, order.gateway, amount, at, order.redeemed)

    def _capture(self, held: Transaction) -> None:
        before = self.order.redeemed
        for after, percent in self._case.paying.captures:
            at = self._moment(after)
            assert at is not None
            amount = share_of(self.order.payable, percent, self.order.currency)
            if percent < 100 and sum(it[1] for it in self._case.paying.captures) == 100:
                last = (after, percent) == self._case.paying.captures[-1]
                amount = self.order.payable - (before - self.order.redeemed) if last else amount
            capture = self.order.add("capture", self.order.gateway, amount, at, before)
            capture.succeeded_at, capture.parent = at, held
            before += amount

    def _let_go(self, held: Transaction) -> None:
        order, paying = self.order, self._case.paying
        order.expires_at = self._moment(paying.expires_after)
        order.voided_at = self._moment(paying.voided_after)
        if order.voided_at is not None:
            void = self._step("void", order.payable, order.voided_at)
            void.succeeded_at, void.parent = order.voided_at, held

    def _give_back(self, giving: GivingBack) -> None:
        at = self._moment(giving.after)
        assert at is not None
        order = self.order
        amount = share_of(order.payable, giving.percent, order.currency)
        step = order.give_back(amount, at, giving.what).transaction
        step.succeeded_at = self._moment(giving.succeeds) or at
        step.failed_at = self._moment(giving.fails)

    def _contest(self, contesting: Contesting) -> None:
        order, at = self.order, self._moment(contesting.after)
        assert at is not None
        if contesting.outcome == "PREVENTED":
            at = order.refunds[0].created
        closed = self._moment(contesting.closed)
        if contesting.outcome in ("PREVENTED", "CHARGE_REFUNDED"):
            closed = order.refunds[0].created
        dispute = ShopDispute(
            Ref("dispute", order.ref.day, order.ref.item, len(order.disputes)),
            order,
            at,
            share_of(order.payable, contesting.percent, order.currency),
            self._draw.pick(DISPUTE_REASONS),
            contesting.inquiry,
            contesting.outcome,
            self._moment(contesting.reviewed),
            closed,
        )
        order.disputes.append(dispute)

    def _end(self) -> None:
        if self._case.canceled_after is None:
            return
        order, refunds = self.order, self.order.refunds
        with_refund = refunds and self._case.refunds[0].after == self._case.canceled_after
        order.canceled_at = refunds[0].created if with_refund else self._canceled_at()
        order.cancel_reason = self._case.reason

    def _canceled_at(self) -> int | None:
        return self.order.voided_at or self._moment(self._case.canceled_after)
