"""What happens to a merchant's money, with the instant of every step.

Objects hold their whole life, past and to come; what an onlooker sees at an instant ``now`` is
asked with a method. A thing has happened when its instant lies before ``now``. Amounts are whole
minor units, instants Unix seconds (UTC).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from ecomops.sandbox.world.calendar import SECONDS_A_DAY

SETTLES_AFTER_DAYS = 2


class Ref(NamedTuple):
    """The place of one object in the world, from which it can be made again alone."""

    kind: str
    day: int
    item: int
    part: int = 0


class FeePart(NamedTuple):
    """One component of a line's fee, in the line's currency; negative is given back."""

    type: str
    amount: int
    description: str


class Line(NamedTuple):
    """A row of the processor's ledger, in a settlement currency, signed as the merchant sees it."""

    created: int
    ref: Ref
    type: str
    category: str
    amount: int
    currency: str
    description: str
    fees: tuple[FeePart, ...] = ()
    rate: int | None = None
    source: Ref | None = None
    balance: str = "payments"

    @property
    def fee(self) -> int:
        return sum(part.amount for part in self.fees)

    @property
    def net(self) -> int:
        return self.amount - self.fee

    @property
    def available_on(self) -> int:
        """Midnight of the day the money can be paid out."""
        if self.type == "payout":
            return self.created
        return self.created // SECONDS_A_DAY * SECONDS_A_DAY + SETTLES_AFTER_DAYS * SECONDS_A_DAY

    @property
    def is_payout_line(self) -> bool:
        """Whether payouts pay it: no payout's own row, no row of another purse."""
        return self.type != "payout" and self.balance == "payments"


def happened(instant: int | None, now: int) -> bool:
    return instant is not None and instant < now


@dataclass(slots=True, eq=False)
class Charge:
    created: int
    ref: Ref
    ordinal: int  # of the order
    amount: int
    currency: str
    method: str
    paid_at: int | None = None
    failed_at: int | None = None
    captured_at: int | None = None
    captured_amount: int = 0
    expires_at: int | None = None
    line: Line | None = None
    refunds: list["Refund"] = field(default_factory=list)
    disputes: list["Dispute"] = field(default_factory=list)

    def provider_status(self, now: int) -> str:
        if happened(self.failed_at, now):
            return "failed"
        return "succeeded" if happened(self.paid_at, now) else "pending"

    def is_captured(self, now: int) -> bool:
        return happened(self.captured_at, now)

    def is_expired(self, now: int) -> bool:
        return happened(self.expires_at, now)

    def status(self, now: int) -> str:
        """The payment's status in the product's words."""
        if self.provider_status(now) != "succeeded":
            return self.provider_status(now)
        if self.is_captured(now):
            return "completed"
        return "voided" if self.is_expired(now) else "pending"

    def money(self, now: int) -> int:
        """Captured amount of a captured charge, attempted amount otherwise."""
        return self.captured_amount if self.is_captured(now) else self.amount

    def released(self, now: int) -> int:
        """What went back without a refund: an uncaptured rest, an authorisation run out."""
        if self.is_captured(now):
            return self.amount - self.captured_amount
        return self.amount if self.is_expired(now) else 0

    def refunded(self, now: int) -> int:
        going = (r for r in self.refunds if r.created < now and r.reason != EXPIRED)
        return sum(r.amount for r in going if r.provider_status(now) not in ("failed", "canceled"))


EXPIRED = "expired_uncaptured_charge"


@dataclass(slots=True, eq=False)
class Refund:
    created: int
    ref: Ref
    charge: Charge
    amount: int
    reason: str | None
    succeeded_at: int | None = None
    failed_at: int | None = None
    canceled_at: int | None = None
    needs_action: bool = False
    line: Line | None = None
    failure_line: Line | None = None

    def provider_status(self, now: int) -> str:
        if happened(self.failed_at, now):
            return "failed"
        if happened(self.canceled_at, now):
            return "canceled"
        if happened(self.succeeded_at, now):
            return "succeeded"
        return "requires_action" if self.needs_action else "pending"

    def status(self, now: int) -> str:
        """The refund's status in the product's words; a released authorisation moved no money."""
        if self.reason == EXPIRED:
            return "canceled"
        given = self.provider_status(now)
        return {"succeeded": "completed", "requires_action": "pending"}.get(given, given)


@dataclass(slots=True, eq=False)
class Dispute:
    created: int
    ref: Ref
    charge: Charge
    amount: int
    reason: str
    inquiry: bool
    outcome: str
    reviewed_at: int | None = None
    closed_at: int | None = None
    lines: list[Line] = field(default_factory=list)

    def provider_status(self, now: int) -> str:
        if self.outcome == "prevented":
            return "prevented"
        prefix = "warning_" if self.inquiry else ""
        if happened(self.closed_at, now):
            return "warning_closed" if self.inquiry else self.outcome
        return prefix + ("under_review" if happened(self.reviewed_at, now) else "needs_response")

    def status(self, now: int) -> str:
        """The dispute's status in the product's words."""
        word = self.provider_status(now).removeprefix("warning_")
        return "closed" if word == "prevented" else word


@dataclass(slots=True)
class Payout:
    """Money sent to the bank, or taken from it when the amount is negative."""

    created: int
    ref: Ref
    amount: int
    currency: str
    mode: str  # automatic, manual or instant
    in_transit_at: int
    paid_at: int
    reconciled_at: int
    failed_at: int | None = None
    canceled_at: int | None = None

    def provider_status(self, now: int) -> str:
        if happened(self.canceled_at, now):
            return "canceled"
        if happened(self.failed_at, now):
            return "failed"
        if happened(self.paid_at, now):
            return "paid"
        return "in_transit" if happened(self.in_transit_at, now) else "pending"

    def status(self, now: int) -> str:
        """The payout's status in the product's words."""
        given = self.provider_status(now)
        return "completed" if given == "paid" else given

    @property
    def arrival_date(self) -> int:
        """Midnight of the day the bank has the money."""
        return self.paid_at // SECONDS_A_DAY * SECONDS_A_DAY

    def reconciliation(self, now: int) -> str:
        if self.mode != "automatic":
            return "not_applicable"
        return "completed" if happened(self.reconciled_at, now) else "in_progress"


@dataclass(slots=True)
class Story:
    """Everything that ever happens to one order's money."""

    charges: list[Charge] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


Subject = Charge | Refund | Dispute | Payout


class Event(NamedTuple):
    """Something that happened at ``created`` to ``subject``; ``ref.part`` tells whose kind."""

    created: int
    ref: Ref
    type: str
    subject: Subject


Record = Subject | Line | Event
AnyRecord = TypeVar("AnyRecord", Charge, Refund, Dispute, Payout, Line)


def position(record: Record) -> tuple[int, Ref]:
    """The order of every list, oldest first: by second, then by a stable tie-break."""
    return record.created, record.ref


def visible(records: Iterable[AnyRecord], now: int) -> list[AnyRecord]:
    return [record for record in records if record.created < now]
