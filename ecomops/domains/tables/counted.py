"""Which rows count in a sum of money: those that moved it, or still may, each movement once.

A shop's sale that Stripe charged is stored twice, as Shopify's transaction and as Stripe's charge,
and so are its refunds. Where the sum has Stripe's row, which may be filtered out, Shopify's is not
in it.
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


@dataclass(frozen=True, slots=True)
class Counted:
    """``counts``: the condition, given those of the filters. ``without``: as the screen says it."""

    counts: Callable[[Conditions], ColumnElement[bool]]
    without: str


def sale_to_charge(sale: str) -> str:
    """In SQL: whether the payment ``charge`` is Stripe's charge behind the payment ``sale``."""
    return _SALE_TO_CHARGE.format(sale=sale)


def _sql(condition: str) -> ColumnElement[bool]:
    return literal_column(f"({condition})", Boolean)


def _of(alias: FromClause, conditions: Conditions) -> list[ColumnElement[bool]]:
    """The same conditions of another row of the table."""

    def replaced(element: Any, **_: Any) -> Any:
        is_column = isinstance(element, Column) and element.table.name == alias.element.name  # type: ignore[attr-defined]  # an alias has it
        return alias.c[element.key] if is_column else None

    return [replacement_traverse(condition, {}, replaced) for condition in conditions]


def _moved(payment: str) -> ColumnElement[bool]:
    """An authorization moves nothing, its capture does."""
    return _sql(
        f"{payment}.status NOT IN ('failed', 'voided')"
        f" AND {payment}.kind NOT IN ('authorization', 'void')"
    )


def _not_failed(row: str) -> ColumnElement[bool]:
    return _sql(f"{row}.status NOT IN ('failed', 'canceled')")


def _payments(filters: Conditions) -> ColumnElement[bool]:
    charged = exists(literal_column("1")).select_from(_CHARGE)
    behind = _sql(sale_to_charge("payments"))
    return and_(
        _moved("payments"), ~charged.where(behind, _moved("charge"), *_of(_CHARGE, filters))
    )


def _refunds(filters: Conditions) -> ColumnElement[bool]:
    refunded = exists(literal_column("1")).select_from(_PAYMENTS.alias("sale"), _CHARGE, _TWIN)
    behind = _sql(
        f"sale.id = refunds.payment_id AND {sale_to_charge('sale')} AND twin.payment_id = charge.id"
    )
    return and_(
        _not_failed("refunds"),
        ~refunded.where(behind, _not_failed("twin"), *_of(_TWIN, filters)),
    )


COUNTED = {
    "orders": Counted(
        lambda _: _sql("orders.status NOT IN ('voided', 'canceled')"), "voided and canceled"
    ),
    "payments": Counted(_payments, "failed, voided and authorizations; a sale and its charge once"),
    "refunds": Counted(_refunds, "failed and canceled; Shopify's and Stripe's of a sale once"),
    "payouts": Counted(lambda _: _not_failed("payouts"), "failed and canceled"),
}
"""By table; of others every row counts."""
