"""Which rows count in a sum of money: those that moved it, or still may, each movement once.

A shop's sale that Stripe charged is stored twice, as Shopify's transaction and as Stripe's charge,
and so are its refunds: of the two, Stripe's is in a sum. Where a filter shows one system alone, its
rows count as they are; whatever else is filtered by, sums of parts add up to the sum of the whole.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, Column, ColumnElement, FromClause, and_, exists, literal_column
from sqlalchemy.sql.visitors import replacement_traverse

from ecomops.models import metadata

Conditions = Sequence[ColumnElement[bool]]

_PAYMENTS, _REFUNDS = metadata.tables["payments"], metadata.tables["refunds"]
_CHARGE, _TWIN = _PAYMENTS.alias("charge"), _REFUNDS.alias("twin")
_SALE_TO_CHARGE = (
    "{sale}.charge_ref <> {sale}.source_id AND charge.dedupe_key = 'stripe:' || {sale}.charge_ref"
)
# An authorization moves nothing, its capture does.
_MOVED = (
    "{payment}.status NOT IN ('failed', 'voided')"
    " AND {payment}.kind NOT IN ('authorization', 'void')"
)
OF_ONE_SYSTEM = {"source", "source_any", "connection", "connection_any", "matches", "ranges"}
"""Filters, by name, that may show one of the two rows without the other."""


@dataclass(frozen=True, slots=True)
class Counted:
    """``counts``: the condition, given those of ``OF_ONE_SYSTEM``. ``without``: as it is said."""

    counts: Callable[[Conditions], ColumnElement[bool]]
    without: str


def is_charged(sale: str) -> str:
    """In SQL: whether ``charge`` is the payment at Stripe that counts instead of ``sale``."""
    return f"{_SALE_TO_CHARGE.format(sale=sale)} AND {_MOVED.format(payment='charge')}"


def _sql(condition: str) -> ColumnElement[bool]:
    return literal_column(f"({condition})", Boolean)


def _of(alias: FromClause, conditions: Conditions) -> list[ColumnElement[bool]]:
    """The same conditions, which are of one table's columns alone, of another row of it."""

    def replaced(element: Any, **_: Any) -> Any:
        return alias.c[element.key] if isinstance(element, Column) else None

    return [replacement_traverse(condition, {}, replaced) for condition in conditions]


def _not_failed(row: str) -> ColumnElement[bool]:
    return _sql(f"{row}.status NOT IN ('failed', 'canceled')")


def _payments(filters: Conditions) -> ColumnElement[bool]:
    charged = exists(literal_column("1")).select_from(_CHARGE)
    behind = charged.where(_sql(is_charged("payments")), *_of(_CHARGE, filters))
    return and_(_sql(_MOVED.format(payment="payments")), ~behind)


def _refunds(filters: Conditions) -> ColumnElement[bool]:
    refunded = exists(literal_column("1")).select_from(_PAYMENTS.alias("sale"), _CHARGE, _TWIN)
    of_both = (
        f"sale.id = refunds.payment_id AND {is_charged('sale')} AND twin.payment_id = charge.id"
    )
    behind = refunded.where(_sql(of_both), _not_failed("twin"), *_of(_TWIN, filters))
    return and_(_not_failed("refunds"), ~behind)


COUNTED = {
    "orders": Counted(
        lambda _: _sql("orders.status NOT IN ('voided', 'canceled')"), "voided and canceled"
    ),
    "payments": Counted(_payments, "failed, voided and authorizations; a sale and its charge once"),
    "refunds": Counted(_refunds, "failed and canceled; Shopify's and Stripe's of a sale once"),
    "payouts": Counted(lambda _: _not_failed("payouts"), "failed and canceled"),
}
"""By table; of others every row counts."""
