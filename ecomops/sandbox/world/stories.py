"""Writes the story of one order: its charges, refunds and disputes with their ledger lines."""

from ecomops.sandbox.world.calendar import SECONDS_A_DAY, Calendar
from ecomops.sandbox.world.currencies import (
    CURRENCIES,
    PRICING,
    rate_on,
    rounded,
    settled,
    share_of,
)
from ecomops.sandbox.world.draw import Draw
from ecomops.sandbox.world.model import (
    EXPIRED,
    Charge,
    Dispute,
    FeePart,
    Line,
    Ref,
    Refund,
    Story,
)
from ecomops.sandbox.world.recipes import DEBIT, Deck, Disputing, Recipe, Refunding

FLASH_SECOND = SECONDS_A_DAY // 2
FLASH_EVERY, FLASH_ORDERS = 25, 3
"""Of 25 orders, three are placed in the very second of the noon sale."""

RETRY_SECONDS = 90
REASONS = ("requested_by_customer", None, "duplicate", "requested_by_customer", "fraudulent")
DISPUTE_REASONS = ("fraudulent", "product_not_received", "duplicate", "credit_not_processed")
_MIX = (*("usd",) * 11, *("eur",) * 5, *("jpy",) * 2, *("kwd",) * 2)


class Author:
    """Writes stories of a plan's orders. Writing one needs no other order."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._seed = calendar.plan.seed
        self.deck = Deck(self._seed)

    def write(self, day: int, index: int) -> Story:
        """The story of a day's order number ``index``."""
        return _Writing(self._calendar, self.deck, day, index).story


