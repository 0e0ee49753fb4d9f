"""What needs somebody and what does not tie out, as lines that lead to where it is. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from ecomops.domains.insights.days import DAYS
from ecomops.domains.insights.schemas import Attention, DisputeDue, TieOut, Untied
from ecomops.domains.tables.schemas import Count
from ecomops.ui import format as fmt
from ecomops.ui import routes
from ecomops.ui.pages.dashboard.money import STATUSES, Tile
from ecomops.ui.pages.dashboard.scale import length, share

SOON_DAYS = 14
"""A trial that ends within so many days is among what needs somebody."""


@dataclass
class Need:
    """One line: what it is, what is behind it, and where that is."""

    icon: str
    tone: str
    title: str
    told: str
    address: str


@dataclass
class Verdict:
    """How many payouts tie out, do not, or cannot be told of yet."""

    tone: str
    words: str
    payouts: str
    width: str
    address: str


@dataclass
class Difference:
    """A payout that is not the sum of its lines."""

    payout: str
    amount: str
    lines: str
    difference: str
    address: str


def needs_of(it: Attention, ties: TieOut, zone: str) -> list[Need]:
    """The most urgent first; nothing where nobody is needed."""
    return [
        *_broken(it),
        *_disputes(it, zone),
        *_untied(ties, it.today),
        *_payouts(it),
        *_records(it),
    ]


def trial_need(days_left: int | None, *, expired: bool, address: str) -> list[Need]:
    """A trial that ends soon or has ended."""
    told = "Upgrade to keep adding and syncing"
    if expired:
        return [Need("clock", "red", "Your trial has ended", told, address)]
    if days_left is None or days_left > SOON_DAYS:
        return []
    when = f"in {fmt.counted(days_left, 'day')}" if days_left else "today"
    return [Need("clock", "amber", f"Your trial ends {when}", told, address)]


def _broken(it: Attention) -> Iterator[Need]:
    if it.broken_connections:
        many = it.broken_connections > 1
        told = "Nothing new comes in until they are mended" if many else (
            "Nothing new comes in until it is mended"
        )  # fmt: skip
        title = (
            f"{fmt.counted(it.broken_connections, 'connection')} {_verb(many, 'need')} attention"
        )
        yield Need("plug-zap", "red", title, told, routes.CONNECTIONS)
    if it.failed_jobs.value:
        title = f"{_counted(it.failed_jobs, 'job')} failed"
        told = "In the last 7 days, and not made up for since"
        yield Need("activity", "red", title, told, routes.JOBS)


def _disputes(it: Attention, zone: str) -> Iterator[Need]:
    for dispute in it.disputes_first:
        yield _dispute(dispute, it, zone)
    more = it.disputes.value - len(it.disputes_first)
    if more > 0:
        title = f"{fmt.capped(more, it.disputes.capped)} more {_plural(more, 'dispute')}"
        where = routes.rows("disputes", status="needs_response", sort="evidence_due_at", dir="asc")
        yield Need("scale", "amber", title, "They wait for an answer too", where)


def _dispute(dispute: DisputeDue, it: Attention, zone: str) -> Need:
    due = dispute.due_at
    late = due is not None and due.date() < it.today
    ending = f"by {fmt.moment(due, zone)}" if due else "soon"
    money = f"{fmt.amount(dispute.amount, dispute.currency)} {dispute.currency}"
    return Need(
        "scale",
        "red" if late else "amber",
        f"Dispute of {money}",
        f"The evidence was due {ending}" if late else f"Answer {ending}",
        routes.rows("disputes", q=dispute.source_id),
    )


def _untied(ties: TieOut, today: date) -> Iterator[Need]:
    if ties.untied:
        title = f"{fmt.counted(ties.untied, 'payout')} {_verb(ties.untied > 1, 'do')} not tie out"
        yield Need("unlink", "red", title, "The lines do not add up to the amount",
                   _judged("untied", today))  # fmt: skip


def _payouts(it: Attention) -> Iterator[Need]:
    since = it.today - timedelta(days=DAYS - 1)
    if it.failed_payouts.value:
        title = f"{_counted(it.failed_payouts, 'payout')} failed"
        where = routes.rows("payouts", status="failed", **{"from": since.isoformat()})
        yield Need("ban", "red", title, "In the last 30 days; the money is back with the provider",
                   where)  # fmt: skip
    if it.overdue_payouts.value:
        many = it.overdue_payouts.value > 1
        title = f"{_counted(it.overdue_payouts, 'payout')} {'are' if many else 'is'} late"
        before = f"{it.today - timedelta(days=1)}"
        where = routes.rows("payouts", status=STATUSES["expected"], arrives_to=before,
                            sort="arrival_date", dir="asc")  # fmt: skip
        yield Need("hourglass", "amber", title, "Expected before today, not reported as arrived",
                   where)  # fmt: skip


def _records(it: Attention) -> Iterator[Need]:
    if it.rejects.value:
        title = f"{_counted(it.rejects, 'record')} could not be read"
        yield Need("file-x", "amber", title, "Kept whole, with the reason", routes.REJECTS)


def verdicts_of(ties: TieOut, today: date) -> list[Verdict]:
    """The three counts, and their lengths in one bar."""
    total = ties.tied + ties.untied + ties.unread
    told = (
        ("tied", "Tie out", ties.tied),
        ("untied", "Do not tie out", ties.untied),
        ("unread", "Lines not read yet", ties.unread),
    )
    return [
        Verdict(tone, words, fmt.number(many), length(many, total), _judged(tone, today))
        for tone, words, many in told
    ]


def _judged(ties: str, today: date) -> str:
    """The payouts of the last thirty days that are so."""
    since = f"{today - timedelta(days=DAYS - 1)}"
    return routes.rows("payouts", arrives_from=since, ties=ties, sort="arrival_date", dir="desc")


def differences_of(ties: TieOut) -> list[Difference]:
    """The newest payouts that do not tie, each with what is missing or too much."""
    return [_difference(it) for it in ties.untied_first]


def _difference(it: Untied) -> Difference:
    return Difference(
        payout=it.source_id.rpartition("/")[2],
        amount=f"{fmt.amount(it.amount, it.currency)} {it.currency}",
        lines=fmt.amount(it.lines, it.currency),
        difference=f"{fmt.amount(it.lines - it.amount, it.currency)} {it.currency}",
        address=routes.rows("payouts", q=it.source_id),
    )


def tie_tile(ties: TieOut, today: date) -> Tile:
    """How much of what was read ties out."""
    read = ties.tied + ties.untied
    if not read:
        return Tile("Ties out", "\N{EN DASH}", "", "No payout's lines are read yet", "", "")
    told = f"{fmt.number(ties.tied)} of {fmt.counted(read, 'payout')}"
    tone = "bad" if ties.untied else "good"
    where = _judged("untied" if ties.untied else "tied", today)
    return Tile("Ties out", share(ties.tied, read), "", told, tone, where)


def _counted(count: Count, noun: str) -> str:
    return f"{fmt.capped(count.value, count.capped)} {_plural(count.value, noun)}"


def _plural(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"


def _verb(many: bool, verb: str) -> str:
    return verb if many else {"need": "needs", "do": "does"}[verb]
