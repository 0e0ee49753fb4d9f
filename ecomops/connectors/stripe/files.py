"""Reports that Stripe's dashboard exports: itemised payout reconciliation, and the balance.

Follows "Payout reconciliation report" (``payout_reconciliation.itemized.5``) and the export of
"Balance, All transactions". Amounts are in major units and each time has a ``*_utc`` twin, which
is what is read. Columns are selectable, so they are known by name.
"""

from collections import defaultdict
from datetime import datetime
from typing import Final

from ecomops.connectors.records import PayoutLineRecord, PayoutRecord
from ecomops.connectors.reports import Report, adds_up, fees_of, one_currency, raw_of
from ecomops.core.files.fields import Field, Layout
from ecomops.core.files.reading import Entry, Sheet

PROVIDER: Final = "stripe"
_REPORTED: Final = "reported"
_FEE_KINDS: Final = {
    "dispute": "dispute",
    "dispute_reversal": "dispute",
    "refund": "refund",
    "refund_failure": "refund",
    "partial_capture_reversal": "refund",
}
_BILLED_APART: Final = {"fee": "platform", "stripe_fee": "platform", "network_cost": "interchange",
                        "tax_fee": "tax", "tax": "tax"}  # fmt: skip
_PAYOUT_ROWS: Final = frozenset({"payout", "transfer"})


_COMMON: Final = (
    Field("line_id", "Balance transaction", "text", ("balance_transaction_id", "id"), True),
    Field("created_at", "Created", "moment", (
        "created_utc", "Created (UTC)", "created", "Created date (UTC)"), True),
    Field("available_on", "Available on", "moment", (
        "available_on_utc", "Available On (UTC)", "available_on")),
    Field("currency", "Currency", "currency", ("currency",), True),
    Field("gross", "Gross", "amount", ("gross", "amount"), True),
    Field("fee", "Fee", "amount", ("fee", "fees"), True),
    Field("net", "Net", "amount", ("net",), True),
    Field("category", "Category", "text", ("reporting_category", "type"), True),
    Field("object_ref", "Source", "text", ("source_id", "source")),
    Field("description", "Description", "text", ("description",)),
)  # fmt: skip
ITEMISED: Final = Layout(
    "stripe_itemised",
    "Stripe payout reconciliation, itemised",
    (
        Field("payout_id", "Payout", "text", ("automatic_payout_id", "payout_id"), True),
        Field("paid_at", "Payout date", "moment", (
            "automatic_payout_effective_at_utc", "automatic_payout_effective_at",
            "payout_effective_at_utc", "effective_at_utc"), True),
        *_COMMON,
    ),
)  # fmt: skip
BALANCE: Final = Layout("stripe_balance", "Stripe balance", _COMMON, needed=("object_ref",))
LAYOUTS: Final = (ITEMISED, BALANCE)


def read_report(sheet: Sheet) -> Report:
    """The records of either report; mistakes are noted in ``sheet.problems``."""
    report, payouts = Report(), defaultdict[str, list[Entry]](list)
    seen = set[str]()
    for entry in sheet.entries():
        report.rows += 1
        values = entry.values
        if not adds_up(sheet, entry, values["gross"], values["fee"], values["net"]):
            continue
        if values["line_id"] in seen:
            sheet.problems.add(entry.number, sheet.mapping["line_id"], values["line_id"],
                               "This balance transaction is in the file twice.")  # fmt: skip
            continue
        seen.add(values["line_id"])
        if values["category"].lower() in _PAYOUT_ROWS:
            _add_payout_row(sheet, report, entry, seen)
            continue
        report.lines.append(_line(entry))
        if payout_id := values.get("payout_id"):
            payouts[payout_id].append(entry)
    report.payouts += [
        _payout(payout_id, entries)
        for payout_id, entries in payouts.items()
        if one_currency(sheet, entries)
    ]
    return report


def _line(entry: Entry) -> PayoutLineRecord:
    values, category = entry.values, entry.values["category"].lower()
    payout_ref = values.get("payout_id")
    kind = _FEE_KINDS.get(category, "processing")
    return PayoutLineRecord(
        source_id=values["line_id"],
        source_created_at=values["created_at"],
        status="settled" if payout_ref else "unsettled",
        source_status=_REPORTED,
        currency=values["currency"],
        raw=raw_of(entry.said),
        gross=values["gross"],
        fee=values["fee"],
        net=values["net"],
        line_type=category,
        reporting_category=category,
        available_on=values.get("available_on"),
        object_ref=values.get("object_ref"),
        payout_ref=payout_ref,
        description=values.get("description"),
        fees=fees_of(values["currency"], (kind, values["fee"]),
                     (_BILLED_APART.get(category), -values["gross"])),
    )  # fmt: skip


def _payout(payout_id: str, entries: list[Entry]) -> PayoutRecord:
    """An itemised report lists payouts whole, so that one is the sum of its lines."""
    first = entries[0].values
    amount = sum(entry.values["net"] for entry in entries)
    raw = raw_of({"payout": payout_id, "lines": str(len(entries))})
    return _paid(payout_id, first["currency"], amount, first["paid_at"], raw, complete=True)


def _add_payout_row(sheet: Sheet, report: Report, entry: Entry, seen: set[str]) -> None:
    """The balance's own row of a payout: the money that left it, no line of the payout."""
    values = entry.values
    if "paid_at" in values or not str(values.get("object_ref") or "").startswith("po_"):
        report.ignored += 1
        return
    if values["object_ref"] in seen:
        header = sheet.mapping["object_ref"]
        sheet.problems.add(entry.number, header, values["object_ref"],
                           "This payout is in the file twice.")  # fmt: skip
        return
    seen.add(values["object_ref"])
    paid_at = values.get("available_on") or values["created_at"]
    raw = raw_of(entry.said)
    report.payouts.append(
        _paid(values["object_ref"], values["currency"], -values["net"], paid_at, raw,
              complete=False)
    )  # fmt: skip


def _paid(
    payout_id: str, currency: str, amount: int, paid_at: datetime, raw: str, *, complete: bool
) -> PayoutRecord:
    return PayoutRecord(
        source_id=payout_id,
        source_created_at=paid_at,
        status="completed",
        source_status=_REPORTED,
        currency=currency,
        raw=raw,
        amount=amount,
        kind="automatic",
        itemizable=True,
        contents_complete=complete,
        initiated_at=paid_at,
        arrival_date=paid_at.date(),
    )