class _Writing:
    """One story while it is written."""

    def __init__(self, calendar: Calendar, deck: Deck, day: int, index: int) -> None:
        self._calendar, self._seed = calendar, calendar.plan.seed
        self._day, self._index = day, index
        self._ordinal = calendar.first_order(day) + index
        self._draw = Draw(self._seed, "order", day, index)
        self._recipe: Recipe = deck.recipe(self._ordinal)
        self.story = Story()
        charge = self._take()
        for refunding in self._recipe.refunds:
            self._refund(charge, refunding)
        for disputing in self._recipe.disputes:
            self._dispute(charge, disputing)

    def _ref(self, kind: str, part: int) -> Ref:
        return Ref(kind, self._day, self._index, part)

    def _moment(self, days_later: int | None, created: int | None = None) -> int | None:
        """An instant of a later day; on the day itself the moment of creation."""
        if days_later is None:
            return None
        if days_later == 0:
            return created
        second = self._draw.below(SECONDS_A_DAY)
        return self._calendar.midnight(self._day + days_later) + second

    def _line(
        self,
        at: int,
        kind: tuple[str, str],
        charge: Charge,
        amount: int,
        source: Ref,
        description: str,
        fees: tuple[FeePart, ...] = (),
    ) -> Line:
        """Adds a ledger line for a presentment amount, converted at the rate of its day."""
        rate = rate_on(self._seed, charge.currency, self._calendar.day_of(at))
        worth = settled(abs(amount), rate)
        line = Line(
            at,
            self._ref("order_line", len(self.story.lines)),
            *kind,
            -worth if amount < 0 else worth,
            CURRENCIES[charge.currency].settles_in,
            description,
            fees,
            rate,
            source,
        )
        self.story.lines.append(line)
        return line

    # taking the money

    def _created(self) -> int:
        if self._ordinal % FLASH_EVERY < FLASH_ORDERS:
            return self._calendar.midnight(self._day) + FLASH_SECOND
        return self._calendar.midnight(self._day) + self._draw.below(SECONDS_A_DAY - RETRY_SECONDS)

    def _take(self) -> Charge:
        """Adds the order's charges; returns the one that stands for it."""
        created, taking = self._created(), self._recipe.taking
        code = self._recipe.presentment or ("usd" if taking.method == DEBIT else self._mix())
        currency = CURRENCIES[code]
        amount = self._draw.between(currency.low, currency.high) // currency.step * currency.step
        if taking.declined_first:
            self._charge(created, amount, code).failed_at = created
            created += RETRY_SECONDS
        charge = self._charge(created, amount, code)
        charge.paid_at = self._moment(taking.settles_after, created)
        charge.failed_at = self._moment(taking.fails_after, created)
        if charge.failed_at is None:
            self._capture(charge)
        return charge

    def _mix(self) -> str:
        return self._draw.pick(_MIX)

    def _charge(self, created: int, amount: int, currency: str) -> Charge:
        method = self._recipe.taking.method
        ref = self._ref("payment" if method == DEBIT else "charge", len(self.story.charges))
        charge = Charge(created, ref, self._ordinal, amount, currency, method)
        self.story.charges.append(charge)
        return charge

    def _capture(self, charge: Charge) -> None:
        taking = self._recipe.taking
        if taking.captured_after is None:
            self._let_run_out(charge)
            return
        pending = taking.method == DEBIT
        at = charge.paid_at if pending else self._moment(taking.captured_after, charge.created)
        assert at is not None
        charge.captured_at = at
        charge.captured_amount = share_of(charge.amount, taking.captured_percent, charge.currency)
        kind = ("payment", "charge") if pending else ("charge", "charge")
        fees = self._fees(charge, at)
        description = f"Order #{1001 + self._ordinal}"
        charge.line = self._line(at, kind, charge, charge.amount, charge.ref, description, fees)
        if charge.captured_amount < charge.amount:
            kind = ("refund", "partial_capture_reversal")
            rest = charge.captured_amount - charge.amount
            self._line(at, kind, charge, rest, charge.ref, "Partial capture reversal")

    def _let_run_out(self, charge: Charge) -> None:
        at = self._moment(self._recipe.taking.expires_after)
        assert at is not None
        charge.expires_at = at
        self._add_refund(charge, at, charge.amount, EXPIRED).succeeded_at = at

    def _fees(self, charge: Charge, at: int) -> tuple[FeePart, ...]:
        currency = CURRENCIES[charge.currency].settles_in
        worth = settled(
            charge.captured_amount, rate_on(self._seed, charge.currency, self._calendar.day_of(at))
        )
        step, pricing = CURRENCIES[currency].step, PRICING[currency]
        fee = rounded(worth * pricing.basis_points, 10_000, step) + pricing.fixed
        parts = [FeePart("stripe_fee", fee, "Stripe processing fees")]
        match self._recipe.extra_fee:
            case "application_fee":
                amount = rounded(worth, 100, step)
                parts.append(FeePart("application_fee", amount, "Shop platform application fee"))
            case "interchange":
                amount = rounded(worth * 118, 10_000, step)
                parts.append(FeePart("payment_method_passthrough_fee", amount, "Interchange"))
            case "withheld_tax":
                parts.append(FeePart("withheld_tax", rounded(worth, 200, step), "Withheld tax"))
            case "tax":
                parts.append(FeePart("tax", rounded(fee * 20, 100, step), "VAT"))
        return tuple(parts)

    # giving it back

    def _refund(self, charge: Charge, refunding: Refunding) -> None:
        at = self._moment(refunding.after)
        assert at is not None
        if refunding.after == self._last_refund_day():
            at = charge.refunds[-1].created
        amount = share_of(charge.captured_amount, refunding.percent, charge.currency)
        refund = self._add_refund(charge, at, amount, self._draw.pick(REASONS))
        refund.needs_action = refunding.needs_action
        if refunding.canceled is not None:
            refund.canceled_at = self._moment(refunding.canceled)
            return
        refund.succeeded_at = self._moment(refunding.succeeds) or at
        self._refund_lines(refund, refunding)

    def _last_refund_day(self) -> int | None:
        if not self.story.refunds:
            return None
        return self._calendar.day_of(self.story.refunds[-1].created) - self._day

    def _add_refund(self, charge: Charge, at: int, amount: int, reason: str | None) -> Refund:
        kind = "payment_refund" if charge.method == DEBIT else "refund"
        refund = Refund(at, self._ref(kind, len(self.story.refunds)), charge, amount, reason)
        charge.refunds.append(refund)
        self.story.refunds.append(refund)
        return refund

    def _refund_lines(self, refund: Refund, refunding: Refunding) -> None:
        charge, at = refund.charge, refund.succeeded_at
        assert at is not None
        description = f"REFUND FOR CHARGE (Order #{1001 + self._ordinal})"
        kind = (refund.ref.kind, "refund")
        fees = self._refund_fees(charge, refunding.fee)
        refund.line = self._line(at, kind, charge, -refund.amount, refund.ref, description, fees)
        failed_at = self._moment(refunding.fails)
        if failed_at is not None:
            refund.failed_at = failed_at
            kind = ("refund_failure", "refund_failure")
            refund.failure_line = self._line(
                failed_at, kind, charge, refund.amount, refund.ref, "REFUND FAILURE"
            )

    def _refund_fees(self, charge: Charge, fee: str) -> tuple[FeePart, ...]:
        if fee == "charged":
            fixed = PRICING[CURRENCIES[charge.currency].settles_in].fixed or 30
            return (FeePart("stripe_fee", fixed, "Refund fee"),)
        if fee == "returned" and charge.line is not None:
            paid = next(part for part in charge.line.fees if part.type == "application_fee")
            return (FeePart("application_fee", -paid.amount, "Application fee refund"),)
        return ()

    # disputes

    def _dispute(self, charge: Charge, disputing: Disputing) -> None:
        at = self._moment(disputing.after)
        assert at is not None
        if disputing.outcome == "prevented":
            at = charge.refunds[0].created
        dispute = Dispute(
            at,
            self._ref("dispute", len(self.story.disputes)),
            charge,
            share_of(charge.captured_amount, disputing.percent, charge.currency),
            self._draw.pick(DISPUTE_REASONS),
            disputing.inquiry,
            "won" if disputing.outcome.startswith("won") else disputing.outcome,
            self._moment(disputing.reviewed),
            self._moment(disputing.closed),
        )
        charge.disputes.append(dispute)
        self.story.disputes.append(dispute)
        if not disputing.inquiry and disputing.outcome != "prevented":
            self._dispute_lines(dispute, disputing.outcome)

    def _dispute_lines(self, dispute: Dispute, outcome: str) -> None:
        charge = dispute.charge
        fee = PRICING[CURRENCIES[charge.currency].settles_in].dispute
        taken = self._line(
            dispute.created,
            ("adjustment", "dispute"),
            charge,
            -dispute.amount,
            dispute.ref,
            f"Chargeback withdrawal for order #{1001 + self._ordinal}",
            (FeePart("stripe_fee", fee, "Dispute fee"),),
        )
        dispute.lines.append(taken)
        if outcome.startswith("won") and dispute.closed_at is not None:
            returned = (FeePart("stripe_fee", -fee, "Dispute fee refund"),)
            won = self._line(
                dispute.closed_at,
                ("adjustment", "dispute_reversal"),
                charge,
                dispute.amount,
                dispute.ref,
                f"Chargeback reversal for order #{1001 + self._ordinal}",
                returned if outcome == "won" else (),
            )
            dispute.lines.append(won)
