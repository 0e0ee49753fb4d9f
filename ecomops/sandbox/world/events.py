"""What the processor says happened: an event for each step of a charge, refund, dispute or payout.

Events are made a day at a time, and each kind apart, so that a look at the disputes of a month
makes no other order's story. An event's place is its number among the day's events of its kind.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from ecomops.sandbox.world import payouts
from ecomops.sandbox.world.model import (
    EXPIRED,
    Charge,
    Dispute,
    Event,
    Payout,
    Ref,
    Refund,
    Story,
    Subject,
)
from ecomops.sandbox.world.recipes import Recipe

if TYPE_CHECKING:
    from ecomops.sandbox.world.ledger import Ledger

Step = tuple[int | None, str]
FAMILIES: Final = ("charge", "refund", "dispute", "payout")


def family_of(type: str) -> str:
    """Whose object an event of a type is about: ``charge.refund.updated`` is a refund's."""
    if type.startswith("charge.dispute."):
        return "dispute"
    return "refund" if type.startswith("charge.refund.") else type.partition(".")[0]


def events_on(ledger: "Ledger", family: str, day: int) -> list[Event]:
    """A day's events of a family, oldest first."""
    start, end = ledger.calendar.midnight(day), ledger.calendar.midnight(day + 1)
    found = [
        (at, subject, type)
        for subject in _SUBJECTS[family](ledger, day)
        for at, type in _steps(subject)
        if at is not None and start <= at < end
    ]
    found.sort(key=lambda it: (it[0], it[1].ref))
    part = FAMILIES.index(family)
    return [
        Event(at, Ref("event", day, number, part), type, subject)
        for number, (at, subject, type) in enumerate(found)
    ]


# who may have an event on a day


def _stirring(ledger: "Ledger", day: int, wanted: Callable[[Recipe], object]) -> Iterator[Story]:
    """Stories of earlier days' orders with a step on a day, of the recipes that are wanted."""
    deck = ledger.author.deck
    for later in deck.step_days:
        if later <= day:
            first = ledger.calendar.first_order(day - later)
            count = ledger.calendar.orders_on(day - later)
            for index in deck.stepping(later, first, count):
                if wanted(deck.recipe(first + index)):
                    yield ledger.author.write(day - later, index)


def _charges(ledger: "Ledger", day: int) -> Iterator[Subject]:
    yield from ledger.orders(day).charges
    for story in _stirring(ledger, day, lambda it: True):
        yield from story.charges


def _refunds(ledger: "Ledger", day: int) -> Iterator[Subject]:
    for story in _stirring(ledger, day, lambda it: it.refunds or it.taking.expires_after):
        yield from story.refunds


def _disputes(ledger: "Ledger", day: int) -> Iterator[Subject]:
    for story in _stirring(ledger, day, lambda it: it.disputes):
        yield from story.disputes


def _payouts(ledger: "Ledger", day: int) -> Iterator[Subject]:
    for made in range(max(0, day - payouts.FAILS_AFTER_DAYS), day + 1):
        yield from ledger.payouts(made)


_SUBJECTS: Final[dict[str, Callable[["Ledger", int], Iterator[Subject]]]] = {
    "charge": _charges,
    "refund": _refunds,
    "dispute": _disputes,
    "payout": _payouts,
}


# what happens to one object


def _steps(subject: Subject) -> Iterable[Step]:
    match subject:
        case Charge():
            return _steps_of_charge(subject)
        case Refund():
            return _steps_of_refund(subject)
        case Dispute():
            return _steps_of_dispute(subject)
        case Payout():
            return _steps_of_payout(subject)


def _steps_of_charge(charge: Charge) -> Iterator[Step]:
    if charge.created not in (charge.paid_at, charge.failed_at):
        yield charge.created, "charge.pending"
    yield charge.paid_at, "charge.succeeded"
    yield charge.failed_at, "charge.failed"
    if charge.captured_at != charge.paid_at:
        yield charge.captured_at, "charge.captured"
    yield charge.expires_at, "charge.expired"
    for refund in charge.refunds:
        if refund.reason != EXPIRED:
            yield refund.created, "charge.refunded"
            yield refund.failed_at, "charge.updated"
            yield refund.canceled_at, "charge.updated"
    if charge.disputes:
        yield min(it.created for it in charge.disputes), "charge.updated"


def _steps_of_refund(refund: Refund) -> Iterator[Step]:
    yield refund.created, "refund.created"
    settled = None if refund.succeeded_at == refund.created else refund.succeeded_at
    for at, type in (
        (settled, "refund.updated"),
        (refund.canceled_at, "refund.updated"),
        (refund.failed_at, "refund.failed"),
    ):
        yield at, type
        yield at, "charge.refund.updated"


def _steps_of_dispute(dispute: Dispute) -> Iterator[Step]:
    yield dispute.created, "charge.dispute.created"
    yield dispute.reviewed_at, "charge.dispute.updated"
    yield dispute.closed_at, "charge.dispute.closed"
    for line, type in zip(dispute.lines, ("withdrawn", "reinstated"), strict=False):
        yield line.created, f"charge.dispute.funds_{type}"


def _steps_of_payout(payout: Payout) -> Iterator[Step]:
    yield payout.created, "payout.created"
    if payout.in_transit_at != payout.created:
        yield payout.in_transit_at, "payout.updated"
    if payout.mode == "automatic":
        yield payout.reconciled_at, "payout.reconciliation_completed"
    if payout.canceled_at is None:
        yield payout.paid_at, "payout.paid"
    yield payout.failed_at, "payout.failed"
    yield payout.canceled_at, "payout.canceled"
