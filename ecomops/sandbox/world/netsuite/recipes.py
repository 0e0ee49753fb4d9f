"""How payouts are booked: the table of everything that bookkeepers do, right and wrong.

Each recipe enters transactions at a desk and says what is then true of the payout.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from ecomops.sandbox.world.netsuite import chart
from ecomops.sandbox.world.netsuite.desk import Case, Desk, Stage, day_of
from ecomops.sandbox.world.netsuite.entries import Keyed
from ecomops.sandbox.world.netsuite.periods import month_id

Recipe = Callable[[Desk], Case]

WITH_ID = (
    "{0} payout {1}", "{1}", "{0} transfer {1}; settled", "Payout ({1}) net of fees",
    "ref:{1}/bank", "Settlement {1}, booked from statement",
)  # fmt: skip
WITHOUT_ID = ("{0} deposit", "{0} TRANSFER", "Card settlement", "Bank receipt", None)


def _told(desk: Desk) -> str:
    """A memo that holds the payout's id as a token."""
    processor = chart.PROCESSORS[desk.payout.source]
    return desk.draw.pick(WITH_ID).format(processor, desk.payout.token)


def _mute(desk: Desk) -> str | None:
    """A memo that names no payout."""
    text = desk.draw.pick(WITHOUT_ID)
    return text.format(chart.PROCESSORS[desk.payout.source]) if text else None


def _soon(desk: Desk) -> int:
    return desk.morning(desk.draw.between(1, 3))


# right ones


def journal(desk: Desk) -> Case:
    at = _soon(desk)
    booked = desk.enter(desk.full(external_id=desk.key, memo=_mute(desk)), at)
    return desk.case(Stage(at, "matched", (booked.id,)))


def deposit(desk: Desk) -> Case:
    at = _soon(desk)
    booked = desk.enter(desk.net(external_id=desk.key, memo=_mute(desk)), at)
    return desk.case(Stage(at, "matched", (booked.id,)))


def by_memo(desk: Desk) -> Case:
    at, type = _soon(desk), desk.draw.pick(("Deposit", "Journal"))
    booked = desk.enter(desk.net(type=type, memo=_told(desk)), at)
    return desk.case(Stage(at, "matched_by_memo", (booked.id,)))


def by_amount(desk: Desk) -> Case:
    at = _soon(desk)
    when = desk.payout.arrival + timedelta(days=desk.draw.below(2))
    booked = desk.enter(desk.net(memo=_mute(desk), date=when), at)
    return desk.case(Stage(at, "matched_by_amount", (booked.id,)))


def edited(desk: Desk) -> Case:
    """Booked wrong and put right two days later, under the same id."""
    at, later, memo = desk.morning(1), desk.morning(3), _told(desk)
    wrong = _mistyped(desk)
    booked = desk.enter(desk.net(wrong, memo=memo), at)
    desk.correct(booked, desk.net(memo=memo), later)
    return desk.case(
        Stage(at, "wrong_amount", (booked.id,), wrong - desk.payout.cents),
        Stage(later, "matched_by_memo", (booked.id,)),
    )


def voided_and_booked_again(desk: Desk) -> Case:
    at, later, wrong = desk.morning(1), desk.morning(3), _mistyped(desk)
    first = desk.enter(desk.net(wrong, memo=_told(desk)), at)
    desk.void(first, later)
    second = desk.enter(desk.net(memo=_told(desk)), later + 60)
    return desk.case(
        Stage(at, "wrong_amount", (first.id,), wrong - desk.payout.cents),
        Stage(later, "voided", (), -desk.payout.cents),
        Stage(later + 60, "matched_by_memo", (second.id,)),
    )


# wrong ones


def duplicate(desk: Desk) -> Case:
    at, later = desk.morning(1), desk.morning(3)
    first = desk.enter(desk.net(external_id=desk.key, memo=_mute(desk)), at)
    second = desk.enter(desk.net(type="Journal", memo=_told(desk)), later)
    return desk.case(
        Stage(at, "matched", (first.id,)),
        Stage(later, "duplicate", (first.id, second.id), desk.payout.cents),
    )


def gross(desk: Desk) -> Case:
    fees = desk.payout.fees()
    if fees <= 0:
        return deposit(desk)
    at = _soon(desk)
    keyed = {"external_id": desk.key} if desk.draw.below(2) else {"memo": _told(desk)}
    booked = desk.enter(desk.net(desk.payout.cents + fees, **keyed), at)
    return desk.case(Stage(at, "gross_booked", (booked.id,), fees))


def wrong_amount(desk: Desk) -> Case:
    at, wrong = _soon(desk), _mistyped(desk)
    keyed = {"external_id": desk.key} if desk.draw.below(2) else {"memo": _told(desk)}
    booked = desk.enter(desk.net(wrong, **keyed), at)
    return desk.case(Stage(at, "wrong_amount", (booked.id,), wrong - desk.payout.cents))


