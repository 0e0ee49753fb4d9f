"""Days, seconds and the numbering of orders. Day 0 is the day the merchant's account opened."""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from ecomops.sandbox.world.draw import Draw

SECONDS_A_DAY = 86_400
LAST_DAY = 4_000
"""Days beyond this one cannot be reached: identifiers hold three hexadecimal digits of a day."""

LINES_PER_ORDER = (116, 100)
LINES_PER_DAY = 6
"""What an order and a day put on the ledger on average (the account's own rows and payouts)."""


@dataclass(frozen=True)
class Plan:
    """What a world is made from; equal plans make equal worlds, byte for byte."""

    until: date
    seed: int = 7
    days: int = 90
    orders_per_day: int = 40

    def __post_init__(self) -> None:
        if not 1 <= self.days <= LAST_DAY:
            raise ValueError(f"days must be between 1 and {LAST_DAY}, not {self.days}")
        if not 1 <= self.orders_per_day <= 500_000:
            raise ValueError(
                f"orders per day must be between 1 and 500000, not {self.orders_per_day}"
            )

    @classmethod
    def of_scale(cls, *, until: date, seed: int, days: int, lines: int) -> "Plan":
        """A plan whose ledger has about ``lines`` balance transactions."""
        times, parts = LINES_PER_ORDER
        orders = (lines - LINES_PER_DAY * days) * parts // (times * days)
        return cls(until=until, seed=seed, days=days, orders_per_day=max(1, orders))


@dataclass
class Calendar:
    """Turns days and order numbers of a plan into each other, and days into Unix seconds."""

    plan: Plan
    _starts: list[int] = field(default_factory=lambda: [0])

    def __post_init__(self) -> None:
        opened = self.plan.until - timedelta(days=self.plan.days)
        self._epoch = int(datetime(opened.year, opened.month, opened.day, tzinfo=UTC).timestamp())

    def midnight(self, day: int) -> int:
        """Unix seconds at 00:00 UTC of a day."""
        return self._epoch + day * SECONDS_A_DAY

    def day_of(self, seconds: int) -> int:
        """The day that holds an instant given in Unix seconds."""
        return (seconds - self._epoch) // SECONDS_A_DAY

    def orders_on(self, day: int) -> int:
        """How many orders a day brings: the plan's number, a quarter more or less."""
        swing = Draw(self.plan.seed, "orders", day).between(75, 125)
        return max(1, (self.plan.orders_per_day * swing + 50) // 100)

    def first_order(self, day: int) -> int:
        """The ordinal of a day's first order, counted from the opening of the account."""
        while len(self._starts) <= day:
            self._starts.append(self._starts[-1] + self.orders_on(len(self._starts) - 1))
        return self._starts[day]

    def place_of(self, ordinal: int) -> tuple[int, int] | None:
        """(day, index) of an order by its ordinal; None beyond the last day."""
        while self._starts[-1] <= ordinal and len(self._starts) <= LAST_DAY:
            self.first_order(len(self._starts))
        day = bisect_right(self._starts, ordinal) - 1
        return (day, ordinal - self._starts[day]) if day < LAST_DAY else None
