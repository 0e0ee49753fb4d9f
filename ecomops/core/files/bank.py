"""A bank statement: lines as the bank tells them, signed from the account's view."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Final

from ecomops.core.files.fields import Field, Layout
from ecomops.core.files.reading import CURRENCY, Sheet
from ecomops.kit.errors import InvalidInputError

KIND: Final = "bank"


def _check(mapping: Mapping[str, str]) -> dict[str, str]:
    missing = {}
    if not {"amount", "debit", "credit"} & mapping.keys():
        missing["amount"] = "Choose the column of the amount, or those of debit and credit."
    if "amount" in mapping and {"debit", "credit"} & mapping.keys():
        missing["amount"] = "Choose either one signed amount, or debit and credit."
    return missing


STATEMENT: Final = Layout(
    KIND,
    "Bank statement",
    (
        Field("booked_on", "Booking date", "day", (
            "Booking date", "Date", "Booked on", "Posting date", "Posted date", "Transaction date",
            "Posted", "Buchungstag", "Buchungsdatum", "Datum", "Fecha", "Date operation",
        ), required=True),
        Field("value_on", "Value date", "day", (
            "Value date", "Value", "Valuta", "Wertstellung", "Valutadatum", "Effective date",
        )),
        Field("amount", "Amount, signed", "amount", (
            "Amount", "Transaction amount", "Betrag", "Umsatz", "Montant", "Importe", "Net amount",
        )),
        Field("debit", "Debit, money out", "amount", (
            "Debit", "Debit amount", "Money out", "Paid out", "Withdrawal", "Withdrawals", "Soll",
            "Lastschrift",
        )),
        Field("credit", "Credit, money in", "amount", (
            "Credit", "Credit amount", "Money in", "Paid in", "Deposit", "Deposits", "Haben",
            "Gutschrift",
        )),
        Field(CURRENCY, "Currency", "currency", (
            "Currency", "Currency code", "Ccy", "Waehrung", "Währung", "Devise",
        )),
        Field("description", "Description", "text", (
            "Description", "Details", "Transaction details", "Narrative", "Payee", "Memo", "Name",
            "Verwendungszweck", "Buchungstext", "Transaction description",
        )),
        Field("reference", "Reference", "text", (
            "Reference", "Transaction ID", "Bank reference", "Reference number", "Check number",
            "Referenz", "Kundenreferenz", "ID", "FITID",
        )),
        Field("balance", "Balance after", "amount", (
            "Balance", "Running balance", "Closing balance", "Saldo", "Kontostand",
        )),
    ),
    check=_check,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line; ``amount`` in units, positive where money came in.

    ``key`` tells it from all others of its account, equal ones of one day by their number.
    """

    number: int
    booked_on: date
    value_on: date | None
    amount: int
    currency: str
    description: str
    reference: str
    balance: int | None
    key: bytes


def read_statement(sheet: Sheet) -> Iterator[StatementLine]:
    """The lines that can be read; mistakes are noted in ``sheet.problems``."""
    seen: Counter[tuple[object, ...]] = Counter()
    for entry in sheet.entries():
        values = entry.values
        try:
            amount = _amount(values)
        except InvalidInputError as error:
            header = sheet.mapping.get("amount") or sheet.mapping.get("debit", "")
            sheet.problems.add(entry.number, header, "", error.message)
            continue
        facts = (values["booked_on"].isoformat(), amount, values[CURRENCY],
                 values.get("description") or "", values.get("reference") or "")  # fmt: skip
        seen[facts] += 1
        yield StatementLine(
            entry.number, values["booked_on"], values.get("value_on"), amount, facts[2], facts[3],
            facts[4], values.get("balance"), _key(facts, seen[facts]),
        )  # fmt: skip


def _amount(values: Mapping[str, Any]) -> int:
    """Debit and credit as one signed amount; some banks write debits as negative already."""
    told = [values[name] for name in ("amount", "debit", "credit") if values.get(name) is not None]
    if not told:
        raise InvalidInputError({"amount": "There is no amount on this line."})
    debit, credit = values.get("debit") or 0, values.get("credit") or 0
    if debit and credit:
        raise InvalidInputError({"amount": "Debit and credit are both filled."})
    if credit < 0:
        raise InvalidInputError({"amount": "A credit cannot be negative."})
    return int(values.get("amount") or credit or -abs(debit))


def _key(facts: tuple[object, ...], number: int) -> bytes:
    return sha256("\x1f".join(map(str, (*facts, number))).encode("utf-8", "replace")).digest()
