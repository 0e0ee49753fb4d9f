"""The tables that the rows by hand go into: their columns, and where their links lead."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from ecomops.connectors.records import (
    DisputeRecord,
    NetsuiteLineRecord,
    OrderRecord,
    PaymentRecord,
    PayoutLineRecord,
    PayoutRecord,
    RefundRecord,
    StoredRecord,
)

Row = tuple[Any, ...]

BEGINNING = (
    "dedupe_key", "content_hash", "raw_data", "created_at", "source_id", "source_updated_at",
    "source_status", "currency",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """``columns`` come behind BEGINNING. A parent is (column, table, the reference to it)."""

    name: str
    columns: tuple[str, ...]
    values: Callable[[Any], Row]
    parents: tuple[tuple[str, str, str], ...] = ()


ORDER = ("order_id", "orders", "order_ref")
PAYMENT = ("payment_id", "payments", "payment_ref")


def _table(
    name: str, *columns: str, parents: tuple[tuple[str, str, str], ...] = (),
    called: Mapping[str, str] | None = None,
) -> Table:  # fmt: skip
    """``called``: columns whose attribute has another name."""
    attributes = [(called or {}).get(column, column) for column in columns]
    values = attrgetter(
        "source_created_at", "source_id", "source_updated_at", "source_status", "currency",
        *attributes,
    )  # fmt: skip
    return Table(name, columns, values, parents)


TABLES: Mapping[type[StoredRecord], Table] = {
    OrderRecord: _table(
        "orders", "status", "order_number", "amount", "subtotal", "discount", "shipping", "tax",
        "tip", "duties", "gift_card_sold", "refunded", "presentment_amount", "presentment_currency",
        "customer_email", "processed_at", "cancelled_at",
    ),
    PaymentRecord: _table(
        "payments", "status", "amount", "kind", "gateway", "charge_ref", "order_ref",
        "settlement_ref", "presentment_amount", "presentment_currency", "customer_email",
        "description", "failure_code", parents=(ORDER,),
    ),
    RefundRecord: _table(
        "refunds", "status", "amount", "payment_ref", "order_ref", "settlement_ref", "reason",
        "failure_reason", "goods_amount", "shipping_amount", "tax_amount", "adjustment_amount",
        parents=(ORDER, PAYMENT),
    ),
    DisputeRecord: _table(
        "disputes", "status", "amount", "fee", "fee_currency", "payment_ref", "reason",
        "opened_at", "evidence_due_at", "closed_at", parents=(PAYMENT,),
    ),
    PayoutRecord: _table(
        "payouts", "status", "amount", "kind", "itemizable", "contents_complete", "initiated_at",
        "arrival_date", "trace_id", "failure_code", "bank_ref", "statement_descriptor",
    ),
    PayoutLineRecord: _table(
        "payout_lines", "gross", "fee", "net", "line_type", "reporting_category", "available_on",
        "object_ref", "order_ref", "description", "fx_rate", "payout_ref",
        parents=(
            ("payout_id", "payouts", "payout_ref"), ("payment_id", "payments", "object_ref"),
            ("refund_id", "refunds", "object_ref"), ("dispute_id", "disputes", "object_ref"),
            ORDER,
        ),
        called={"fx_rate": "exchange_rate"},
    ),
    NetsuiteLineRecord: _table(
        "netsuite_transactions", "status", "internal_id", "external_id", "record_type", "tran_id",
        "tran_date", "period", "account_id", "account_name", "debit", "credit", "amount",
        "exchange_rate", "memo", "subsidiary_id",
    ),
}  # fmt: skip
"""By record type, parents first."""

FEES = Table(
    "fees", ("amount", "kind", "position", "line_ref", "description"), lambda fee: fee,
    (("payout_line_id", "payout_lines", "line_ref"),),
)  # fmt: skip
