"""The two charts and the tiles of one currency, as text and lengths. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ecomops.domains.insights.days import AHEAD, DAYS
from ecomops.domains.insights.schemas import Arrivals, CurrencyDays, DayMoney, Insights
from ecomops.ui import format as fmt
from ecomops.ui import routes
from ecomops.ui.pages.dashboard.scale import Tick, ceiling, length, share, ticks

ARRIVED, EXPECTED, FAILED, DRAWN = "arrived", "expected", "failed", "drawn"
TONES = {"completed": ARRIVED, "pending": EXPECTED, "in_transit": EXPECTED,
         "failed": FAILED, "canceled": FAILED}  # fmt: skip
WORDS = {ARRIVED: "Arrived", EXPECTED: "On the way", FAILED: "Failed or canceled",
         DRAWN: "Drawn from the bank"}  # fmt: skip
STATUSES = {
    ARRIVED: ("completed",),
    EXPECTED: ("pending", "in_transit"),
    FAILED: ("failed", "canceled"),
    DRAWN: ("completed",),
}
LABELLED = 7
"""Every so many days the axis says which it is."""


@dataclass
class MoneyDay:
    """One day of the chart of volume and fees."""

    day: str
    axis: str
    payments: str
    volume: str
    fees: str
    volume_height: str
    fees_height: str
    payments_address: str
    fees_address: str


@dataclass
class Part:
    """The payouts of one fate, of one day or in all."""

    tone: str
    words: str
    payouts: str
    amount: str
    height: str
    address: str


@dataclass
class ArrivalDay:
    """One day of the chart of payouts."""

    day: str
    axis: str
    today: bool
    parts: list[Part]
    address: str


@dataclass
class Tile:
    """A figure and where it comes from."""

    label: str
    figure: str
    unit: str
    told: str
    tone: str
    address: str


def in_currency(found: Insights, currency: str) -> CurrencyDays:
    """The thirty days in one currency, all quiet where it only has payouts or nothing at all."""
    days = [found.today - timedelta(days=number) for number in reversed(range(DAYS))]
    quiet = CurrencyDays(currency, tuple(DayMoney(day) for day in days))
    return next((it for it in found.money if it.currency == currency), quiet)


def money_days(money: CurrencyDays) -> list[MoneyDay]:
    """The bars of volume and, on a scale of their own, of fees."""
    tops = ceiling(_most(day.volume for day in money.days)), ceiling(_most_fees(money))
    count = len(money.days)
    return [
        _money_day(money.currency, day, tops, axis=_is_labelled(count - 1 - number))
        for number, day in enumerate(money.days)
    ]


def _money_day(currency: str, it: DayMoney, tops: tuple[int, int], *, axis: bool) -> MoneyDay:
    where = {"currency": currency, "from": it.day.isoformat(), "to": it.day.isoformat()}
    return MoneyDay(
        day=fmt.day(it.day),
        axis=_short(it.day) if axis else "",
        payments=fmt.counted(it.payments, "payment"),
        volume=fmt.amount(it.volume, currency),
        fees=fmt.amount(it.fees, currency),
        volume_height=length(it.volume, tops[0]),
        fees_height=length(it.fees, tops[1]),
        payments_address=routes.rows("payments", status="completed", **where),
        fees_address=routes.rows("fees", **where),
    )


def volume_ticks(money: CurrencyDays) -> list[Tick]:
    return ticks(ceiling(_most(day.volume for day in money.days)))


def fee_ticks(money: CurrencyDays) -> list[Tick]:
    """Only its ends: the chart of fees is a low one."""
    return ticks(ceiling(_most_fees(money)))[::2]


def _most_fees(money: CurrencyDays) -> int:
    return _most(day.fees for day in money.days)


def _most(amounts: Iterable[int]) -> int:
    return max(amounts, default=0)


def arrival_days(arrivals: Sequence[Arrivals], currency: str, today: date) -> list[ArrivalDay]:
    """The bars of payouts, from three weeks ago to those that are still expected."""
    top = ceiling(_highest_day(arrivals))
    last = today + timedelta(days=AHEAD)
    days = [last - timedelta(days=number) for number in reversed(range(DAYS))]
    return [
        _arrival_day(day, today, currency, [it for it in arrivals if it.day == day], top)
        for day in days
    ]


def arrival_ticks(arrivals: Sequence[Arrivals]) -> list[Tick]:
    return ticks(ceiling(_highest_day(arrivals)))


def _highest_day(arrivals: Sequence[Arrivals]) -> int:
    days = {it.day for it in arrivals}
    return _most(sum(abs(it.amount) for it in arrivals if it.day == day) for day in days)


def _arrival_day(
    day: date, today: date, currency: str, found: Sequence[Arrivals], top: int
) -> ArrivalDay:
    statuses = sorted({it.status for it in found})
    distance = (day - today).days
    return ArrivalDay(
        day=fmt.day(day),
        axis="Today" if not distance else _short(day) if _is_labelled(distance) else "",
        today=not distance,
        parts=parts_of(found, currency, top),
        address=_by_arrival(currency, statuses, [day]),
    )


def parts_of(found: Sequence[Arrivals], currency: str, top: int = 0) -> list[Part]:
    """Payouts by their fate, those that have none left out; heights are of ``top``."""
    return [
        _part(tone, some, currency, top)
        for tone in WORDS
        if (some := [it for it in found if _tone(it) == tone])
    ]


def _part(tone: str, found: Sequence[Arrivals], currency: str, top: int) -> Part:
    total = sum(it.amount for it in found)
    return Part(
        tone=tone,
        words=WORDS[tone],
        payouts=fmt.counted(sum(it.payouts for it in found), "payout"),
        amount=fmt.amount(total, currency),
        height=length(sum(abs(it.amount) for it in found), top),
        address=_by_arrival(currency, STATUSES[tone], [it.day for it in found], **_sign(tone)),
    )


def _tone(it: Arrivals) -> str:
    return DRAWN if it.amount < 0 and it.status == "completed" else TONES[it.status]


def _sign(tone: str) -> dict[str, str]:
    """What was drawn is completed too, but negative."""
    return {ARRIVED: {"min": "0"}, DRAWN: {"max": "-0.0001"}}.get(tone, {})


def _by_arrival(
    currency: str, statuses: Sequence[str], days: Sequence[date], **amounts: str
) -> str:
    """Payouts of these statuses that arrive from the first of the days to the last."""
    span = {"arrives_from": f"{min(days)}", "arrives_to": f"{max(days)}"} if days else {}
    order = {"sort": "arrival_date", "dir": "desc"}
    return routes.rows("payouts", status=statuses, currency=currency, **span, **amounts, **order)


def tiles(money: CurrencyDays, arrivals: Sequence[Arrivals], today: date) -> list[Tile]:
    """Volume, fees and what is on its way, in one currency."""
    currency, days = money.currency, money.days
    where = {"currency": currency, "from": days[0].day.isoformat(),
             "to": days[-1].day.isoformat()}  # fmt: skip
    fees = share(money.fees, money.settled)
    volume = Tile(
        "Volume, 30 days",
        fmt.amount(money.volume, currency),
        currency,
        fmt.counted(money.payments, "payment"),
        "",
        routes.rows("payments", status="completed", **where),
    )
    cost = Tile(
        "Fees, 30 days",
        fmt.amount(money.fees, currency),
        currency,
        f"{fees} of settled volume" if fees else "Nothing settled",
        "",
        routes.rows("fees", **where),
    )
    return [volume, cost, _on_the_way(arrivals, currency, today)]


def _on_the_way(arrivals: Sequence[Arrivals], currency: str, today: date) -> Tile:
    coming = [it for it in arrivals if TONES[it.status] == EXPECTED]
    following = min((it.day for it in coming if it.day >= today), default=None)
    payouts = fmt.counted(sum(it.payouts for it in coming), "payout")
    told = f"{payouts}, next {_when(following, today)}" if following else payouts
    return Tile(
        "On the way to the bank",
        fmt.amount(sum(it.amount for it in coming), currency),
        currency,
        told if coming else "No payout is on its way",
        "",
        _by_arrival(currency, STATUSES[EXPECTED], [it.day for it in coming]),
    )


def _when(day: date, today: date) -> str:
    return "today" if day == today else "tomorrow" if (day - today).days == 1 else _short(day)


def _short(day: date) -> str:
    """``16 Feb``."""
    return fmt.day(day).rpartition(" ")[0]


def _is_labelled(days_away: int) -> bool:
    return days_away % LABELLED == 0
