"""Reports that Shopify's admin exports: payouts, and the transactions of payouts.

Their columns come and go between generations, so they are known by name. The payouts export calls
fees negative what the API calls positive; the transactions export names its lines by no id, and
older generations name payouts by none. What is not issued yet is left out: it will be told anew.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Final

from ecomops.connectors.records import PayoutLineRecord, PayoutRecord
from ecomops.connectors.reports import MADE_UP, Report, fees_of, made_up_id, one_currency, raw_of
from ecomops.connectors.shopify.line_types import line_type
from ecomops.connectors.shopify.payouts import KIND as PAYOUT
from ecomops.core.files.fields import Field, Layout
from ecomops.core.files.reading import Entry, Sheet
from ecomops.core.money import plain

PROVIDER: Final = "shopify"
_STATUSES: Final = {
    "paid": "completed",
    "deposited": "completed",
    "in_transit": "in_transit",
    "failed": "failed",
    "canceled": "canceled",
    "cancelled": "canceled",
}
_NOT_ISSUED: Final = frozenset({"", "scheduled", "pending"})
_PAYOUT_ROWS: Final = frozenset({"payout", "transfer"})
_TYPES: Final = {"chargeback": "DISPUTE_WITHDRAWAL", "dispute": "DISPUTE_WITHDRAWAL"}
_PARTS: Final = ("charges", "refunds", "adjustments", "sales_tax", "advances", "reserved",
                 "fees", "retried")  # fmt: skip

PAYOUTS: Final = Layout(
    "shopify_payouts",
    "Shopify payouts",
    (
        Field("payout_date", "Payout Date", "day", ("Payout Date",), True),
        Field("payout_status", "Status", "text", ("Status",), True),
        Field("charges", "Charges", "amount", ("Charges",), True),
        Field("refunds", "Refunds", "amount", ("Refunds",), True),
        Field("adjustments", "Adjustments", "amount", ("Adjustments",), True),
        Field("sales_tax", "Marketplace Sales Tax", "amount", ("Marketplace Sales Tax",)),
        Field("advances", "Advances", "amount", ("Advances",)),
        Field("reserved", "Reserved Funds", "amount", ("Reserved Funds",), True),
        Field("fees", "Fees", "amount", ("Fees",), True),
        Field("retried", "Retried Amount", "amount", ("Retried Amount",), True),
        Field("total", "Total", "amount", ("Total",), True),
        Field("currency", "Currency", "currency", ("Currency",), True),
        Field("bank_reference", "Bank Reference", "text", ("Bank Reference",)),
    ),
)
TRANSACTIONS: Final = Layout(
    "shopify_transactions",
    "Shopify payout transactions",
    (
        Field("created_at", "Transaction Date", "moment", ("Transaction Date",), True),
        Field("type", "Type", "text", ("Type",), True),
        Field("order", "Order", "text", ("Order",)),
        Field("payout_status", "Payout Status", "text", ("Payout Status",)),
        Field("payout_date", "Payout Date", "day", ("Payout Date",)),
        Field("payout_id", "Payout ID", "text", ("Payout ID",)),
        Field("available_on", "Available On", "moment", ("Available On",)),
        Field("gross", "Amount", "amount", ("Amount",), True),
        Field("fee", "Fee", "amount", ("Fee",), True),
        Field("net", "Net", "amount", ("Net",), True),
        Field("vat", "VAT", "amount", ("VAT",)),
        Field("checkout", "Checkout", "text", ("Checkout",)),
        Field("currency", "Currency", "currency", ("Currency",), True),
    ),
    needed=("payout_status", "payout_date"),
)
LAYOUTS: Final = (TRANSACTIONS, PAYOUTS)


def read_report(sheet: Sheet) -> Report:
    """The records of either export; mistakes are noted in ``sheet.problems``."""
    return _payouts(sheet) if sheet.layout is PAYOUTS else _transactions(sheet)


def _payouts(sheet: Sheet) -> Report:
    report, seen = Report(), Counter[str]()
    for entry in sheet.entries():
        report.rows += 1
        values = entry.values
        parts = sum(values.get(name) or 0 for name in _PARTS)
        if parts != values["total"]:
            said = plain(parts, values["currency"])
            header = sheet.mapping["total"]
            sheet.problems.add(entry.number, header, entry.said[header],
                               f"The parts add up to {said}.")  # fmt: skip
        elif _word(values["payout_status"]) in _NOT_ISSUED:
            report.ignored += 1
        elif status := _status(sheet, entry):
            ref = _made_up(values["payout_date"], values["currency"], values["total"])
            seen[ref] += 1
            once = ref if seen[ref] == 1 else f"{ref}:{seen[ref]}"
            reference = values.get("bank_reference")
            report.payouts.append(_payout(once, entry, status, values["total"], reference))
    return report


def _transactions(sheet: Sheet) -> Report:
    report, bundles = Report(), defaultdict[tuple[str, str], list[Entry]](list)
    for entry in sheet.entries():
        report.rows += 1
        values = entry.values
        if _word(values["type"]) in _PAYOUT_ROWS or _open(values):
            report.ignored += 1
        elif _consistent(sheet, entry) and _status(sheet, entry):
            payout_id = values.get("payout_id")
            unnamed = (str(values["payout_date"]), values["currency"])
            bundles[(payout_id, "") if payout_id else unnamed].append(entry)
    seen: Counter[tuple[object, ...]] = Counter()
    for (name, unnamed_in), entries in bundles.items():
        if one_currency(sheet, entries) and _one_day(sheet, entries):
            amount = sum(entry.values["net"] for entry in entries)
            first = entries[0].values
            made_up = _made_up(first["payout_date"], first["currency"], amount)
            ref = made_up if unnamed_in else _gid(name)
            status = _STATUSES[_word(entries[0].values["payout_status"])]
            report.payouts.append(_payout(ref, entries[0], status, amount, None))
            report.lines += [_line(entry, ref, seen) for entry in entries]
    return report


def _one_day(sheet: Sheet, entries: list[Entry]) -> bool:
    """Whether a payout has one date; the first line that has another is noted."""
    day = entries[0].values["payout_date"]
    for entry in entries:
        if entry.values["payout_date"] != day:
            header = sheet.mapping["payout_date"]
            message = "Another line of the same payout has another date."
            sheet.problems.add(entry.number, header, entry.said[header], message)
            return False
    return True


def _open(values: Mapping[str, Any]) -> bool:
    return _word(values.get("payout_status")) in _NOT_ISSUED or values.get("payout_date") is None


def _consistent(sheet: Sheet, entry: Entry) -> bool:
    """Net is the amount less the fee, or less the fee and its VAT where that stands apart."""
    values, header = entry.values, sheet.mapping["net"]
    taken = values["gross"] - values["net"]
    if taken in (values["fee"], values["fee"] + (values.get("vat") or 0)):
        return True
    sheet.problems.add(entry.number, header, entry.said[header],
                       "Net is not the amount less the fee.")  # fmt: skip
    return False


def _status(sheet: Sheet, entry: Entry) -> str | None:
    """The canonical status; one that we do not know is noted as a mistake of the line."""
    said = entry.values["payout_status"]
    if (status := _STATUSES.get(_word(said))) is None:
        header = sheet.mapping["payout_status"]
        sheet.problems.add(entry.number, header, said, "This status of a payout is not known.")
    return status


def _word(text: str | None) -> str:
    return (text or "").lower().replace(" ", "_")


def _made_up(day: date, currency: str, amount: int) -> str:
    """Shopify pays once a day and currency; the amount tells shops apart."""
    return f"{MADE_UP}{day}:{currency}:{plain(amount, currency)}"


def _gid(number: str) -> str:
    return number if number.startswith("gid://") else f"gid://shopify/{PAYOUT}/{number}"


def _payout(
    source_id: str, entry: Entry, status: str, amount: int, bank_reference: str | None
) -> PayoutRecord:
    day = entry.values["payout_date"]
    issued_at = datetime.combine(day, time(), UTC)
    return PayoutRecord(
        source_id=source_id,
        source_created_at=issued_at,
        status=status,
        source_status=_word(entry.values["payout_status"]).upper(),
        currency=entry.values["currency"],
        raw=raw_of(entry.said),
        amount=amount,
        kind="automatic",
        itemizable=True,
        contents_complete=False,
        initiated_at=issued_at,
        arrival_date=day,
        trace_id=bank_reference,
    )


def _line(entry: Entry, payout_ref: str, seen: Counter[tuple[object, ...]]) -> PayoutLineRecord:
    values = entry.values
    name = _word(values["type"]).upper()
    meaning = line_type(_TYPES.get(name.lower(), name))
    fee = values["gross"] - values["net"]
    facts = (values["created_at"].isoformat(), name, values.get("order") or "",
             values.get("checkout") or "", values["gross"], fee, values["currency"])  # fmt: skip
    seen[facts] += 1
    vat = fee - values["fee"]
    return PayoutLineRecord(
        source_id=made_up_id(*facts, seen[facts]),
        source_created_at=values["created_at"],
        status="settled",
        source_status=_word(values["payout_status"]).upper(),
        currency=values["currency"],
        raw=raw_of(entry.said),
        gross=values["gross"],
        fee=fee,
        net=values["net"],
        line_type=name.lower(),
        reporting_category=meaning.category,
        available_on=values.get("available_on"),
        payout_ref=payout_ref,
        description=f"Order {values['order']}" if values.get("order") else None,
        fees=fees_of(values["currency"], (meaning.fee_kind, fee - vat), ("tax", vat),
                     (meaning.billed, -values["gross"])),
    )  # fmt: skip
