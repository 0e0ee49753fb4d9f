"""How each record type becomes a row of its canonical table."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from ecomops.connectors.records import (
    DisputeRecord,
    PaymentRecord,
    PayoutLineRecord,
    PayoutRecord,
    Record,
    RefundRecord,
)

Row = tuple[Any, ...]
_NOT_COLUMNS = {"source_created_at", "raw", "fees", "exchange_rate"}


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


def _columns_of(record: type[Record], *without: str) -> tuple[str, ...]:
    names = [f.name for f in fields(record) if f.name not in _NOT_COLUMNS | set(without)]
    return ("created_at", *names)


def _mapping(
    table: str, record: type[Record], *parents: Parent, without: tuple[str, ...] = ()
) -> Mapping:
    columns = _columns_of(record, *without)
    names = ["source_created_at" if name == "created_at" else name for name in columns]
    return Mapping(table, columns, attrgetter(*names), parents=parents)


def _line_mapping() -> Mapping:
    plain = _columns_of(PayoutLineRecord, "payout_ref", "status")
    names = ["source_created_at" if name == "created_at" else name for name in plain]
    return Mapping(
        "payout_lines",
        (*plain, "fx_rate"),
        attrgetter(*names, "exchange_rate"),
        sticky=("payout_ref",),
        parents=(
            Parent("payout_id", "payouts", "payout_ref"),
            Parent("payment_id", "payments", "object_ref"),
            Parent("refund_id", "refunds", "object_ref"),
            Parent("dispute_id", "disputes", "object_ref"),
        ),
    )


FEE_COLUMNS = (
    "created_at", "source_id", "source_status", "currency",
    "amount", "kind", "position", "line_ref", "description",
)  # fmt: skip

PAYMENT = Parent("payment_id", "payments", "payment_ref")
MAPPINGS: dict[type[Record], Mapping] = {
    PaymentRecord: _mapping("payments", PaymentRecord),
    RefundRecord: _mapping("refunds", RefundRecord, PAYMENT),
    DisputeRecord: _mapping("disputes", DisputeRecord, PAYMENT),
    PayoutRecord: _mapping("payouts", PayoutRecord),
    PayoutLineRecord: _line_mapping(),
}
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
