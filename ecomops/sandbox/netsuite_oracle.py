"""The NetSuite part of the answer key: what the books add up to, and the truth of each payout.

It is told from what the bookkeeper decided as it booked, never from served rows and never by
looking for matches.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ecomops.sandbox.world.calendar import Calendar
from ecomops.sandbox.world.netsuite import chart
from ecomops.sandbox.world.netsuite.bookkeeper import Bookkeeper
from ecomops.sandbox.world.netsuite.desk import Case
from ecomops.sandbox.world.netsuite.entries import Posting, Transaction
from ecomops.sandbox.world.netsuite.periods import periods

Json = dict[str, Any]
Key = Callable[[Transaction, Posting], str]
_PLACES = {"JPY": 0, "KWD": 3}
_LISTS: dict[str, Sequence[chart.Account | chart.Subsidiary | chart.Segment]] = {
    "account": tuple(chart.ACCOUNTS.values()),
    "subsidiary": chart.SUBSIDIARIES,
    "department": chart.DEPARTMENTS,
    "classification": chart.CLASSES,
    "location": chart.LOCATIONS,
}


def exact(cents: int, currency: str) -> str:
    """Hundredths as a decimal in the currency's own places (ISO 4217)."""
    places = _PLACES.get(currency, 2)
    return str(Decimal(cents).scaleb(-2).quantize(Decimal(1).scaleb(-places)))


class Sums:
    """Counts and sums of lines by a key and a currency, in hundredths."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])

    def add(self, key: str, currency: str, cents: int) -> None:
        kept = self._sums[key, currency]
        kept[0] += 1
        kept[1] += max(cents, 0)
        kept[2] += max(-cents, 0)

    def told(self) -> dict[str, Json]:
        """``{key: {CURRENCY: {"count", "debit", "credit", "amount"}}}``"""
        found: dict[str, Json] = {}
        for (key, currency), (count, debit, credit) in sorted(self._sums.items()):
            found.setdefault(key, {})[currency] = {
                "count": count,
                "debit": exact(debit, currency),
                "credit": exact(credit, currency),
                "amount": exact(debit - credit, currency),
            }
        return found


class NetsuiteRecorder:
    """Follows the bookkeeper day by day up to an instant."""

    def __init__(self, calendar: Calendar, bookkeeper: Bookkeeper, now: int) -> None:
        self._calendar, self._now = calendar, now
        self._books: dict[int, Transaction | None] = {}
        self._cases: list[Case] = []
        events = []
        for day in range(calendar.day_of(now - 1) + 1):
            book = bookkeeper.book(day)
            events += [event for event in book.events if event.at < now]
            self._cases += [case for case in book.cases if case.payout.created < now]
        for event in sorted(events, key=lambda it: (it.at, it.id)):
            self._books[event.id] = event.transaction

    def told(self) -> Json:
        standing = [it for it in self._books.values() if it is not None]
        tracked = [it for it in standing if touches_tracked(it)]
        return {
            "tracked_accounts": {
                kind: list(map(str, chart.tracked(kind))) for kind in chart.TRACKED
            },
            "lists": self._lists(),
            "transactions": {
                "count": len(standing),
                "by_type": _counted(it.type for it in standing),
                "by_status": _counted(it.canonical_status for it in standing),
                "deleted": len(self._books) - len(standing),
                "lines": sum(len(it.postings) for it in standing),
            },
            "netsuite_transactions": _lines(tracked),
            "payouts": {case.payout.id: self._verdict(case) for case in self._cases},
            "payouts_by_reason": _counted(case.at(self._now).reason for case in self._cases),
        }

    def _verdict(self, case: Case) -> Json:
        stage, paid = case.at(self._now), case.payout
        told: Json = {
            "source": paid.source,
            "currency": paid.currency,
            "amount": exact(paid.cents, paid.currency),
            "match": _texts(stage.match),
            "reason": stage.reason,
            "difference": exact(stage.difference, paid.currency),
        }
        if stage.candidates:
            told["candidates"] = [_texts(ids) for ids in stage.candidates]
        return told

    def _lists(self) -> Json:
        today = datetime.fromtimestamp(self._now, UTC).date()
        opened = datetime.fromtimestamp(self._calendar.midnight(0), UTC).date()
        known = list(periods(opened, today))
        counts: Json = {
            name: {"count": len(found), "inactive": sum(it.inactive for it in found)}
            for name, found in _LISTS.items()
        }
        counts["currency"] = {"count": len(chart.CURRENCIES), "inactive": 0}
        counts["accountingperiod"] = {
            "count": len(known),
            "closed": sum(it.closed for it in known),
            "locked": sum(it.locked for it in known),
            "by_kind": _counted(it.kind for it in known),
        }
        return counts


def touches_tracked(transaction: Transaction) -> bool:
    return any(line.account in chart.ALL_TRACKED for line in transaction.postings)


def _texts(ids: Iterable[int]) -> list[str]:
    return [str(id) for id in ids]


def _counted(words: Iterable[Hashable]) -> Json:
    return {str(word): count for word, count in sorted(Counter(words).items(), key=str)}


def _lines(transactions: list[Transaction]) -> Json:
    """All lines of these transactions, in their own currency and in that of the books."""
    keys: dict[str, Key] = {
        "totals": lambda it, line: "",
        "by_status": lambda it, line: it.canonical_status,
        "by_account": lambda it, line: str(line.account),
        "by_type": lambda it, line: it.type,
    }
    sums = {name: Sums() for name in (*keys, "base_totals")}
    for it in transactions:
        books = chart.subsidiary(it.subsidiary)
        for line in it.postings:
            for name, key in keys.items():
                sums[name].add(key(it, line), it.currency, line.cents)
            if books:
                sums["base_totals"].add("", books.currency, line.base_cents)
    told: Json = {name: found.told() for name, found in sums.items()}
    for name in ("totals", "base_totals"):
        told[name] = told[name].get("", {})
    count = sum(len(it.postings) for it in transactions)
    return {"count": count, "transactions": len(transactions), **told}
