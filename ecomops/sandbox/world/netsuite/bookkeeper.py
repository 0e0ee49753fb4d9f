"""Who books the payouts: deals a recipe to each and keeps the truth of it beside the books.

Everything comes from the seed and the payout, a day at a time, so that any part of the books can
be made without making the rest.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ecomops.sandbox.world.calendar import Calendar
from ecomops.sandbox.world.draw import Draw
from ecomops.sandbox.world.netsuite import recipes
from ecomops.sandbox.world.netsuite.desk import Case, Desk, Stage
from ecomops.sandbox.world.netsuite.entries import Event, Keyed
from ecomops.sandbox.world.netsuite.noise import noise
from ecomops.sandbox.world.netsuite.sources import PaidOut, PayoutSource

LEAST_INTERESTING = 20_000
"""Hundredths below which a payout is booked plainly: there is nothing to split or mistype."""

_SEATS_A_SOURCE = 8


class DayBook(NamedTuple):
    """What the payouts of a day and its other business bring, now and later, oldest first."""

    events: list[Event]
    cases: list[Case]


class Bookkeeper:
    """Books of a plan's world. Not safe for use by several threads."""

    def __init__(self, calendar: Calendar, sources: Sequence[PayoutSource]) -> None:
        self._calendar, self._sources = calendar, sources

    def book(self, day: int) -> DayBook:
        """The book of a day on which payouts were created."""
        made = DayBook(list(noise(self._calendar, day)), [])
        for seat, source in enumerate(self._sources):
            for number in range(source.numbers):
                desk_seat = seat * _SEATS_A_SOURCE + number
                for desk, cases in self._booked(source, day, number, desk_seat):
                    made.events.extend(desk.events)
                    made.cases.extend(cases)
        made.events.sort(key=lambda event: (event.at, event.id))
        return made

    def _booked(
        self, source: PayoutSource, day: int, number: int, seat: int
    ) -> Iterator[tuple[Desk, list[Case]]]:
        leads = self._leads(source, day, number)
        if leads:
            yield from self._combined(self._group(source, day, number), seat)
        payout = source.payout(day, number)
        if payout and not (payout.is_plain and (leads or self._is_absorbed(source, day, number))):
            desk = Desk(self._calendar, payout, seat)
            yield desk, [self._recipe(source, desk)(desk)]

    def _recipe(self, source: PayoutSource, desk: Desk) -> recipes.Recipe:
        payout = desk.payout
        if payout.canceled is not None:
            return desk.draw.pick(recipes.CANCELED)
        if payout.failed is not None:
            return desk.draw.pick(recipes.FAILED)
        if payout.cents < 0:
            return desk.draw.pick(recipes.NEGATIVE)
        dealt = self._dealt(source, payout.day, payout.number)
        return dealt if dealt and payout.cents >= LEAST_INTERESTING else recipes.deposit

    # several payouts in one deposit

    def _leads(self, source: PayoutSource, day: int, number: int) -> bool:
        """Whether the payouts from this day on are booked together."""
        if day < 0 or self._dealt(source, day, number) is not recipes.COMBINED:
            return False
        return not self._is_absorbed(source, day, number)

    def _is_absorbed(self, source: PayoutSource, day: int, number: int) -> bool:
        return any(
            self._leads(source, day - back, number)
            and self._size(source, day - back, number) > back
            for back in (1, 2)
        )

    def _size(self, source: PayoutSource, day: int, number: int) -> int:
        return Draw(self._seed, "combined", source.name, day, number).between(2, 3)

    def _group(self, source: PayoutSource, day: int, number: int) -> list[PaidOut]:
        days = range(day, day + self._size(source, day, number))
        found = (source.payout(it, number) for it in days)
        return [payout for payout in found if payout and payout.is_plain]

    def _combined(self, group: list[PaidOut], seat: int) -> Iterator[tuple[Desk, list[Case]]]:
        if len(group) < 2:
            for payout in group:
                desk = Desk(self._calendar, payout, seat)
                yield desk, [recipes.deposit(desk)]
            return
        desk = Desk(self._calendar, group[-1], seat)
        at = desk.morning(1)
        bank, clearing = desk.accounts(desk.payout.currency)
        named = desk.draw.below(2)
        lines = [Keyed(bank, sum(it.cents for it in group))]
        lines += [Keyed(clearing, -it.cents, it.token if named else None) for it in group]
        deposit = desk.enter(desk.draft("Deposit", tuple(lines)), at)
        told = Stage(at, "combined", (deposit.id,))
        yield desk, [Desk(self._calendar, it, seat).case(told) for it in group]

    # dealing

    @property
    def _seed(self) -> int:
        return self._calendar.plan.seed

    def _dealt(self, source: PayoutSource, day: int, number: int) -> recipes.Recipe | None:
        """Recipes come from a deck that is shuffled anew each time it is through."""
        deck, place = divmod(day * source.numbers + number, len(recipes.DECK))
        return self._shuffled(source.name, deck)[place]

    def _shuffled(self, name: str, deck: int) -> list[recipes.Recipe | None]:
        def place(number: int) -> int:
            return Draw(self._seed, "deck", name, deck, number).below(1 << 60)

        return [recipes.DECK[number] for number in sorted(range(len(recipes.DECK)), key=place)]
