"""What the dashboard asks and is told. Amounts are units of ten-thousandths of a currency."""

from dataclasses import dataclass
from datetime import date, datetime

from ecomops.domains.tables.schemas import Count


@dataclass(frozen=True, slots=True)
class AskInsights:
    """``today`` is a day of the workspace; None: the day it is there now."""

    today: date | None = None


@dataclass(frozen=True, slots=True)
class DayMoney:
    """What one day of the workspace came to in one currency; a negative fee was returned."""

    day: date
    payments: int = 0
    volume: int = 0
    fees: int = 0


@dataclass(frozen=True, slots=True)
class CurrencyDays:
    """The last thirty days in one currency, today the last; a day without anything is there too.

    ``settled``: what charges of these days brought to the balance of this currency, in which their
    fees are, whatever currency the customers paid in.
    """

    currency: str
    days: tuple[DayMoney, ...]
    settled: int = 0

    @property
    def payments(self) -> int:
        return sum(day.payments for day in self.days)

    @property
    def volume(self) -> int:
        return sum(day.volume for day in self.days)

    @property
    def fees(self) -> int:
        return sum(day.fees for day in self.days)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The payouts of one status and currency that arrive on one day, those drawn apart."""

    day: date
    currency: str
    status: str
    payouts: int
    amount: int


@dataclass(frozen=True, slots=True)
class Untied:
    """A payout whose lines, all of them read, do not add up to it."""

    source_id: str
    currency: str
    amount: int
    lines: int


@dataclass(frozen=True, slots=True)
class TieOut:
    """How many of the newest payouts that have lines are the sum of them.

    ``unread``: their lines were not read to the end. ``untied_first``: the newest that do not tie.
    ``capped``: there are more in these days than were looked at.
    """

    tied: int
    untied: int
    unread: int
    untied_first: tuple[Untied, ...]
    capped: bool


@dataclass(frozen=True, slots=True)
class Insights:
    """The figures of the dashboard; currencies come with the one of most payments first."""

    today: date
    timezone: str
    money: tuple[CurrencyDays, ...]
    arrivals: tuple[Arrivals, ...]
    tie_out: TieOut


@dataclass(frozen=True, slots=True)
class DisputeDue:
    """A dispute that waits for an answer; ``due_at`` is UTC, None where nobody said."""

    source_id: str
    currency: str
    amount: int
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attention:
    """What needs somebody. Jobs count until a later one of their kind has done better."""

    today: date
    broken_connections: int
    failed_jobs: Count
    rejects: Count
    failed_payouts: Count
    overdue_payouts: Count
    disputes: Count
    disputes_first: tuple[DisputeDue, ...]
