"""Posting lines of transactions: what is asked, and how a row is read.

All posting lines are read of every transaction that touches a followed account, so that each is
whole and balances. Followed are the accounts that people chose; until they have, those of the
types Bank and Other Current Asset, where cash and clearing are kept. Only the primary accounting
book is read; its id is 1 in every account. What will post once it is approved is read before that,
as open, so that nobody books it again.

Amounts are debit less credit in the currency of the line's subsidiary; what the transaction's own
currency says stays in ``raw``. Times are those of the role's user, taken as UTC: let that user's
time zone be GMT. Follows "Transaction Line", "Transaction Accounting Line" of the Records Catalog.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ecomops.connectors.base import Stream
from ecomops.connectors.fields import UnreadableError, text, word
from ecomops.connectors.netsuite.batch import Kind
from ecomops.connectors.netsuite.fields import (
    DATE,
    TIME,
    Row,
    amount,
    currency,
    day,
    flag,
    identifier,
    moment,
    optional_moment,
    rate,
    reference,
    valid_id,
)
from ecomops.connectors.netsuite.suiteql import Query, marks
from ecomops.connectors.records import NetsuiteLineRecord

TRANSACTIONS: Final = Stream("transactions", "netsuite_transactions", "Transactions")
PERMISSION: Final = "Transactions, Find Transaction"

_COLUMNS = (
    "t.id, tal.transactionline AS line, t.type, t.tranid, t.externalid, t.status, t.voided,"
    f" TO_CHAR(t.trandate, '{DATE}') AS trandate, TO_CHAR(t.createddate, '{TIME}') AS createddate,"
    f" TO_CHAR(t.lastmodifieddate, '{TIME}') AS lastmodifieddate, p.periodname,"
    " tal.posting, tal.account, a.accountsearchdisplayname AS accountname, tal.debit, tal.credit,"
    " tal.exchangerate, c.symbol AS currency, tl.subsidiary, t.memo, tl.memo AS linememo,"
    " tl.foreignamount, tc.symbol AS foreigncurrency, tl.entity, tl.department, tl.class,"
    " tl.location"
)
_TABLES = (
    "transactionaccountingline tal"
    " JOIN transaction t ON t.id = tal.transaction"
    " JOIN transactionline tl ON tl.transaction = tal.transaction AND tl.id = tal.transactionline"
    " JOIN account a ON a.id = tal.account"
    " LEFT JOIN accountingperiod p ON p.id = t.postingperiod"
    " LEFT JOIN subsidiary s ON s.id = tl.subsidiary"
    " LEFT JOIN currency c ON c.id = s.currency"
    " LEFT JOIN currency tc ON tc.id = t.currency"
)
_AWAITED: Final = (
    "'Journal', 'Check', 'Deposit', 'VendBill', 'VendCred', 'VendPymt', 'ExpRept',"
    " 'CustInvc', 'CustCred', 'CustPymt', 'CustRfnd'"
)
"""Types that post as soon as they are approved; orders and quotes never do."""

_COUNTED = (
    "{line}.accountingbook = 1 AND ({line}.posting = 'T'"
    f" OR ({{head}}.approvalstatus = 1 AND {{head}}.type IN ({_AWAITED})))"
)
_READ = _COUNTED.format(line="tal", head="t")
_ORDER = "ORDER BY t.id, tal.transactionline"
_TOUCHING = (
    "SELECT f.transaction FROM transactionaccountingline f"
    " JOIN transaction ft ON ft.id = f.transaction"
    f" WHERE {_COUNTED.format(line='f', head='ft')} AND f.account IN ({{accounts}})"
)
_USUAL = "SELECT u.id FROM account u WHERE u.accttype IN ('Bank', 'OthCurrAsset')"


@dataclass(frozen=True, slots=True)
class Condition:
    """Part of a WHERE, and what stands for its question marks."""

    text: str
    params: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """Which transactions are meant: those that touch ``accounts`` (none: the usual ones)."""

    accounts: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()

    def lines(self, after: str | None) -> Query:
        """Their lines, of transactions behind the id ``after``."""
        return _lines(self._touching("IN"), *self.conditions, *_behind(after))

    def left(self, after: str | None) -> Query:
        """The ids of transactions that meet the conditions and touch no followed account."""
        return _ids(self._touching("NOT IN"), *self.conditions, *_behind(after))

    def size(self) -> Query:
        """How many they are, as ``size``."""
        return _select("COUNT(*) AS size", self._touching("IN"), *self.conditions)

    def _touching(self, operator: str) -> Condition:
        accounts = marks(self.accounts) if self.accounts else _USUAL
        found = _TOUCHING.format(accounts=accounts)
        return Condition(f"t.id {operator} ({found})", self.accounts)


def rest_of(transaction: str, line: str) -> Query:
    """The lines of one transaction behind ``line``."""
    return _lines(Condition("t.id = ? AND tal.transactionline > ?", (transaction, line)))


def lines_of(transactions: Sequence[str], after: str | None) -> Query:
    """The lines of these transactions, whatever they touch."""
    named = Condition(f"t.id IN ({marks(transactions)})", tuple(transactions))
    return _lines(named, *_behind(after))


def latest_change() -> Query:
    """When any transaction was last changed, by NetSuite's own clock."""
    return Query(f"SELECT TO_CHAR(MAX(t.lastmodifieddate), '{TIME}') AS latest FROM transaction t")


