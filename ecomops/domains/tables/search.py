"""Rows by an id or a reference, or by how one begins.

A prefix is a range of text, since LIKE is not leakproof and row-level security would keep it from
an index; the database compares text by code points. Each range is one probe of one index. Up to a
thousand rows found that way are then read by their keys. Where there are more, the ranges are a
condition like any other: what is that frequent is met soon in any order.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, or_
from sqlmodel import Session

from ecomops.domains.tables.catalog import TABLES, Searched, TableSpec
from ecomops.kit.database import driver_of
from ecomops.kit.statements import Values, bound

FEW = 1_000
LONGEST = 200

_FROM, _TO = "search_{}_from", "search_{}_to"
_OWN = (
    "(SELECT id FROM {table} WHERE {column} >= %({low})s AND {column} < %({high})s{partial}"
    " ORDER BY {column} LIMIT {limit})"
)
_OF_PARENT = (
    "(SELECT c.id FROM {parent} p JOIN {table} c ON c.{link} = p.id"
    " WHERE p.{column} >= %({low})s AND p.{column} < %({high})s"
    " ORDER BY p.{column} LIMIT {limit})"
)


def problem_of(text: str) -> str | None:
    """What is wrong with ``text`` as a search; None if nothing is."""
    if len(text) > LONGEST:
        return f"Search for up to {LONGEST} characters."
    return None if text.isprintable() else "Search for an id as it is written, in one line."


def few_matches(session: Session, spec: TableSpec, text: str) -> list[UUID] | None:
    """The ids of the rows that ``text`` finds; None where they are more than a few."""
    statement = _probes(spec.name, text[0].isdigit())
    found = driver_of(session).execute(statement, range_values(spec, text))
    ids = [row_id for (row_id,) in found]
    return list(dict.fromkeys(ids)) if len(ids) <= FEW else None


def in_ranges(spec: TableSpec, values: Values) -> ColumnElement[bool]:
    """The condition on a row whose values are ``range_values``."""
    columns = spec.table.c
    return or_(*(
        and_(columns[searched.column] >= bound(values, _FROM.format(number), String),
             columns[searched.column] < bound(values, _TO.format(number), String))
        for number, searched, _ in _ranges(spec) if not searched.parent
    ))  # fmt: skip


def range_values(spec: TableSpec, text: str) -> dict[str, Any]:
    """From where to where each searched column lies for ``text``."""
    values = {}
    for number, _, before in _ranges(spec):
        values[_FROM.format(number)] = before + text
        values[_TO.format(number)] = before + behind(text)
    return values


def behind(prefix: str) -> str:
    """The first text behind all that begin with ``prefix``, which is printable."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def _ranges(spec: TableSpec) -> Iterator[tuple[int, Searched, str]]:
    pairs = ((searched, before) for searched in spec.searched for before in searched.before)
    return ((number, *pair) for number, pair in enumerate(pairs))


@cache
def _probes(table: str, is_number: bool) -> bytes:
    """All probes as one statement; of a path of Shopify's, only numbers are left out."""
    ranges = [it for it in _ranges(TABLES[table]) if is_number or not it[2].endswith("/")]
    probes = (_probe(table, number, searched) for number, searched, _ in ranges)
    return f"{' UNION ALL '.join(probes)} LIMIT {FEW + 1}".encode()


def _probe(table: str, number: int, searched: Searched) -> str:
    return (_OF_PARENT if searched.parent else _OWN).format(
        table=table,
        parent=searched.parent,
        link=searched.link,
        column=searched.column,
        partial=f" AND {searched.partial}" if searched.partial else "",
        low=_FROM.format(number),
        high=_TO.format(number),
        limit=FEW + 1,
    )
