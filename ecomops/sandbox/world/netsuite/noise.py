"""Business that has nothing to do with payouts, some of it on the same bank accounts."""

from collections.abc import Iterator
from datetime import date

from ecomops.sandbox.world.calendar import SECONDS_A_DAY, Calendar
from ecomops.sandbox.world.draw import Draw
from ecomops.sandbox.world.netsuite import chart
from ecomops.sandbox.world.netsuite.desk import NOISE_SLOT, POSTED_SLOT, day_of, id_at
from ecomops.sandbox.world.netsuite.entries import Draft, Event, Keyed

_ORDERS_PER_PAYMENT = 20
_CUSTOMERS = tuple(it.id for it in chart.ENTITIES if it.type == "CustJob")
_VENDORS = tuple(it.id for it in chart.ENTITIES if it.type == "Vendor")


def noise(calendar: Calendar, day: int) -> Iterator[Event]:
    """What else is booked on a day, and what becomes of it."""
    for number, draft in enumerate(_drafts(calendar, day)):
        draw = Draw(calendar.plan.seed, "noise", day, number)
        at = calendar.midnight(day) + draw.between(30_000, 70_000)
        id = id_at(calendar, at, NOISE_SLOT + number)
        event = Event(at, id, draft.entered(id, at, _rate(calendar, draft, day)))
        yield event
        yield from _aftermath(draw, event)


def _rate(calendar: Calendar, draft: Draft, day: int) -> int:
    books = chart.subsidiary(draft.subsidiary)
    base = books.currency if books else draft.currency
    return chart.rate(calendar.plan.seed, draft.currency, base, day)


def _aftermath(draw: Draw, event: Event) -> Iterator[Event]:
    """One in forty is voided some days later, one in forty deleted."""
    fate, later = draw.below(40), event.at + draw.between(1, 6) * SECONDS_A_DAY
    if fate == 0 and event.transaction:
        yield Event(later, event.id, event.transaction.voided_at(later))
    if fate == 1:
        yield Event(later, event.id, None)


def _drafts(calendar: Calendar, day: int) -> Iterator[Draft]:
    seed, today = calendar.plan.seed, day_of(calendar.midnight(day))
    room = POSTED_SLOT - NOISE_SLOT - 16
    for number in range(min(room, 1 + calendar.orders_on(day) // _ORDERS_PER_PAYMENT)):
        yield _customer_payment(Draw(seed, "payment", day, number), today)
    draw = Draw(seed, "business", day)
    if today.weekday() == 1:
        yield _vendor_bill(draw, today)
    if today.weekday() == 3:
        yield _vendor_payment(draw, today)
    if today.day == 28:
        for currency in ("USD", "EUR", "JPY", "KWD"):
            yield _bank_charge(draw, today, currency)
    if day % 9 == 4:
        yield _accrual(draw, today)
    if day % 11 == 6:
        yield _interest(draw, today)


def _pair(
    type: str, today: date, debit: int, credit: int, cents: int, currency: str = "USD"
) -> Draft:
    lines = (Keyed(debit, cents), Keyed(credit, -cents))
    return Draft(type, today, currency, chart.HOME[currency], lines)


def _customer_payment(draw: Draw, today: date) -> Draft:
    """A wholesale customer's cheque, into the lockbox account."""
    cents, who = draw.between(4_000, 900_000), draw.pick(_CUSTOMERS)
    draft = _pair("CustPymt", today, chart.LOCKBOX, chart.account("receivable"), cents)
    return draft._replace(entity=who, memo=f"Cheque {draw.between(1_000, 9_999)}")


def _vendor_bill(draw: Draw, today: date) -> Draft:
    cents = draw.between(20_000, 600_000)
    draft = _pair("VendBill", today, chart.account("overhead"), chart.account("payable"), cents)
    return draft._replace(entity=draw.pick(_VENDORS), memo="Rent and freight")


def _vendor_payment(draw: Draw, today: date) -> Draft:
    currency = draw.pick(("USD", "USD", "EUR"))
    cents, bank = draw.between(20_000, 600_000), chart.bank(currency)
    draft = _pair("VendPymt", today, chart.account("payable"), bank, cents, currency)
    return draft._replace(entity=draw.pick(_VENDORS))


def _bank_charge(draw: Draw, today: date, currency: str) -> Draft:
    cents = 100 * draw.between(9, 45)
    charges, bank = chart.account("bank_charges"), chart.bank(currency)
    return _pair("Check", today, charges, bank, cents, currency)._replace(memo="Account fees")


def _accrual(draw: Draw, today: date) -> Draft:
    """Somebody's estimate of fees, waiting for approval."""
    cents, fees = 100 * draw.between(50, 400), chart.account("fee")
    draft = _pair("Journal", today, fees, chart.account("payable"), cents)
    return draft._replace(memo="Fee accrual (draft)", approved=False)


def _interest(draw: Draw, today: date) -> Draft:
    currency = draw.pick(("USD", "EUR"))
    cents, bank = draw.between(120, 4_000), chart.bank(currency)
    exchange = chart.account("exchange")
    return _pair("Deposit", today, bank, exchange, cents, currency)._replace(memo="Bank interest")
