"""What belongs to a row, in both directions: order, payment, refund or dispute, payout line, fees,
payout, NetSuite.

Each relation is found by an index. A NetSuite record is that of a payout when its external id is
the payout's, or when it has the payout's amount and names the payout in its memo.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlmodel import Session

from ecomops.domains.tables.catalog import TABLES, shopify_id
from ecomops.domains.tables.schemas import RelatedRow, RowAddress
from ecomops.kit.database import driver_of

LISTED = 20
"""Rows of one relation; a payout may have a hundred thousand lines."""

_TABLE_OF = {
    "order": "orders", "payment": "payments", "charge": "payments", "refund": "refunds",
    "dispute": "disputes", "payout_line": "payout_lines", "fee": "fees", "payout": "payouts",
    "netsuite": "netsuite_transactions", "same_transaction": "netsuite_transactions",
}  # fmt: skip
_VALUE = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True)
class Relation:
    """Rows of another table for which ``where`` holds, given the values of the row."""

    name: str
    where: str

    @property
    def table(self) -> str:
        return _TABLE_OF[self.name]

    @cached_property
    def needs(self) -> frozenset[str]:
        """The values without which there is nothing to find."""
        return frozenset(_VALUE.findall(self.where))


def _lines(link: str) -> str:
    return f"object_ref = %(source_id)s AND {link} = %(id)s"


def _through_lines(link: str) -> tuple[Relation, ...]:
    """The lines of a row that moved the balance, their fees, and where the money went."""
    lines = f"FROM payout_lines WHERE {_lines(link)}"
    return (
        Relation("payout_line", _lines(link)),
        Relation("fee", f"payout_line_id IN (SELECT id {lines})"),
        Relation("payout", f"id IN (SELECT payout_id {lines})"),
    )


_ORDER = Relation("order", "id = %(order_id)s")
# Shopify's sale and Stripe's charge are the same money.
_CHARGES = (
    "FROM payments sale JOIN payments charge ON charge.dedupe_key = 'stripe:' || sale.charge_ref"
    " AND sale.charge_ref <> sale.source_id AND sale.order_id = %(id)s"
)
_PAYMENT = Relation("payment", "id = %(payment_id)s")
_PAYOUT = Relation("payout", "id = %(payout_id)s")
_LINE_OF_FEE = "FROM payout_lines WHERE id = %(payout_line_id)s"
_RELATIONS = {
    "orders": (
        Relation("payment", "order_id = %(id)s"),
        Relation("charge", f"id IN (SELECT charge.id {_CHARGES})"),
        Relation("refund", "order_ref = %(source_id)s AND order_id = %(id)s"),
        Relation("dispute", "payment_id IN (SELECT id FROM payments WHERE order_id = %(id)s)"),
        Relation("payout", "id IN (SELECT l.payout_id FROM payments p JOIN payout_lines l"
                 " ON l.object_ref = p.source_id AND l.payment_id = p.id"
                 " WHERE p.order_id = %(id)s UNION ALL SELECT l.payout_id"
                 f" {_CHARGES} JOIN payout_lines l ON l.object_ref = charge.source_id"
                 " AND l.payment_id = charge.id)"),
    ),
    "payments": (
        _ORDER,
        Relation("order", "id IN (SELECT order_id FROM payments"
                 " WHERE charge_ref = %(source_id)s AND charge_ref <> source_id)"),
        Relation("charge", "dedupe_key = 'stripe:' || %(charge_ref)s AND id <> %(id)s"),
        Relation("payment", "charge_ref = %(source_id)s AND charge_ref <> source_id"),
        Relation("refund", "payment_id = %(id)s"),
        Relation("dispute", "payment_id = %(id)s"),
        *_through_lines("payment_id"),
    ),
    "refunds": (_ORDER, _PAYMENT, *_through_lines("refund_id")),
    "disputes": (
        Relation("order", "id IN (SELECT order_id FROM payments WHERE id = %(payment_id)s)"),
        _PAYMENT,
        *_through_lines("dispute_id"),
    ),
    "payout_lines": (
        _ORDER, _PAYMENT,
        Relation("refund", "id = %(refund_id)s"),
        Relation("dispute", "id = %(dispute_id)s"),
        Relation("fee", "payout_line_id = %(id)s"),
        _PAYOUT,
    ),
    "fees": (
        Relation("payout_line", "id = %(payout_line_id)s"),
        Relation("payment", f"id IN (SELECT payment_id {_LINE_OF_FEE})"),
        Relation("payout", f"id IN (SELECT payout_id {_LINE_OF_FEE})"),
    ),
    "payouts": (
        Relation("payout_line", "payout_id = %(id)s"),
        Relation("netsuite", "id IN (SELECT id FROM netsuite_transactions"
                 " WHERE external_id = %(name)s UNION ALL SELECT id FROM netsuite_transactions"
                 " WHERE amount IN (%(amount)s, -%(amount)s) AND memo ~ %(named)s)"),
    ),
    "netsuite_transactions": (
        Relation("payout", "dedupe_key = ANY(%(payout_keys)s)"),
        Relation("same_transaction", "internal_id = %(internal_id)s"
                 " AND connection_id = %(connection_id)s AND id <> %(id)s"),
    ),
}  # fmt: skip
_SELECT = (
    "SELECT id, source_id, status, amount, currency FROM {table} WHERE {where}"
    " ORDER BY created_at, id LIMIT {limit}"
)
_COUNT = "SELECT count(*) FROM {table} WHERE {where}"


def related_rows(
    session: Session, table: str, row: Mapping[str, Any]
) -> tuple[tuple[RelatedRow, ...], dict[str, int]]:
    """The rows that belong to ``row`` of ``table``, and how many of a relation if not all."""
    values = {**row, **_names(table, row)}
    known = {name for name, value in values.items() if value is not None}
    found: list[RelatedRow] = []
    more: dict[str, int] = {}
    for relation in _RELATIONS[table]:
        if not relation.needs <= known:
            continue
        rows = list(_found(session, relation, values))
        if len(rows) > LISTED:
            more[relation.name] = _counted(session, relation, values)
        found += rows[:LISTED]
    return tuple(found), more


def _found(session: Session, relation: Relation, values: Mapping[str, Any]) -> Iterator[RelatedRow]:
    statement = _SELECT.format(table=relation.table, where=relation.where, limit=LISTED + 1)
    for row_id, *rest in driver_of(session).execute(statement.encode(), values):
        yield RelatedRow(relation.name, RowAddress(relation.table, row_id), *rest)


def _counted(session: Session, relation: Relation, values: Mapping[str, Any]) -> int:
    statement = _COUNT.format(table=relation.table, where=relation.where)
    ((value,),) = driver_of(session).execute(statement.encode(), values)
    return int(value)


_PAYOUT_NAME = re.compile(r"(?<![A-Za-z0-9_])(?:po_[A-Za-z0-9]+|[0-9]{6,20})(?![A-Za-z0-9_])")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_]+")


def _names(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """How a payout and a NetSuite record name each other."""
    if table == "payouts":
        name = row["source_id"].rpartition("/")[2]
        if _PLAIN_NAME.fullmatch(name):
            return {"name": name, "named": f"(^|[^A-Za-z0-9_]){name}($|[^A-Za-z0-9_])"}
    if table == "netsuite_transactions":
        told = " ".join(filter(None, (row["external_id"], row["tran_id"], row["memo"])))
        names = _PAYOUT_NAME.findall(told)
        return {"payout_keys": [_payout_key(name) for name in names] or None}
    return {}


def _payout_key(name: str) -> str:
    return f"stripe:{name}" if name.startswith("po_") else f"shopify:{shopify_id('payouts')}{name}"


assert set(_RELATIONS) == set(TABLES)
