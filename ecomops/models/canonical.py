"""The canonical model: what the providers said, in one set of words.

``created_at`` is the provider's time of creation. ``dedupe_key`` (unique per tenant) names the
economic object, so that a re-connected account finds its rows again. ``*_ref`` columns hold the
provider's id of another record and ``*_id`` columns the row it led to. ``content_hash`` covers
what the provider said, not what we derived. ``raw_data`` is the provider's own payload; a fee's
is in its line.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Computed, Numeric, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from ecomops.models.base import TenantRow, one_of, per_tenant, to_parent, utc, utc_now
from ecomops.models.money import Money, money


class CanonicalRow(TenantRow):
    """Common to all canonical tables."""

    connection_id: UUID
    source: str
    source_id: str
    dedupe_key: str
    subsidiary_id: str | None = None
    source_status: str
    currency: str
    created_at: datetime = utc()
    source_updated_at: datetime | None = utc(default=None)
    ingested_at: datetime = utc_now()
    content_hash: bytes
    raw_data: dict[str, Any] | None = Field(default=None, sa_type=JSONB)


def canonical(table: str, *more: Any, statuses: tuple[str, ...]) -> tuple[Any, ...]:
    """Keys, indexes and checks that every canonical table has, and ``more``."""
    return (
        to_parent("connection_id", "connections"),
        per_tenant(f"uq_{table}_dedupe_key", "dedupe_key", unique=True),
        per_tenant(f"ix_{table}_created_at", "created_at", "id"),
        per_tenant(f"ix_{table}_status", "status", "created_at", "id"),
        per_tenant(f"ix_{table}_amount", "amount", "id"),
        per_tenant(f"ix_{table}_connection", "connection_id", "created_at", "id"),
        per_tenant(f"ix_{table}_currency", "currency", "created_at", "id"),
        one_of("status", *statuses),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        *more,
    )


def of_some(table: str, column: str, where: str = "") -> Any:
    """An index of those rows that have a value in ``column``, or of those of ``where``."""
    return per_tenant(f"ix_{table}_{column}", column, where=where or f"{column} IS NOT NULL")


def of_short(table: str, column: str) -> Any:
    """The same for free text, of which an index cannot hold much."""
    return of_some(table, column, short(column))


def short(column: str) -> str:
    """The condition that a text is no longer than an id."""
    return f"length({column}) <= 255"


ORDER_STATUSES = (
    "pending", "authorized", "partially_paid", "paid",
    "partially_refunded", "refunded", "voided", "canceled",
)  # fmt: skip
PAYMENT_STATUSES = ("pending", "completed", "failed", "voided")
REFUND_STATUSES = ("pending", "completed", "failed", "canceled")
PAYOUT_STATUSES = ("pending", "in_transit", "completed", "failed", "canceled")
LINE_STATUSES = ("unsettled", "settled")
FEE_STATUSES = ("charged", "returned")
FEE_KINDS = ("processing", "interchange", "fx", "dispute", "refund", "tax", "platform", "app")
DISPUTE_STATUSES = ("needs_response", "under_review", "won", "lost", "closed")
NETSUITE_STATUSES = ("open", "posted", "voided")


class Order(CanonicalRow, table=True):
    """A sale; ``amount`` is the order total in the shop's currency, as are its parts.

    ``presentment_*`` is what the customer saw, NULL where that is the same.
    """

    __tablename__ = "orders"
    __table_args__ = canonical(
        "orders",
        per_tenant("ix_orders_order_number", "order_number", "id"),
        of_short("orders", "customer_email"),
        statuses=ORDER_STATUSES,
    )

    status: str
    order_number: str
    amount: Decimal = money()
    subtotal: Decimal = money()
    discount: Decimal = money()
    shipping: Decimal = money()
    tax: Decimal = money()
    tip: Decimal = money()
    gift_card_sold: Decimal = money()
    refunded: Decimal = money()
    presentment_amount: Decimal | None = money(default=None)
    presentment_currency: str | None = None
    customer_email: str | None = None
    processed_at: datetime | None = utc(default=None)
    cancelled_at: datetime | None = utc(default=None)


class Payment(CanonicalRow, table=True):
    """A charge: captured or attempted, positive. Failed ones count in no sum of money.

    ``settlement_*`` and ``fx_rate`` are NULL where it settled in its own currency, and
    ``presentment_*`` where that is what the customer paid in.
    """

    __tablename__ = "payments"
    __table_args__ = canonical(
        "payments",
        to_parent("order_id", "orders"),
        per_tenant("ix_payments_order", "order_id"),
        per_tenant("ix_payments_unlinked", "order_ref",
                   where="order_id IS NULL AND order_ref IS NOT NULL"),
        of_some("payments", "charge_ref", "charge_ref <> source_id"),
        of_short("payments", "customer_email"),
        one_of("kind", "sale", "authorization", "capture", "void"),
        statuses=PAYMENT_STATUSES,
    )  # fmt: skip

    status: str
    amount: Decimal = money()
    kind: str
    gateway: str
    charge_ref: str
    order_ref: str | None = None
    order_id: UUID | None = None
    settlement_ref: str | None = None
    settlement_amount: Decimal | None = money(default=None)
    settlement_currency: str | None = None
    fx_rate: Decimal | None = Field(default=None, sa_type=Numeric(20, 10))
    presentment_amount: Decimal | None = money(default=None)
    presentment_currency: str | None = None
    customer_email: str | None = None
    description: str | None = None
    failure_code: str | None = None


class Refund(CanonicalRow, table=True):
    """Money given back, positive."""

    __tablename__ = "refunds"
    __table_args__ = canonical(
        "refunds",
        to_parent("order_id", "orders"),
        to_parent("payment_id", "payments"),
        per_tenant("ix_refunds_payment", "payment_id"),
        per_tenant("ix_refunds_unlinked", "payment_ref",
                   where="payment_id IS NULL AND payment_ref IS NOT NULL"),
        of_some("refunds", "payment_ref"),
        of_some("refunds", "order_ref"),
        statuses=REFUND_STATUSES,
    )  # fmt: skip

    status: str
    amount: Decimal = money()
    payment_ref: str | None = None
    payment_id: UUID | None = None
    order_ref: str | None = None
    order_id: UUID | None = None
    settlement_ref: str | None = None
    reason: str | None = None
    failure_reason: str | None = None
    goods_amount: Decimal | None = money(default=None)
    shipping_amount: Decimal | None = money(default=None)
    tax_amount: Decimal | None = money(default=None)
    adjustment_amount: Decimal | None = money(default=None)


class Payout(CanonicalRow, table=True):
    """Money to the bank (positive) or drawn from it (negative).

    ``contents_complete``: the provider says that its list of lines is final.
    ``contents_read_at``: when we had read that list to its end; ``fee_total`` is its fees.
    """

    __tablename__ = "payouts"
    __table_args__ = canonical(
        "payouts",
        per_tenant("ix_payouts_arrival", "arrival_date", "id"),
        per_tenant("ix_payouts_unread", "created_at",
                   where="contents_complete AND itemizable AND contents_read_at IS NULL"),
        of_short("payouts", "trace_id"),
        one_of("kind", "automatic", "manual", "instant"),
        statuses=PAYOUT_STATUSES,
    )  # fmt: skip

    status: str
    amount: Decimal = money()
    fee_total: Decimal | None = money(default=None)
    kind: str
    itemizable: bool
    contents_complete: bool
    contents_read_at: datetime | None = utc(default=None)
    initiated_at: datetime = utc()
    arrival_date: date
    trace_id: str | None = None
    failure_code: str | None = None
    bank_ref: str | None = None
    statement_descriptor: str | None = None


class Dispute(CanonicalRow, table=True):
    """A claim on a payment, positive. A payment may have several."""

    __tablename__ = "disputes"
    __table_args__ = canonical(
        "disputes",
        to_parent("payment_id", "payments"),
        per_tenant("ix_disputes_payment", "payment_id"),
        per_tenant("ix_disputes_unlinked", "payment_ref",
                   where="payment_id IS NULL AND payment_ref IS NOT NULL"),
        of_some("disputes", "payment_ref"),
        statuses=DISPUTE_STATUSES,
    )  # fmt: skip

    status: str
    amount: Decimal = money()
    fee: Decimal = money()
    fee_currency: str
    payment_ref: str | None = None
    payment_id: UUID | None = None
    reason: str | None = None
    opened_at: datetime = utc()
    evidence_due_at: datetime | None = utc(default=None)
    closed_at: datetime | None = utc(default=None)


class PayoutLine(CanonicalRow, table=True):
    """One movement of the processor's balance; ``payout_id`` NULL is unsettled."""

    __tablename__ = "payout_lines"
    __table_args__ = canonical(
        "payout_lines",
        to_parent("payout_id", "payouts"),
        to_parent("payment_id", "payments"),
        to_parent("refund_id", "refunds"),
        to_parent("dispute_id", "disputes"),
        to_parent("order_id", "orders"),
        per_tenant("ix_payout_lines_payout", "payout_id"),
        per_tenant("ix_payout_lines_object", "object_ref"),
        per_tenant("ix_payout_lines_unlinked", "object_ref",
                   where="object_ref IS NOT NULL AND payment_id IS NULL"
                         " AND refund_id IS NULL AND dispute_id IS NULL"),
        per_tenant("ix_payout_lines_unpaid", "payout_ref",
                   where="payout_id IS NULL AND payout_ref IS NOT NULL"),
        of_some("payout_lines", "order_ref"),
        CheckConstraint("gross - fee = net", name="net"),
        statuses=LINE_STATUSES,
    )  # fmt: skip

    status: str = Field(
        sa_column=Column(
            String,
            Computed(
                "CASE WHEN payout_ref IS NULL THEN 'unsettled' ELSE 'settled' END", persisted=True
            ),
            nullable=False,
        )
    )
    amount: Decimal = Field(
        sa_column=Column(Money, Computed("gross", persisted=True), nullable=False)
    )
    gross: Decimal = money()
    fee: Decimal = money()
    net: Decimal = money()
    line_type: str
    reporting_category: str
    available_on: datetime | None = utc(default=None)
    payout_ref: str | None = None
    payout_id: UUID | None = None
    object_ref: str | None = None
    payment_id: UUID | None = None
    refund_id: UUID | None = None
    dispute_id: UUID | None = None
    order_ref: str | None = None
    order_id: UUID | None = None
    fx_rate: Decimal | None = Field(default=None, sa_type=Numeric(20, 10))
    description: str | None = None


