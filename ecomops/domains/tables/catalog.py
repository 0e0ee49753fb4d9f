"""The eight tables of the explorer: their columns in the order shown, and what is searched."""

from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from sqlalchemy import Boolean, Date, DateTime, Integer, Numeric, Table, Uuid

from ecomops.kit.errors import NotFoundError
from ecomops.models import canonical as model
from ecomops.models import metadata
from ecomops.models.money import Money

Kind = Literal["text", "id", "status", "money", "currency", "time", "date", "bool", "number"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``currency_of`` names the column with this amount's currency."""

    name: str
    label: str
    kind: Kind
    currency_of: str | None = None


@dataclass(frozen=True, slots=True)
class Searched:
    """A column with ids or references, found from their beginning through an index.

    ``before``: what may stand before the part that people know. ``partial``: the condition of the
    index. ``parent``: the column is that table's, and rows are found whose ``link`` leads there.
    """

    column: str
    before: tuple[str, ...] = ("",)
    partial: str = ""
    parent: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table of the explorer. ``sources``: who its rows come from."""

    name: str
    label: str
    columns: tuple[Column, ...]
    statuses: tuple[str, ...]
    sources: tuple[str, ...] = ()
    searched: tuple[Searched, ...] = ()

    @property
    def table(self) -> Table:
        return metadata.tables[self.name]

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


_LABELS = {
    "source_id": "ID", "created_at": "Created", "source_status": "Provider status",
    "ingested_at": "Synced", "fee_total": "Fees", "arrival_date": "Arrives", "fx_rate": "FX rate",
    "tran_id": "Document", "tran_date": "Date", "external_id": "External ID",
    "internal_id": "Internal ID", "opened_at": "Opened", "evidence_due_at": "Evidence due",
    "closed_at": "Closed", "initiated_at": "Initiated", "processed_at": "Processed",
    "cancelled_at": "Canceled", "order_ref": "Order", "payment_ref": "Payment",
    "payout_ref": "Payout", "line_ref": "Line", "object_ref": "Source object",
    "charge_ref": "Charge", "settlement_ref": "Balance line", "bank_ref": "Bank account",
    "trace_id": "Trace ID", "subsidiary_id": "Subsidiary", "reporting_category": "Category",
    "line_type": "Type", "available_on": "Available", "customer_email": "Customer",
    "contents_read_at": "Lines read", "itemizable": "Itemized", "contents_complete": "Lines final",
    "source_updated_at": "Updated", "presentment_amount": "Customer paid",
    "presentment_currency": "Customer's currency", "goods_amount": "Goods",
    "shipping_amount": "Shipping", "tax_amount": "Tax", "adjustment_amount": "Adjustment",
}  # fmt: skip
_CURRENCY_OF = {
    "settlement_amount": "settlement_currency", "fee@disputes": "fee_currency",
    "presentment_amount": "presentment_currency",
}  # fmt: skip
_CURRENCIES = {"currency", "settlement_currency", "fee_currency", "presentment_currency"}
_IDS = {"internal_id", "external_id", "trace_id", "subsidiary_id", "account_id"}
_FIRST = "source_id source amount currency status created_at"
_LAST = "source_status ingested_at"


def _kind(table: str, name: str) -> Kind:
    if name == "status":
        return "status"
    if name in _CURRENCIES:
        return "currency"
    if name in _IDS or name.endswith("_ref") or name == "source_id":
        return "id"
    by_type: tuple[tuple[type, Kind], ...] = (
        (Money, "money"), (DateTime, "time"), (Date, "date"), (Boolean, "bool"), (Uuid, "id"),
        (Integer, "number"), (Numeric, "number"),
    )  # fmt: skip
    column_type = metadata.tables[table].columns[name].type
    return next((kind for cls, kind in by_type if isinstance(column_type, cls)), "text")


def _column(table: str, name: str) -> Column:
    kind = _kind(table, name)
    label = _LABELS.get(name) or name.removesuffix("_ref").replace("_", " ").capitalize()
    currency = _CURRENCY_OF.get(f"{name}@{table}") or _CURRENCY_OF.get(name) or "currency"
    return Column(name, label, kind, currency if kind == "money" else None)


_SHOPIFY_KINDS = {
    "orders": "Order", "payments": "OrderTransaction", "refunds": "OrderTransaction",
    "payouts": "ShopifyPaymentsPayout", "disputes": "ShopifyPaymentsDispute",
    "payout_lines": "ShopifyPaymentsBalanceTransaction",
    "fees": "ShopifyPaymentsBalanceTransaction",
}  # fmt: skip
"""What stands in the ids of a table's rows: ``gid://shopify/<kind>/<number>``."""


_SOURCES = {"orders": ("shopify",), "netsuite_transactions": ("netsuite",)}


def _sources(table: str) -> tuple[str, ...]:
    """Who a table's rows come from."""
    return _SOURCES.get(table, ("stripe", "shopify"))


def shopify_id(table: str) -> str:
    """What comes before the number that Shopify's admin shows."""
    return f"gid://shopify/{_SHOPIFY_KINDS[table]}/"


def _key(table: str) -> tuple[str, ...]:
    """What stands before an id in the key of a row, which is the source and the id."""
    plain = tuple(f"{source}:" for source in _sources(table))
    return (*plain, f"shopify:{shopify_id(table)}") if table in _SHOPIFY_KINDS else plain


def _ref(column: str, table: str) -> Searched:
    """The id of a row of ``table``, as a reference to it."""
    return Searched(column, ("", shopify_id(table)))


def _linked(column: str, table: str, link: str) -> tuple[Searched, Searched]:
    """The same, with an index of those alone whose row is not there."""
    return (
        replace(_ref(column, table), partial=f"{link} IS NULL AND {column} IS NOT NULL"),
        Searched("dedupe_key", _key(table), parent=table, link=link),
    )


def _free(column: str) -> Searched:
    """Free text, whose index has no long ones."""
    return Searched(column, partial=model.short(column))


_SEARCHED = {
    "orders": (Searched("order_number", ("", "#")), _free("customer_email")),
    "payments": (
        Searched("charge_ref", partial="charge_ref <> source_id"),
        *_linked("order_ref", "orders", "order_id"),
        _free("customer_email"),
    ),
    "refunds": (_ref("payment_ref", "payments"), _ref("order_ref", "orders")),
    "payouts": (_free("trace_id"),),
    "payout_lines": (
        *_linked("payout_ref", "payouts", "payout_id"),
        Searched("object_ref", ("", shopify_id("payments"))),
        _ref("order_ref", "orders"),
    ),
    "fees": (),
    "disputes": (_ref("payment_ref", "payments"),),
    "netsuite_transactions": (
        _free("tran_id"), Searched("external_id"), Searched("internal_id"),
    ),
}  # fmt: skip


def _spec(
    name: str, label: str, statuses: tuple[str, ...], more: str, first: str = _FIRST
) -> TableSpec:
    names = f"{first} {more} {_LAST}".split()
    return TableSpec(
        name,
        label,
        tuple(_column(name, column) for column in names),
        statuses,
        _sources(name),
        (Searched("dedupe_key", _key(name)), *_SEARCHED[name]),
    )


_SPECS = (
    _spec("orders", "Orders", model.ORDER_STATUSES,
          "order_number subtotal discount shipping tax tip duties gift_card_sold refunded"
          " customer_email processed_at cancelled_at"),
    _spec("payments", "Payments", model.PAYMENT_STATUSES,
          "kind gateway order_ref customer_email description settlement_ref settlement_amount"
          " settlement_currency fx_rate failure_code"),
    _spec("refunds", "Refunds", model.REFUND_STATUSES,
          "payment_ref reason failure_reason settlement_ref"),
    _spec("payouts", "Payouts", model.PAYOUT_STATUSES,
          "fee_total arrival_date kind itemizable contents_read_at trace_id failure_code bank_ref"
          " statement_descriptor"),
    _spec("payout_lines", "Payout Lines", model.LINE_STATUSES,
          "gross fee net line_type reporting_category payout_ref object_ref available_on fx_rate"
          " description"),
    _spec("fees", "Fees", model.FEE_STATUSES, "kind line_ref position description"),
    _spec("disputes", "Disputes", model.DISPUTE_STATUSES,
          "fee fee_currency reason payment_ref opened_at evidence_due_at closed_at"),
    _spec("netsuite_transactions", "NS Transactions", model.NETSUITE_STATUSES,
          "record_type tran_id tran_date period account_id account_name debit credit"
          " exchange_rate memo internal_id external_id subsidiary_id"),
)  # fmt: skip
TABLES: dict[str, TableSpec] = {spec.name: spec for spec in _SPECS}


def get_table(name: str) -> TableSpec:
    """The table of that name. Raises NotFoundError."""
    if name not in TABLES:
        raise NotFoundError("There is no such table.")
    return TABLES[name]


TIES = {"tied": "Ties out", "untied": "Does not tie out", "unread": "Lines not read yet"}
"""Of payouts: whether they are the sum of their lines."""
_NOT_FOR_PEOPLE = {"dedupe_key", "content_hash", "raw_data"}


@cache
def all_columns(table: str) -> tuple[Column, ...]:
    """What a person could want of one row: the columns of the page, then the others."""
    spec = get_table(table)
    shown = {column.name for column in spec.columns}
    others = (
        _column(table, column.name)
        for column in spec.table.columns
        if column.name not in shown | _NOT_FOR_PEOPLE and not isinstance(column.type, Uuid)
    )
    return (*spec.columns, *others)
