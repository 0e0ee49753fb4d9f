"""Volume and fees by day, payouts by the day they arrive, and whether payouts tie out.

Row-level security names the tenant; a second condition would only mislead the planner.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import TextClause, text
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
from ecomops.domains.tables.filters import JUDGED
from ecomops.kit.context import Context

MOST_PAYOUTS = 10_000
"""So many payouts, the newest, are added up; a year of several a day is far less."""
LISTED = 5

_DAY = "width_bucket(created_at, CAST(:midnights AS timestamptz[]))"
# Of an authorization and its capture, the capture is the money; of a shop's sale that Stripe
# charged, the charge, where both are stored.
# Materialized, or the planner would think of few rows and read them in another order.
_VOLUME = text(
    "WITH taken AS MATERIALIZED ("
    " SELECT created_at, currency, amount, source_id, charge_ref FROM payments"
    " WHERE created_at >= :begin AND created_at < :end"
    " AND status = 'completed' AND kind IN ('sale', 'capture'))"
    f" SELECT {_DAY}, currency, count(*), sum(amount) FROM taken"
    " WHERE NOT (charge_ref <> source_id AND EXISTS (SELECT FROM payments charge"
    "  WHERE charge.dedupe_key = 'stripe:' || taken.charge_ref)) GROUP BY 1, 2"
)
_FEES = text(
    f"SELECT {_DAY}, currency, 0, sum(amount) FROM fees"
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
    volume, fees = _by_currency(session, _VOLUME, days), _by_currency(session, _FEES, days)
    told = [
        CurrencyDays(currency, tuple(_days(days, volume[currency], fees[currency])))
        for currency in sorted(volume.keys() | fees.keys())
    ]
    return tuple(sorted(told, key=lambda it: -it.payments))


def _by_currency(
    session: Session, statement: TextClause, days: Window
) -> dict[str, dict[int, tuple[int, int]]]:
    """Currency → number of the day, from 1 → rows and their sum."""
    found: dict[str, dict[int, tuple[int, int]]] = defaultdict(dict)
    for number, currency, rows, units in session.execute(statement, days.bounds):
        found[currency][number] = (rows, int(units))
    return found


def _days(
    days: Window, volume: dict[int, tuple[int, int]], fees: dict[int, tuple[int, int]]
) -> Iterable[DayMoney]:
    for number, day in enumerate(days.days, start=1):
        payments, units = volume.get(number, (0, 0))
        yield DayMoney(day, payments, units, fees.get(number, (0, 0))[1])


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