class Fee(CanonicalRow, table=True):
    """One fee component of a line; positive is a cost, negative is returned."""

    __tablename__ = "fees"
    __table_args__ = canonical(
        "fees",
        to_parent("payout_line_id", "payout_lines"),
        per_tenant("ix_fees_line", "payout_line_id"),
        one_of("kind", *FEE_KINDS),
        statuses=FEE_STATUSES,
    )

    status: str = Field(
        sa_column=Column(
            String,
            Computed("CASE WHEN amount < 0 THEN 'returned' ELSE 'charged' END", persisted=True),
            nullable=False,
        )
    )
    amount: Decimal = money()
    kind: str
    position: int
    line_ref: str
    payout_line_id: UUID | None = None
    description: str | None = None


class NetsuiteTransaction(CanonicalRow, table=True):
    """A posting line of a NetSuite transaction; ``amount`` is debit less credit.

    ``currency`` is that of the amounts: the subsidiary's own. ``external_id`` is the transaction's.
    """

    __tablename__ = "netsuite_transactions"
    __table_args__ = canonical(
        "netsuite_transactions",
        per_tenant("ix_netsuite_transactions_external", "external_id"),
        per_tenant("ix_netsuite_transactions_internal", "internal_id", "connection_id"),
        per_tenant("ix_netsuite_transactions_tran_date", "tran_date", "id"),
        of_short("netsuite_transactions", "tran_id"),
        statuses=NETSUITE_STATUSES,
    )

    status: str
    internal_id: str
    external_id: str | None = None
    record_type: str
    tran_id: str | None = None
    tran_date: date
    period: str | None = None
    account_id: str
    account_name: str | None = None
    debit: Decimal | None = money(default=None)
    credit: Decimal | None = money(default=None)
    amount: Decimal = money()
    exchange_rate: Decimal | None = Field(default=None, sa_type=Numeric(20, 10))
    memo: str | None = None
