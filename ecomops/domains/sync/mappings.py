"""How each record type becomes a row of its canonical table."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from ecomops.connectors.records import (
    DisputeRecord,
    GlAccountRecord,
    NetsuiteLineRecord,
    OrderRecord,
    PaymentRecord,
    PayoutLineRecord,
    PayoutRecord,
    PeriodRecord,
    RefundRecord,
    SegmentRecord,
    StoredRecord,
    SubsidiaryRecord,
)

Row = tuple[Any, ...]
_NOT_COLUMNS = {"source_created_at", "raw", "fees"}


@dataclass(frozen=True, slots=True)
class Parent:
    """A link to another row: ``column`` is found where the parent's dedupe key ends in ``ref``."""

    column: str
    table: str
    ref: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """One canonical table. ``columns`` are hashed: what the provider said, and nothing derived.

    ``sticky`` columns are not hashed and never go back to NULL: only some answers tell them.
    """

    table: str
    columns: tuple[str, ...]
    values: Callable[[Any], Row]
    sticky: tuple[str, ...] = ()
    parents: tuple[Parent, ...] = ()


def _columns_of(record: type[StoredRecord], *without: str) -> tuple[str, ...]:
    return tuple(f.name for f in fields(record) if f.name not in _NOT_COLUMNS | set(without))


def _mapping(table: str, record: type[StoredRecord], *parents: Parent) -> Mapping:
    columns = _columns_of(record)
    return Mapping(table, columns, attrgetter(*columns), parents=parents)


def _dated(
    table: str, record: type[StoredRecord], *parents: Parent, sticky: tuple[str, ...] = ()
) -> Mapping:
    """A canonical table: the provider's time of creation comes first."""
    plain = _columns_of(record, *sticky)
    values = attrgetter("source_created_at", *plain)
    return Mapping(table, ("created_at", *plain), values, sticky, parents)


def _line_mapping() -> Mapping:
    plain = _columns_of(PayoutLineRecord, "payout_ref", "status", "exchange_rate")
    return Mapping(
        "payout_lines",
        ("created_at", *plain, "fx_rate"),
        attrgetter("source_created_at", *plain, "exchange_rate"),
        sticky=("payout_ref",),
        parents=(
            Parent("payout_id", "payouts", "payout_ref"),
            Parent("payment_id", "payments", "object_ref"),
            Parent("refund_id", "refunds", "object_ref"),
            Parent("dispute_id", "disputes", "object_ref"),
            Parent("order_id", "orders", "order_ref"),
        ),
    )


FEE_COLUMNS = (
    "created_at", "source_id", "source_status", "currency",
    "amount", "kind", "position", "line_ref", "description",
)  # fmt: skip

ORDER = Parent("order_id", "orders", "order_ref")
PAYMENT = Parent("payment_id", "payments", "payment_ref")
MAPPINGS: dict[type[StoredRecord], Mapping] = {
    OrderRecord: _dated("orders", OrderRecord),
    PaymentRecord: _dated("payments", PaymentRecord, ORDER),
    RefundRecord: _dated("refunds", RefundRecord, ORDER, PAYMENT),
    DisputeRecord: _dated("disputes", DisputeRecord, PAYMENT),
    PayoutRecord: _dated("payouts", PayoutRecord, sticky=("trace_id",)),
    PayoutLineRecord: _line_mapping(),
    NetsuiteLineRecord: _dated("netsuite_transactions", NetsuiteLineRecord),
    SubsidiaryRecord: _mapping("subsidiaries", SubsidiaryRecord),
    GlAccountRecord: _mapping("gl_accounts", GlAccountRecord),
    PeriodRecord: _mapping("accounting_periods", PeriodRecord),
    SegmentRecord: _mapping("ledger_segments", SegmentRecord),
}
"""In the order in which they are stored: parents before those that refer to them."""

FEES = Mapping(
    "fees", FEE_COLUMNS, tuple, parents=(Parent("payout_line_id", "payout_lines", "line_ref"),)
)


def fee_rows(line: PayoutLineRecord) -> list[Row]:
    """The rows of ``fees`` for one line, in the order of FEE_COLUMNS."""
    return [
        (
            line.source_created_at, f"{line.source_id}:{part.position}", line.source_status,
            part.currency, part.amount, part.kind, part.position, line.source_id, part.description,
        )
        for part in line.fees
    ]  # fmt: skip