def missing(desk: Desk) -> Case:
    return desk.case()


def lookalike(desk: Desk) -> Case:
    """Not booked; another amount is, under a memo that only looks like this payout's id."""
    memo = f"Adjustment {desk.payout.token}{desk.draw.pick(('9', 'x', '_2'))}"
    bank, other = desk.accounts(desk.payout.currency)[0], chart.account("overhead")
    lines = (Keyed(bank, 12_300), Keyed(other, -12_300))
    desk.enter(desk.draft("Journal", lines, memo=memo), _soon(desk))
    return desk.case()


def deleted(desk: Desk) -> Case:
    """Booked, and the booking deleted a week later."""
    at, later = desk.morning(1), desk.morning(8)
    booked = desk.enter(desk.net(external_id=desk.key), at)
    desk.delete(booked, later)
    gone = Stage(later, "missing", (), -desk.payout.cents)
    return desk.case(Stage(at, "matched", (booked.id,)), gone)


def voided(desk: Desk) -> Case:
    at, later = desk.morning(1), desk.morning(4)
    booked = desk.enter(desk.net(external_id=desk.key), at)
    desk.void(booked, later)
    return desk.case(
        Stage(at, "matched", (booked.id,)), Stage(later, "voided", (), -desk.payout.cents)
    )


def reversed_(desk: Desk) -> Case:
    at, later = desk.morning(1), desk.morning(4)
    booked = desk.enter(desk.net(type="Journal", external_id=desk.key), at)
    back = desk.net(-desk.payout.cents, "Journal", date=day_of(later), reverses=booked.id)
    reversal = desk.enter(back, later)
    return desk.case(
        Stage(at, "matched", (booked.id,)),
        Stage(later, "reversed", (booked.id, reversal.id), -desk.payout.cents),
    )


def split(desk: Desk) -> Case:
    """Two or three deposits, with the id and a count in each memo or with nothing."""
    count, at = desk.draw.between(2, 3), _soon(desk)
    memo = _told(desk) if desk.draw.below(2) else None
    drafts = [
        desk.net(cents, memo=f"{memo} {number}/{count}" if memo else _mute(desk))
        for number, cents in enumerate(_parts(desk, count), 1)
    ]
    booked = [desk.enter(draft, at + 60 * number) for number, draft in enumerate(drafts)]
    return desk.case(Stage(at + 60 * count, "split", tuple(it.id for it in booked)))


def unapproved(desk: Desk) -> Case:
    at = _soon(desk)
    booked = desk.enter(desk.full(external_id=desk.key, approved=False), at)
    return desk.case(Stage(at, "unapproved", (booked.id,), -desk.payout.cents))


def late(desk: Desk) -> Case:
    at = desk.morning(desk.draw.between(9, 16))
    booked = desk.enter(desk.net(external_id=desk.key, date=day_of(at)), at)
    return desk.case(Stage(at, "late", (booked.id,)))


def wrong_period(desk: Desk) -> Case:
    at = _soon(desk)
    next_month = (desk.payout.arrival.replace(day=1) + timedelta(days=32)).replace(day=1)
    booked = desk.enter(desk.net(external_id=desk.key, period=month_id(next_month)), at)
    return desk.case(Stage(at, "wrong_period", (booked.id,)))


def wrong_currency(desk: Desk) -> Case:
    """The same figure, in the account of another currency."""
    at, other = _soon(desk), "EUR" if desk.payout.currency == "USD" else "USD"
    bank, clearing = desk.accounts(other)
    lines = (Keyed(bank, desk.payout.cents), Keyed(clearing, -desk.payout.cents))
    head = {"currency": other, "subsidiary": chart.HOME[other], "external_id": desk.key}
    booked = desk.enter(desk.draft("Deposit", lines, **head), at)
    return desk.case(Stage(at, "wrong_currency", (booked.id,), -desk.payout.cents))


def wrong_subsidiary(desk: Desk) -> Case:
    """In the parent's books, which share Europe's bank account; elsewhere nothing to mistake."""
    if desk.payout.currency != "EUR":
        return deposit(desk)
    at = _soon(desk)
    booked = desk.enter(desk.net(external_id=desk.key, subsidiary=chart.US), at)
    return desk.case(Stage(at, "wrong_subsidiary", (booked.id,)))


# what nobody can tell apart


def tied_parts(desk: Desk) -> Case:
    """Two deposits make the payout, and so do two others of the same day that are none of it."""
    at, bank = _soon(desk), chart.bank(desk.payout.currency)
    true = [desk.net(cents) for cents in _parts(desk, 2, 37)]
    other = chart.clearing("paypal", desk.payout.currency)
    false = [
        desk.draft("Deposit", (Keyed(bank, cents), Keyed(other, -cents)))
        for cents in _parts(desk, 2, 21)
    ]
    ids = tuple(desk.enter(it, at + number).id for number, it in enumerate([*true, *false]))
    return desk.case(Stage(at + 4, "ambiguous", candidates=(ids[:2], ids[2:])))


