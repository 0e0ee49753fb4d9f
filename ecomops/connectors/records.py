"""What a connector hands over: one frozen record a row, in the canonical model's own words.

Amounts are units (ten-thousandths of the currency, see ``core.money``), times are aware UTC
datetimes, currencies ISO 4217 capitals, ``*_ref`` fields are the provider's id of another record.
``raw`` is the JSON text of the provider's own object as it was sent, numbers untouched, made fit
for jsonb (no NUL, no lone surrogates, no number beyond its range).
"""

from dataclasses import dataclass, field
from datetime import date, datetime

Raw = str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Common to all. ``source_id`` is unique per provider and record type."""

    source_id: str
    source_created_at: datetime
    source_updated_at: datetime | None = None
    status: str
    source_status: str
    currency: str
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRecord(Record):
    """A sale in the shop's currency; ``amount`` is the total, ``presentment_*`` the customer's."""

    order_number: str
    amount: int
    subtotal: int
    discount: int
    shipping: int
    tax: int
    tip: int
    duties: int
    gift_card_sold: int
    refunded: int
    presentment_amount: int | None = None
    presentment_currency: str | None = None
    customer_email: str | None = None
    processed_at: datetime | None = None
    cancelled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRecord(Record):
    """A charge. ``amount`` is what was captured, or attempted where nothing was."""

    amount: int
    kind: str  # sale, authorization, capture, void
    gateway: str
    charge_ref: str
    order_ref: str | None = None
    settlement_ref: str | None = None
    presentment_amount: int | None = None
    presentment_currency: str | None = None
    customer_email: str | None = None
    description: str | None = None
    failure_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRecord(Record):
    """Money given back on a payment; ``amount`` is positive.

    ``goods_amount`` and its like split it where the provider tells for what it was.
    """

    amount: int
    payment_ref: str | None
    order_ref: str | None = None
    settlement_ref: str | None = None
    reason: str | None = None
    failure_reason: str | None = None
    goods_amount: int | None = None
    shipping_amount: int | None = None
    tax_amount: int | None = None
    adjustment_amount: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeRecord(Record):
    """A claim on a payment; ``amount`` is positive, ``fee`` the net dispute fee charged so far."""

    amount: int
    fee: int
    fee_currency: str
    payment_ref: str | None
    reason: str | None = None
    opened_at: datetime
    evidence_due_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutRecord(Record):
    """Money to the bank (positive) or drawn from it (negative)."""

    amount: int
    kind: str  # automatic, manual, instant
    itemizable: bool
    contents_complete: bool
    initiated_at: datetime
    arrival_date: date
    trace_id: str | None = None
    failure_code: str | None = None
    bank_ref: str | None = None
    statement_descriptor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeePart:
    """One fee component of a line; positive is a cost, negative is returned."""

    position: int
    kind: str  # processing, interchange, fx, dispute, refund, tax, platform, app
    amount: int
    currency: str
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutLineRecord(Record):
    """One movement of the processor's balance: net = gross - fee, from the merchant's view.

    ``payout_ref`` is None where the answer did not tell the payout; it never means "unsettled".
    """

    gross: int
    fee: int
    net: int
    line_type: str
    reporting_category: str
    available_on: datetime | None
    object_ref: str | None = None
    order_ref: str | None = None
    payout_ref: str | None = None
    description: str | None = None
    exchange_rate: str | None = None  # decimal text, at most ten places
    fees: tuple[FeePart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NetsuiteLineRecord(Record):
    """A posting line of a NetSuite transaction, in its subsidiary's currency: debit less credit.

    ``source_id`` is account:transaction:line, for ids repeat in every NetSuite account.
    """

    internal_id: str
    external_id: str | None = None
    record_type: str
    tran_id: str | None = None
    tran_date: date
    period: str | None = None
    account_id: str
    account_name: str | None = None
    debit: int | None = None
    credit: int | None = None
    amount: int
    exchange_rate: str | None = None  # decimal text, at most ten places
    memo: str | None = None
    subsidiary_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorRecord:
    """A record of the general ledger's set-up. ``source_id`` is account:id."""

    source_id: str
    name: str
    inactive: bool = False
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class GlAccountRecord(MirrorRecord):
    """An account of the chart; ``currency`` where it is kept in one."""

    number: str | None = None
    account_type: str
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsidiaryRecord(MirrorRecord):
    """A legal entity; ``parent_ref`` is the source_id of the one above."""

    currency: str
    parent_ref: str | None = None
    elimination: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodRecord(MirrorRecord):
    """An accounting period, its first and last day within it."""

    start_date: date
    end_date: date
    closed: bool
    all_locked: bool
    is_quarter: bool
    is_year: bool
    is_adjustment: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRecord(MirrorRecord):
    """What a journal line can be tagged with: department, class, location, or a currency."""

    kind: str
    symbol: str | None = None  # ISO 4217, of a currency


StoredRecord = Record | MirrorRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A record that could not be read, kept whole with the reason."""

    stream: str
    source_id: str | None
    reason_code: str
    message: str
    payload: str = field(
        repr=False
    )  # JSON text that jsonb takes; a JSON string where it was not JSON
