"""What the world holds, as rows of the tables that SuiteQL reads."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from ecomops.sandbox.wire.netsuite.dates import held, held_instant
from ecomops.sandbox.wire.netsuite.schema import TABLES
from ecomops.sandbox.world.netsuite import chart
from ecomops.sandbox.world.netsuite.entries import (
    PREFIXES,
    RECORD_TYPES,
    Posting,
    Transaction,
)
from ecomops.sandbox.world.netsuite.periods import Period

Row = dict[str, Any]
LINES_A_TRANSACTION = 10_000
_STATUS_WORDS = {"A": "Pending Approval", "B": "Approved for Posting", "V": "Voided"}
_TYPE_WORDS = {
    "Journal": "Journal", "Deposit": "Deposit", "CustPymt": "Payment",
    "VendBill": "Bill", "VendPymt": "Bill Payment", "Check": "Check",
}  # fmt: skip
_FLAGS = {
    "account": ("eliminate", "inventory", "reconcilewithmatching", "revalue"),
    "accountingperiod": ("allownonglchanges", "isinactive"),
}


def flag(truth: bool) -> str:
    return "T" if truth else "F"


def amount(cents: int) -> str:
    """An exact decimal of two places."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def rate(parts: int) -> str:
    return f"{parts // chart.RATE_SCALE}.{parts % chart.RATE_SCALE:05d}"


def row(table: str, **values: Any) -> Row:
    """A row with all columns of its table; what is not told is NULL."""
    return {name: values.get(name) for name in TABLES[table]}


# lists


def list_rows(opened: date, periods: Iterable[Period]) -> Iterator[tuple[str, Row]]:
    """(table, row) of everything but transactions."""
    since = held(opened)
    yield "dual", row("dual", dummy="X")
    for currency in chart.CURRENCIES.values():
        yield "currency", _currency(currency, since)
    for subsidiary in chart.SUBSIDIARIES:
        yield "subsidiary", _subsidiary(subsidiary, since)
    for account in chart.ACCOUNTS.values():
        yield "account", _account(account, since)
    segments = {
        "department": chart.DEPARTMENTS,
        "classification": chart.CLASSES,
        "location": chart.LOCATIONS,
    }
    for table, found in segments.items():
        for segment in found:
            yield table, _segment(table, segment, since)
    for entity in chart.ENTITIES:
        yield "entity", row(
            "entity", id=entity.id, entityid=entity.name, altname=entity.name, type=entity.type,
            isinactive="F", lastmodifieddate=since,
        )  # fmt: skip
    for period in periods:
        yield "accountingperiod", _period(period, since)


def _currency(it: chart.Currency, since: str) -> Row:
    return row(
        "currency", id=it.id, symbol=it.symbol, name=it.name, displaysymbol=it.sign,
        currencyprecision=it.precision, exchangerate=rate(it.dollars), isinactive="F",
        isbasecurrency=flag(it.symbol == "USD"), lastmodifieddate=since,
    )  # fmt: skip


def _subsidiary(it: chart.Subsidiary, since: str) -> Row:
    above = chart.subsidiary(it.parent) if it.parent else None
    return row(
        "subsidiary", id=it.id, name=it.name, legalname=it.name, parent=it.parent,
        fullname=f"{above.name} : {it.name}" if above else it.name, country=it.country,
        currency=chart.CURRENCIES[it.currency].id, iselimination=flag(it.eliminates),
        isinactive=flag(it.inactive), lastmodifieddate=since,
    )  # fmt: skip


def _account(it: chart.Account, since: str) -> Row:
    return row(
        "account", id=it.id, acctnumber=it.number, accttype=it.type, fullname=it.name,
        accountsearchdisplayname=it.display, accountsearchdisplaynamecopy=it.name,
        displaynamewithhierarchy=it.name, parent=it.parent, generalrate="CURRENT",
        currency=chart.CURRENCIES[it.currency].id if it.currency else None, includechildren="T",
        subsidiary=", ".join(map(str, it.subsidiaries)), isinactive=flag(it.inactive),
        issummary=flag(it.summary), lastmodifieddate=since,
        **dict.fromkeys(_FLAGS["account"], "F"),
    )  # fmt: skip


def _segment(table: str, it: chart.Segment, since: str) -> Row:
    return row(
        table, id=it.id, name=it.name, fullname=it.name, parent=it.parent, includechildren="T",
        subsidiary=", ".join(map(str, it.subsidiaries)), isinactive=flag(it.inactive),
        lastmodifieddate=since,
    )  # fmt: skip


