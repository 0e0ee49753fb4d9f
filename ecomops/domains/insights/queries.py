"""Volume and fees by day, payouts by the day they arrive, and whether payouts tie out.

Row-level security names the tenant; a second condition would only mislead the planner.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from ecomops.domains.access.rules import require
from ecomops.domains.insights.days import AHEAD, Window, window
from ecomops.domains.insights.schemas import (
    Arrivals,
    AskInsights,
    CurrencyDays,
    DayMoney,
    Insights,
    TieOut,
    Untied,
)
from ecomops.domains.tables.counted import is_charged
from ecomops.domains.tables.filters import JUDGED
from ecomops.kit.context import Context

MOST_PAYOUTS = 10_000
"""So many payouts, the newest, are added up; a year of several a day is far less."""
LISTED = 5

_Day = tuple[str, int]
"""A currency, and the number of a day from 1."""
_DAY = "width_bucket(created_at, CAST(:midnights AS timestamptz[]))"
# Of an authorization and its capture, the capture is the money; of a shop's sale that Stripe
# charged, the charge, on whatever day.
# Materialized, or the planner would think of few rows and read them in another order.
_VOLUME = text(
    "WITH taken AS MATERIALIZED ("
    " SELECT created_at, currency, amount, source_id, charge_ref FROM payments"
    " WHERE created_at >= :begin AND created_at < :end"
    " AND status = 'completed' AND kind IN ('sale', 'capture'))"
    f" SELECT {_DAY}, currency, count(*), sum(amount) FROM taken WHERE NOT EXISTS"
    f" (SELECT FROM payments charge WHERE {is_charged('taken')}) GROUP BY 1, 2"
)
_SETTLED = text(
    "SELECT currency, sum(gross) FROM payout_lines WHERE created_at >= :begin"
    " AND created_at < :end AND reporting_category = 'charge' GROUP BY 1"
)
_FEES = text(
    f"SELECT {_DAY}, currency, sum(amount) FROM fees"
    " WHERE created_at >= :begin AND created_at < :end GROUP BY 1, 2"
)
_ARRIVALS = text(
    "SELECT arrival_date, currency, status, count(*), sum(amount) FROM payouts"
    " WHERE arrival_date BETWEEN :first AND :last"
    " GROUP BY arrival_date, currency, status, amount < 0 ORDER BY 1, 2, 3, 5 DESC"
)
# A line in another currency than its payout's is in no sum: the payout does not tie.
# Materialized, or the planner would add up the lines once for each place that names the sum.
_TIE_OUT = text(
    "WITH recent AS ("
    " SELECT id, arrival_date, source_id, currency, amount, contents_read_at FROM payouts"
    f" WHERE arrival_date >= :first AND {JUDGED}"
    " ORDER BY arrival_date DESC, id DESC LIMIT :most),"
    " added AS MATERIALIZED (SELECT recent.*,"
    "  (SELECT coalesce(sum(line.net), 0) FROM payout_lines line"
    "  WHERE line.payout_id = recent.id AND line.currency = recent.currency) AS lines"
    " FROM recent),"
    " judged AS (SELECT *, CASE WHEN contents_read_at IS NULL THEN 'unread'"
    "  WHEN lines = amount THEN 'tied' ELSE 'untied' END AS verdict FROM added),"
    " counted AS (SELECT *, count(*) OVER (PARTITION BY verdict) AS many, row_number()"
    "  OVER (PARTITION BY verdict ORDER BY arrival_date DESC, id DESC) AS place FROM judged)"
    " SELECT verdict, many, source_id, currency, amount, lines FROM counted"
    " WHERE place = 1 OR (verdict = 'untied' AND place <= :listed) ORDER BY verdict, place"
)


def get_insights(session: Session, ctx: Context, command: AskInsights) -> Insights:
    """What came in over the last thirty days, what is on its way, and whether it ties out."""
    require(ctx, "tables.view")
    days = window(session, command.today)
    return Insights(
        today=days.today,
        timezone=days.zone.key,
        money=_money(session, days),
        arrivals=_arrivals(session, days),
        tie_out=_tie_out(session, days.first),
    )


def _money(session: Session, days: Window) -> tuple[CurrencyDays, ...]:
    payments, volume, fees = Counter[_Day](), Counter[_Day](), Counter[_Day]()
    for number, currency, rows, units in session.execute(_VOLUME, days.bounds):
        payments[currency, number], volume[currency, number] = rows, int(units)
    for number, currency, units in session.execute(_FEES, days.bounds):
        fees[currency, number] = int(units)
    settled = {currency: int(units) for currency, units in session.execute(_SETTLED, days.bounds)}

    def days_of(currency: str) -> Iterator[DayMoney]:
        for number, day in enumerate(days.days, start=1):
            it = currency, number
            yield DayMoney(day, payments[it], volume[it], fees[it])

    currencies = {currency for currency, _ in volume.keys() | fees.keys()}
    told = (CurrencyDays(it, tuple(days_of(it)), settled.get(it, 0)) for it in sorted(currencies))
    return tuple(sorted(told, key=lambda it: -it.payments))


def _arrivals(session: Session, days: Window) -> tuple[Arrivals, ...]:
    values = {
        "first": days.first + timedelta(days=AHEAD),
        "last": days.today + timedelta(days=AHEAD),
    }
    return tuple(
        Arrivals(day, currency, status, payouts, int(units))
        for day, currency, status, payouts, units in session.execute(_ARRIVALS, values)
    )


def _tie_out(session: Session, first: date) -> TieOut:
    values: dict[str, Any] = {"first": first, "most": MOST_PAYOUTS, "listed": LISTED}
    rows = session.execute(_TIE_OUT, values).all()
    many = {row.verdict: row.many for row in rows}
    untied = [row for row in rows if row.verdict == "untied"]
    return TieOut(
        tied=many.get("tied", 0),
        untied=many.get("untied", 0),
        unread=many.get("unread", 0),
        untied_first=tuple(
            Untied(row.source_id, row.currency, row.amount, int(row.lines)) for row in untied
        ),
        capped=sum(many.values()) >= MOST_PAYOUTS,
    )
