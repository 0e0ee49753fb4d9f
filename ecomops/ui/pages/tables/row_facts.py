"""One row in detail, as its panel writes it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecomops.domains.tables.catalog import TABLES, Column, all_columns
from ecomops.domains.tables.schemas import LineGroup, Makeup, RelatedRow, RowDetail, RowEvent
from ecomops.ui import format as fmt
from ecomops.ui.components.providers import NAMES
from ecomops.ui.pages.tables.address import View, page_address
from ecomops.ui.pages.tables.rows import cell, shown_id

_CONNECTION = Column("connection", "Connection", "text")


@dataclass
class Fact:
    """A field and its value as text; ``exact`` is what a person would want to copy."""

    label: str
    text: str
    exact: str
    kind: str


@dataclass
class Relative:
    """A row that belongs to this one; ``address`` opens it in its table."""

    relation: str
    name: str
    status: str
    amount: str
    address: str


@dataclass
class EventLine:
    """What the audit log says of how the row came in."""

    action: str
    actor: str
    when: str


@dataclass
class RowFacts:
    """What the panel shows of a row."""

    id: str
    title: str
    source_id: str
    status: str
    provider: str
    provider_url: str
    money: list[Fact]
    facts: list[Fact]
    relatives: list[Relative]
    more: list[str]


def row_facts(detail: RowDetail, zone: str) -> RowFacts:
    """Everything, the money first."""
    values = detail.values
    columns = all_columns(detail.at.table)
    money = [column for column in columns if column.kind == "money"]
    others = [column for column in columns if not _is_above(column)]
    return RowFacts(
        id=str(detail.at.row_id),
        title=shown_id(values["source_id"]),
        source_id=str(values["source_id"]),
        status=fmt.words(str(values["status"])),
        provider=NAMES.get(str(values.get("source")), ""),
        provider_url=detail.provider_url or "",
        money=[_money(column, values) for column in money if values[column.name] is not None],
        facts=[_fact(column, values, zone) for column in (*others, _CONNECTION)],
        relatives=[relative(row) for row in detail.related],
        more=[_more(detail, relation, count) for relation, count in detail.more_related.items()],
    )


@dataclass
class MakeupRow:
    """The lines of one category, as text."""

    category: str
    lines: str
    gross: str
    fee: str
    net: str


@dataclass
class MakeupFacts:
    """What a payout is made of. ``tone`` is empty, ``good`` or ``bad``."""

    rows: list[MakeupRow]
    total: MakeupRow
    verdict: str
    tone: str
    lines_address: str


def makeup_facts(makeup: Makeup, source_id: str) -> MakeupFacts:
    """The categories, their total, and whether that is the payout."""
    verdict, tone = _verdict(makeup)
    return MakeupFacts(
        rows=[_group(group, makeup.currency) for group in makeup.groups],
        total=_group(makeup.total, makeup.currency),
        verdict=verdict,
        tone=tone,
        lines_address=page_address(View("payout_lines", search=source_id)),
    )


def _group(group: LineGroup, usual: str) -> MakeupRow:
    def money(units: int) -> str:
        return fmt.amount(units, group.currency)

    named = fmt.words(group.category)
    return MakeupRow(
        named if group.currency == usual else f"{named}, {group.currency}",
        fmt.number(group.lines),
        money(group.gross),
        money(group.fee),
        money(group.net),
    )


_NOT_JUDGED = {
    "none": "The provider tells no lines of this payout.",
    "unread": "Its lines are not read to the end yet.",
    "moot": "It failed or was canceled, so its lines are not read to the end.",
}


def _verdict(makeup: Makeup) -> tuple[str, str]:
    if makeup.lines_are in _NOT_JUDGED:
        return _NOT_JUDGED[makeup.lines_are], ""
    off = makeup.amount - makeup.total.net
    if not off:
        return "Ties out: the payout is the sum of its lines.", "good"
    by = f"{fmt.amount(abs(off), makeup.currency)} {makeup.currency}"
    return f"Does not tie out: the lines are {by} {'short' if off > 0 else 'over'}.", "bad"


def _is_above(column: Column) -> bool:
    """Whether the panel shows it before the list of its fields."""
    return column.kind in ("money", "status") or column.name == "source_id"


def _money(column: Column, values: Mapping[str, Any]) -> Fact:
    currency = str(values.get(column.currency_of or "currency") or "")
    text = f"{fmt.amount(values[column.name], currency)} {currency}".strip()
    return Fact(column.label, text, text, "money")


def _fact(column: Column, values: Mapping[str, Any], zone: str) -> Fact:
    text = cell(column, values, zone)
    exact = str(values[column.name]) if column.kind == "id" and text else text
    return Fact(column.label, text, exact, column.kind)


def relative(row: RelatedRow) -> Relative:
    """The row as a link to its table, found by its id and opened."""
    known = row.status in TABLES[row.at.table].statuses
    opened = View(row.at.table, search=row.source_id, row=row.at.row_id)
    return Relative(
        relation=fmt.words(row.relation),
        name=shown_id(row.source_id),
        status=fmt.words(row.status) if known else "",
        amount=f"{fmt.amount(row.amount, row.currency)} {row.currency}",
        address=page_address(opened),
    )


def _more(detail: RowDetail, relation: str, count: int) -> str:
    listed = sum(row.relation == relation for row in detail.related)
    return f"{fmt.words(relation)}: {fmt.number(listed)} of {fmt.number(count)} are listed."


def event_line(event: RowEvent, zone: str) -> EventLine:
    """The event in words."""
    return EventLine(fmt.words(event.action), event.actor, fmt.moment(event.occurred_at, zone))