def deleted_since(instant: str, after: str | None) -> Query:
    """Ids of what was deleted since ``instant`` and is no transaction (any more)."""
    behind = " AND d.recordid > ?" if after else ""
    return Query(
        f"SELECT DISTINCT d.recordid AS id FROM deletedrecord d WHERE d.deleteddate >= {_INSTANT}"
        f" AND d.recordid NOT IN (SELECT t.id FROM transaction t){behind} ORDER BY d.recordid",
        (instant, *([after] if after else [])),
    )


def changed_from(instant: str) -> Condition:
    return Condition(f"t.lastmodifieddate >= {_INSTANT}", (instant,))


def changed_before(instant: str) -> Condition:
    return Condition(f"t.lastmodifieddate < {_INSTANT}", (instant,))


def created_or_dated(start: datetime, end: datetime) -> Condition:
    """Created from ``start`` up to and without ``end``, or dated on one of the days between."""
    moments = f"t.createddate >= {_INSTANT} AND t.createddate < {_INSTANT}"
    days = f"t.trandate >= {_DAY} AND t.trandate <= {_DAY}"
    last = end - timedelta(microseconds=1)
    return Condition(
        f"(({moments}) OR ({days}))",
        (
            start.strftime(_MOMENT), (last + timedelta(seconds=1)).strftime(_MOMENT),
            start.date().isoformat(), last.date().isoformat(),
        ),
    )  # fmt: skip


_INSTANT = f"TO_DATE(?, '{TIME}')"
_DAY = f"TO_DATE(?, '{DATE}')"
_MOMENT = "%Y-%m-%dT%H:%M:%S"


def _behind(after: str | None) -> tuple[Condition, ...]:
    return () if after is None else (Condition("t.id > ?", (after,)),)


def _lines(*conditions: Condition) -> Query:
    where = " AND ".join((_READ, *(it.text for it in conditions)))
    params = tuple(value for it in conditions for value in it.params)
    return Query(f"SELECT {_COLUMNS} FROM {_TABLES} WHERE {where} {_ORDER}", params)


def _ids(*conditions: Condition) -> Query:
    found = _select("t.id", *conditions)
    return Query(f"{found.text} ORDER BY t.id", found.params)


def _select(what: str, *conditions: Condition) -> Query:
    where = " AND ".join(it.text for it in conditions)
    params = tuple(value for it in conditions for value in it.params)
    return Query(f"SELECT {what} FROM transaction t WHERE {where}", params)


def read_line(account: str, row: Row, raw: str) -> NetsuiteLineRecord:
    """One posting line. Raises UnreadableError."""
    debit, credit = amount(row, "debit"), amount(row, "credit")
    if debit is not None and credit is not None:
        raise UnreadableError("both_sides", "The line is both a debit and a credit.")
    created = moment(row, "createddate")
    transaction = identifier(row)
    return NetsuiteLineRecord(
        source_id=f"{account}:{transaction}:{identifier(row, 'line')}",
        source_created_at=created,
        source_updated_at=optional_moment(row, "lastmodifieddate"),
        status=_status(row),
        source_status=text(row, "status") or "",
        currency=currency(row, "currency"),
        raw=raw,
        internal_id=transaction,
        external_id=text(row, "externalid"),
        record_type=word(row, "type"),
        tran_id=text(row, "tranid"),
        tran_date=day(row, "trandate"),
        period=text(row, "periodname"),
        account_id=identifier(row, "account"),
        account_name=text(row, "accountname"),
        debit=debit,
        credit=credit,
        amount=(debit or 0) - (credit or 0),
        exchange_rate=rate(row, "exchangerate"),
        memo=text(row, "linememo") or text(row, "memo"),
        subsidiary_id=reference(row, "subsidiary"),
    )


def _status(row: Row) -> str:
    posts, voided = flag(row, "posting"), flag(row, "voided")
    if voided:
        return "voided"
    return "posted" if posts else "open"


def _name(account: str, row: Row) -> str | None:
    """The lines of a transaction are numbered from 0 or 1 in each."""
    transaction, line = row.get("id"), row.get("line")
    if not valid_id(transaction) or not valid_id(line):
        return None
    return f"{account}:{transaction}:{line}"


LINES: Final = Kind(TRANSACTIONS.name, read_line, _name)
