"""A bookkeeper's desk: one payout on it, the transactions entered for it, and the truth of it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from ecomops.sandbox.world.calendar import SECONDS_A_DAY, Calendar
from ecomops.sandbox.world.draw import Draw
from ecomops.sandbox.world.netsuite import chart
from ecomops.sandbox.world.netsuite.entries import Draft, Event, Keyed, Transaction
from ecomops.sandbox.world.netsuite.sources import PaidOut

FIRST_ID, IDS_A_DAY = 10_000, 100_000
_LAGS, _SEATS, _PARTS = 64, 32, 16
NOISE_SLOT = _LAGS * _SEATS * _PARTS
POSTED_SLOT = 50_000
"""Slots of a day's ids: first what belongs to payouts, then noise, then what clients post."""

OVERDUE_AFTER_DAYS = 5
"""How long a payout may stay without a booking before it counts as missing."""


class Stage(NamedTuple):
    """From an instant on this is true of a payout. ``difference`` is booked less due, hundredths;
    ``candidates`` are sets of transactions of which nobody can tell the right one.
    """

    since: int
    reason: str
    match: tuple[int, ...] = ()
    difference: int = 0
    candidates: tuple[tuple[int, ...], ...] = ()


class Case(NamedTuple):
    """A payout and everything that will ever be true of it, oldest first."""

    payout: PaidOut
    stages: tuple[Stage, ...]

    def at(self, now: int) -> Stage:
        return [stage for stage in self.stages if stage.since < now or not stage.since][-1]


def id_at(calendar: Calendar, instant: int, slot: int) -> int:
    """Internal ids grow with the day on which a transaction is entered."""
    return FIRST_ID + calendar.day_of(instant) * IDS_A_DAY + slot


def day_of(instant: int) -> date:
    return datetime.fromtimestamp(instant, UTC).date()


class Desk:
    """Enters transactions for one payout and remembers what happened when."""

    def __init__(self, calendar: Calendar, payout: PaidOut, seat: int) -> None:
        self.payout = payout
        self.draw = Draw(calendar.plan.seed, "booking", payout.source, payout.day, payout.number)
        self.events: list[Event] = []
        self._calendar, self._seat = calendar, seat

    # when

    def morning(self, days: int) -> int:
        """An instant in the office hours so many days after the payout's arrival."""
        midnight = self.payout.arrives // SECONDS_A_DAY * SECONDS_A_DAY
        return midnight + days * SECONDS_A_DAY + self.draw.between(28_800, 61_200)

    # what

    def net(self, cents: int | None = None, type: str = "Deposit", **head: Any) -> Draft:
        """The money from the clearing account to the bank; the payout's amount if not told."""
        paid = self.payout
        amount = paid.cents if cents is None else cents
        bank, clearing = self.accounts(paid.currency)
        return self.draft(type, (Keyed(bank, amount), Keyed(clearing, -amount)), **head)

    def full(self, **head: Any) -> Draft:
        """A journal that clears the gross amount: the bank's part and the processor's fees."""
        net, fees = self.payout.cents, self.payout.fees()
        bank, clearing = self.accounts(self.payout.currency)
        lines = (
            Keyed(bank, net),
            Keyed(chart.account("fee"), fees),
            Keyed(clearing, -net - fees),
        )
        return self.draft("Journal", lines, **head)

    def draft(self, type: str, lines: tuple[Keyed, ...], **head: Any) -> Draft:
        currency = self.payout.currency
        plain = Draft(type, self.payout.arrival, currency, chart.HOME[currency], lines)
        return plain._replace(**head)

    def accounts(self, currency: str) -> tuple[int, int]:
        return chart.bank(currency), chart.clearing(self.payout.source, currency)

    @property
    def key(self) -> str:
        """The external id under which a payout is booked."""
        return f"PAYOUT_{self.payout.token}"

    # doing it

    def enter(self, draft: Draft, at: int) -> Transaction:
        """Books a draft at an instant."""
        subsidiary = chart.subsidiary(draft.subsidiary)
        base = subsidiary.currency if subsidiary else draft.currency
        day = self._calendar.day_of(at)
        rate = chart.rate(self._calendar.plan.seed, draft.currency, base, day)
        return self._happens(at, draft.entered(self._next_id(at), at, rate))

    def void(self, transaction: Transaction, at: int) -> None:
        self._happens(at, transaction.voided_at(at))

    def correct(self, transaction: Transaction, draft: Draft, at: int) -> None:
        """Overwrites what was booked, under the same id."""
        entered = draft.entered(transaction.id, transaction.created, transaction.rate)
        self._happens(at, replace(entered, modified=at))

    def delete(self, transaction: Transaction, at: int) -> None:
        self.events.append(Event(at, transaction.id, None))

    def _happens(self, at: int, transaction: Transaction) -> Transaction:
        self.events.append(Event(at, transaction.id, transaction))
        return transaction

    def _next_id(self, at: int) -> int:
        lag = self._calendar.day_of(at) - self.payout.day
        part = len(self.events)
        return id_at(self._calendar, at, (lag * _SEATS + self._seat) * _PARTS + part)

    # the truth

    def case(self, *stages: Stage, overdue: bool = True) -> Case:
        """The whole truth, with what is true before anything is booked."""
        paid = self.payout
        grace = paid.arrives + OVERDUE_AFTER_DAYS * SECONDS_A_DAY
        before = [Stage(0, "not_due"), Stage(paid.arrives, "not_yet_booked", (), -paid.cents)]
        if overdue and not any(stage.since < grace for stage in stages):
            before.append(Stage(grace, "missing", (), -paid.cents))
        return Case(paid, (*before, *stages))
