"""The lists that the general ledger is set up with: what is asked, and how a row is read.

Column names are those of the "Records Catalog" in NetSuite.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ecomops.connectors.base import Stream
from ecomops.connectors.fields import text, word
from ecomops.connectors.netsuite.batch import Kind
from ecomops.connectors.netsuite.fields import (
    DATE,
    Row,
    currency,
    day,
    flag,
    identifier,
    optional_currency,
    reference,
    valid_id,
)
from ecomops.connectors.netsuite.suiteql import Query, marks
from ecomops.connectors.records import (
    GlAccountRecord,
    PeriodRecord,
    SegmentRecord,
    StoredRecord,
    SubsidiaryRecord,
)


@dataclass(frozen=True, slots=True)
class List:
    """``select`` names its own table ``x``. An ``optional`` one belongs to a NetSuite feature
    that an account may not have; ``permission`` is what a role needs for it.
    """

    stream: Stream
    select: str
    read: Callable[[str, Row, str], StoredRecord]
    permission: str
    segment: str = ""
    optional: bool = False

    @property
    def kind(self) -> Kind:
        return Kind(self.stream.name, self.read, self._name)

    def after(self, key: str | None) -> Query:
        """The rows behind ``key``, by id."""
        where, params = ("", ()) if key is None else (" WHERE x.id > ?", (key,))
        return Query(f"{self.select}{where} ORDER BY x.id", params)

    def named(self, ids: tuple[str, ...]) -> Query:
        """The rows of these ids."""
        return Query(f"{self.select} WHERE x.id IN ({marks(ids)}) ORDER BY x.id", ids)

    def prefix(self, account: str) -> str:
        """What a source_id has in front of the row's own id."""
        return f"{account}:{self.segment}:" if self.segment else f"{account}:"

    def _name(self, account: str, row: Row) -> str | None:
        return self.prefix(account) + row["id"] if valid_id(row.get("id")) else None


def _read_subsidiary(account: str, row: Row, raw: str) -> SubsidiaryRecord:
    parent = reference(row, "parent")
    return SubsidiaryRecord(
        source_id=f"{account}:{identifier(row)}",
        name=word(row, "name"),
        inactive=flag(row, "isinactive"),
        raw=raw,
        currency=currency(row, "currency"),
        parent_ref=f"{account}:{parent}" if parent else None,
        elimination=flag(row, "iselimination"),
    )


def _read_account(account: str, row: Row, raw: str) -> GlAccountRecord:
    return GlAccountRecord(
        source_id=f"{account}:{identifier(row)}",
        name=text(row, "fullname") or word(row, "accountsearchdisplayname"),
        inactive=flag(row, "isinactive"),
        raw=raw,
        number=text(row, "acctnumber"),
        account_type=word(row, "accttype"),
        currency=optional_currency(row, "currency"),
    )


def _read_period(account: str, row: Row, raw: str) -> PeriodRecord:
    return PeriodRecord(
        source_id=f"{account}:{identifier(row)}",
        name=word(row, "periodname"),
        inactive=flag(row, "isinactive"),
        raw=raw,
        start_date=day(row, "startdate"),
        end_date=day(row, "enddate"),
        closed=flag(row, "closed"),
        all_locked=flag(row, "alllocked"),
        is_quarter=flag(row, "isquarter"),
        is_year=flag(row, "isyear"),
        is_adjustment=flag(row, "isadjust"),
    )


def _segments(segment: str) -> Callable[[str, Row, str], SegmentRecord]:
    """The four kinds share a table, so that a record's source_id says which it is."""

    def read(account: str, row: Row, raw: str) -> SegmentRecord:
        return SegmentRecord(
            source_id=f"{account}:{segment}:{identifier(row)}",
            name=text(row, "fullname") or word(row, "name"),
            inactive=flag(row, "isinactive"),
            raw=raw,
            kind=segment,
            symbol=optional_currency(row, "symbol"),
        )

    return read


def _segment(name: str, label: str, segment: str, table: str, permission: str) -> List:
    return List(
        Stream(name, "ledger_segments", label),
        f"SELECT x.id, x.name, x.fullname, x.isinactive FROM {table} x",
        _segments(segment), permission, segment, optional=True,
    )  # fmt: skip


LISTS: Final = {
    it.stream.name: it
    for it in (
        List(
            Stream("subsidiaries", "subsidiaries", "Subsidiaries"),
            "SELECT x.id, x.name, x.parent, x.iselimination, x.isinactive, c.symbol AS currency"
            " FROM subsidiary x LEFT JOIN currency c ON c.id = x.currency",
            _read_subsidiary, "Lists, Subsidiaries",
        ),
        List(
            Stream("accounts", "gl_accounts", "Accounts"),
            "SELECT x.id, x.acctnumber, x.accountsearchdisplayname, x.fullname, x.accttype,"
            " x.isinactive, c.symbol AS currency"
            " FROM account x LEFT JOIN currency c ON c.id = x.currency",
            _read_account, "Lists, Accounts",
        ),
        List(
            Stream("currencies", "ledger_segments", "Currencies"),
            "SELECT x.id, x.name, x.symbol, x.isinactive FROM currency x",
            _segments("currency"), "Lists, Currency", "currency",
        ),
        _segment("departments", "Departments", "department", "department", "Lists, Departments"),
        _segment("classes", "Classes", "class", "classification", "Lists, Classes"),
        _segment("locations", "Locations", "location", "location", "Lists, Locations"),
        List(
            Stream("periods", "accounting_periods", "Accounting periods"),
            f"SELECT x.id, x.periodname, TO_CHAR(x.startdate, '{DATE}') AS startdate,"
            f" TO_CHAR(x.enddate, '{DATE}') AS enddate, x.closed, x.alllocked, x.isquarter,"
            " x.isyear, x.isadjust, x.isinactive FROM accountingperiod x",
            _read_period, "Setup, Manage Accounting Periods",
        ),
    )
}  # fmt: skip