def _period(it: Period, since: str) -> Row:
    return row(
        "accountingperiod", id=it.id, periodname=it.name, startdate=held(it.start),
        enddate=held(it.end), parent=it.parent, closed=flag(it.closed), alllocked=flag(it.locked),
        aplocked=flag(it.locked), arlocked=flag(it.locked), isyear=flag(it.kind == "year"),
        isquarter=flag(it.kind == "quarter"), isadjust=flag(it.kind == "adjustment"),
        isposting=flag(it.kind in ("month", "adjustment")), lastmodifieddate=since,
        closedondate=held(it.end) if it.closed else None,
        **dict.fromkeys(_FLAGS["accountingperiod"], "F"),
    )  # fmt: skip


# transactions


def transaction_rows(it: Transaction) -> Iterator[tuple[str, Row]]:
    """(table, row) of a transaction and its lines."""
    total = sum(line.cents for line in it.postings if line.cents > 0)
    yield "transaction", row(
        "transaction", id=it.id, type=it.type, abbrevtype=PREFIXES[it.type], tranid=it.tran_id,
        transactionnumber=it.tran_id, trandisplayname=f"{_TYPE_WORDS[it.type]} #{it.tran_id}",
        recordtype=RECORD_TYPES[it.type], externalid=it.external_id, trandate=held(it.date),
        postingperiod=it.period, currency=chart.CURRENCIES[it.currency].id,
        exchangerate=rate(it.rate), foreigntotal=amount(total), memo=it.memo, entity=it.entity,
        status=it.status, approvalstatus=2 if it.approved else 1, posting=flag(it.approved),
        void=flag(it.voided), voided=flag(it.voided), isreversal=flag(it.reverses is not None),
        reversal=it.reverses, createddate=held_instant(it.created),
        lastmodifieddate=held_instant(it.modified),
    )  # fmt: skip
    for number, line in enumerate(it.postings):
        yield "transactionline", _line(it, number, line)
        yield "transactionaccountingline", _accounting_line(it, number, line)


def _line(it: Transaction, number: int, line: Posting) -> Row:
    return row(
        "transactionline", id=number, transaction=it.id, linesequencenumber=number,
        uniquekey=it.id * LINES_A_TRANSACTION + number, mainline=flag(number == 0), taxline="F",
        subsidiary=it.subsidiary, department=line.department, location=line.location,
        entity=line.entity or it.entity, memo=line.memo, foreignamount=amount(line.cents),
        netamount=amount(line.base_cents), expenseaccount=line.account, isclosed="F",
        debitforeignamount=_positive(line.cents), creditforeignamount=_positive(-line.cents),
        linelastmodifieddate=held_instant(it.modified), **{"class": line.klass},
    )  # fmt: skip


def _accounting_line(it: Transaction, number: int, line: Posting) -> Row:
    return row(
        "transactionaccountingline", transaction=it.id, transactionline=number, accountingbook=1,
        account=line.account, amount=amount(line.base_cents), debit=_positive(line.base_cents),
        credit=_positive(-line.base_cents), netamount=amount(line.base_cents),
        exchangerate=rate(it.rate), posting=flag(it.approved),
        lastmodifieddate=held_instant(it.modified),
    )  # fmt: skip


def _positive(cents: int) -> str | None:
    return amount(cents) if cents > 0 else None


# what BUILTIN.DF shows

_NAMES: dict[str, dict[int, str]] = {
    "currency": {it.id: it.name for it in chart.CURRENCIES.values()},
    "account": {it.id: it.display for it in chart.ACCOUNTS.values()},
    "subsidiary": {it.id: it.name for it in chart.SUBSIDIARIES},
    "department": {it.id: it.name for it in chart.DEPARTMENTS},
    "class": {it.id: it.name for it in chart.CLASSES},
    "location": {it.id: it.name for it in chart.LOCATIONS},
    "entity": {it.id: it.name for it in chart.ENTITIES},
}
_NAMES["expenseaccount"] = _NAMES["account"]


def display(column: str, value: Any, periods: dict[int, str]) -> Any:
    """What a person is shown for the value of a column; ``status`` comes as ``type:letter``."""
    if column == "status" and isinstance(value, str):
        type, _, letter = value.partition(":")
        return f"{_TYPE_WORDS.get(type, type)} : {_STATUS_WORDS.get(letter, letter)}"
    if column == "type":
        return _TYPE_WORDS.get(value, value)
    if column == "postingperiod":
        return periods.get(value, value)
    return _NAMES.get(column, {}).get(value, value)