def tied_amounts(desk: Desk) -> Case:
    """The payout, and another processor's money of the same amount on the same day."""
    at, bank, cents = _soon(desk), chart.bank(desk.payout.currency), desk.payout.cents
    other = chart.clearing("paypal", desk.payout.currency)
    first = desk.enter(desk.net(), at)
    lines = (Keyed(bank, cents), Keyed(other, -cents))
    second = desk.enter(desk.draft("Deposit", lines), at + 1)
    return desk.case(Stage(at + 2, "ambiguous", candidates=((first.id,), (second.id,))))


# payouts that came back, or never left


def failed_and_reversed(desk: Desk) -> Case:
    at, later = desk.morning(1), desk.morning(5)
    booked = desk.enter(desk.net(external_id=desk.key), at)
    back = desk.net(-desk.payout.cents, "Journal", date=day_of(later), memo=_told(desk))
    reversal = desk.enter(back, later)
    return desk.case(
        Stage(at, "matched", (booked.id,)),
        Stage(desk.payout.failed or at, "failed_not_reversed", (booked.id,), desk.payout.cents),
        Stage(later, "failed_reversed", (booked.id, reversal.id)),
    )


def failed_not_reversed(desk: Desk) -> Case:
    at = desk.morning(1)
    booked = desk.enter(desk.net(external_id=desk.key), at)
    left = Stage(desk.payout.failed or at, "failed_not_reversed", (booked.id,), desk.payout.cents)
    return desk.case(Stage(at, "matched", (booked.id,)), left)


def failed_not_booked(desk: Desk) -> Case:
    return desk.case(Stage(desk.payout.failed or 0, "failed_not_booked"))


def canceled(desk: Desk) -> Case:
    return Case(desk.payout, (Stage(0, "not_due"), Stage(desk.payout.canceled or 0, "canceled")))


def canceled_but_booked(desk: Desk) -> Case:
    at = desk.morning(1)
    booked = desk.enter(desk.net(external_id=desk.key), at)
    wrong = Stage(at, "canceled_booked", (booked.id,), desk.payout.cents)
    return Case(desk.payout, (*canceled(desk).stages, wrong))


# money the processor took back


def withdrawn(desk: Desk) -> Case:
    """A negative payout: the sides of the journal are turned."""
    at = _soon(desk)
    booked = desk.enter(desk.net(type="Journal", external_id=desk.key, memo=_mute(desk)), at)
    return desk.case(Stage(at, "matched", (booked.id,)))


# helpers of the wrong ones


def _unit(desk: Desk) -> int:
    """The smallest amount of the currency in NetSuite, in hundredths."""
    return 1 if chart.CURRENCIES[desk.payout.currency].precision else 100


def _mistyped(desk: Desk) -> int:
    """The amount as a hurried hand keys it in, positive and never right."""
    unit = _unit(desk)
    digits = list(str(desk.payout.cents // unit))
    places = [it for it in range(1, len(digits)) if digits[it] != digits[it - 1]]
    if not places or not desk.draw.below(3):
        return desk.payout.cents + unit
    place = desk.draw.pick(places)
    digits[place - 1], digits[place] = digits[place], digits[place - 1]
    return int("".join(digits)) * unit


def _parts(desk: Desk, count: int, percent: int = 0) -> list[int]:
    """Positive amounts that make the payout; the first is about so many per cent of it."""
    unit, left = _unit(desk), desk.payout.cents
    found: list[int] = []
    for _ in range(count - 1):
        share = percent or desk.draw.between(20, 45)
        found.append(max(unit, left * share // 100 // unit * unit))
        left -= found[-1]
    return [*found, left]


COMBINED: Final = None
"""In the deck: this payout is booked together with the following ones."""

DECK: tuple[Recipe | None, ...] = (
    *[journal] * 23, *[deposit] * 14, *[by_memo] * 12, *[by_amount] * 9, edited,
    voided_and_booked_again, *[duplicate] * 4, *[gross] * 5, *[wrong_amount] * 5,
    *[missing] * 5, lookalike, deleted, voided, reversed_, *[split] * 5, *[COMBINED] * 4,
    unapproved, late, late, wrong_period, wrong_currency, wrong_subsidiary,
    tied_parts, tied_amounts,
)  # fmt: skip
FAILED: tuple[Recipe, ...] = (failed_and_reversed, failed_not_reversed, failed_not_booked)
CANCELED: tuple[Recipe, ...] = (canceled, canceled, canceled_but_booked)
NEGATIVE: tuple[Recipe, ...] = (withdrawn, withdrawn, missing)
