"""A table's rows as an Excel workbook, written row by row: any size in little memory.

Columns are named as in the model. Amounts are numbers with their currency's places, dates are
dates, times those of the workspace's zone, ids are text. Text is written as text, whatever it
looks like. A number that Excel would round (it keeps 15 digits) is written as text, exactly.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select
from sqlmodel import Session
from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.worksheet import Worksheet

from ecomops.core import money
from ecomops.domains.tables.catalog import Column, Kind, TableSpec
from ecomops.domains.tables.filters import filtered, zone_of
from ecomops.domains.tables.schemas import Piece, TableQuery
from ecomops.domains.tables.statements import order_of
from ecomops.kit.statements import plain

ROWS_OF_A_SHEET = 1_048_575  # and the header
DIGITS = 15
BATCH = 2_000
CHUNK = 256 * 1024
FIRST_DATE = date(1900, 3, 1)
"""Excel counts days from here on as everybody does."""
_WIDTHS: dict[Kind, int] = {"id": 30, "text": 26, "money": 15, "time": 19, "date": 12, "status": 16}


class PlainSheet(Worksheet):  # type: ignore[misc]  # the library is untyped
    """A sheet that takes text for text: the library takes ``<r>…</r>`` for markup of its own."""

    def _xml_rich_inline_string(self, string: str, attributes: Any = ()) -> None:
        self._xml_inline_string(string, True, attributes)


def write_workbook(
    session: Session, spec: TableSpec, query: TableQuery, columns: tuple[Column, ...], folder: Path
) -> Iterator[Piece]:
    """The file: pieces without bytes while it is written in ``folder``, then its bytes."""
    path, rows = folder / "workbook.xlsx", 0
    book = _Book(path, spec.label, columns, zone_of(session))
    found = session.execute(
        _selected(session, spec, query, columns), execution_options={"yield_per": BATCH}
    )
    for batch in found.partitions():
        for row in batch:
            book.add(row)
        rows += len(batch)
        yield Piece(b"", rows)
    book.close()
    with path.open("rb") as file:
        while data := file.read(CHUNK):
            yield Piece(data, rows)


def _selected(
    session: Session, spec: TableSpec, query: TableQuery, columns: tuple[Column, ...]
) -> Select[Any]:
    """The columns of the file, and of each amount the currency."""
    shown = [plain(spec.table.c[column.name]).label(column.name) for column in columns]
    currencies = [
        spec.table.c[column.currency_of].label(f"_of_{column.name}")
        for column in columns
        if column.currency_of
    ]
    rows = filtered(session, query, *shown, *currencies)
    return rows.order_by(*order_of(spec, query).clauses(backwards=False))


class _Book:
    """The workbook as it grows. A sheet that is full is followed by another."""

    def __init__(self, path: Path, label: str, columns: Sequence[Column], zone: ZoneInfo) -> None:
        self._book = Workbook(path, {"constant_memory": True, "tmpdir": str(path.parent)})
        self._book.use_zip64()
        self._book.set_properties({"title": label, "comments": f"Times are those of {zone.key}."})
        self._label, self._columns, self._zone = label, columns, zone
        self._amounts = [at for at, column in enumerate(columns) if column.kind == "money"]
        form = self._book.add_format
        self._head = form({"bold": True, "bg_color": "#E9EDEE", "bottom": 1})
        self._text = form({"num_format": "@"})
        self._time = form({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._date = form({"num_format": "yyyy-mm-dd"})
        self._money = [form({"num_format": f"#,##0{'.' * (n > 0)}{'0' * n}"}) for n in range(5)]
        self._sheets = 0
        self._begin_sheet()

    def add(self, row: Row[Any]) -> None:
        """The next row: its cells, then the currencies of its amounts."""
        if self._next > ROWS_OF_A_SHEET:
            self._end_sheet()
            self._begin_sheet()
        currencies = dict(zip(self._amounts, row[len(self._columns) :], strict=True))
        for at, column in enumerate(self._columns):
            if (value := row[at]) not in (None, ""):
                self._write(at, column.kind, value, currencies.get(at, ""))
        self._next += 1

    def close(self) -> None:
        """Put the whole file where it belongs. Raises OSError."""
        self._end_sheet()
        try:
            self._book.close()
        except FileCreateError as error:
            raise OSError(str(error)) from error

    def _begin_sheet(self) -> None:
        self._sheets += 1
        name = self._label if self._sheets == 1 else f"{self._label} {self._sheets}"
        self._sheet = self._book.add_worksheet(name, PlainSheet)
        self._sheet.freeze_panes(1, 0)
        self._sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        for at, column in enumerate(self._columns):
            self._sheet.set_column(at, at, _WIDTHS.get(column.kind, 11))
            self._sheet.write_string(0, at, column.name, self._head)
        self._next = 1

    def _end_sheet(self) -> None:
        self._sheet.autofilter(0, 0, self._next - 1, len(self._columns) - 1)

    def _write(self, at: int, kind: Kind, value: Any, currency: str) -> None:
        match kind:
            case "money":
                self._write_money(at, value, currency)
            case "time":
                self._write_time(at, value)
            case "date":
                self._write_moment(at, value, self._date)
            case "bool":
                self._sheet.write_boolean(self._next, at, value)
            case "number":
                number = Decimal(value)
                self._write_number(at, number, f"{number:f}", None)
            case _:
                self._sheet.write_string(self._next, at, str(value), self._text)

    def _write_money(self, at: int, units: int, currency: str) -> None:
        form = self._money[money.places(units, currency)]
        self._write_number(at, money.to_decimal(units), money.plain(units, currency), form)

    def _write_number(self, at: int, number: Decimal, text: str, form: Any) -> None:
        """A number, or text where Excel would lose digits."""
        # Written from the Decimal itself: its digits are those in the file.
        if not fits(number):
            self._sheet.write_string(self._next, at, text, self._text)
        elif form is None:
            self._sheet.write_number(self._next, at, number.normalize())
        else:
            self._sheet.write_number(self._next, at, number, form)

    def _write_time(self, at: int, moment: datetime) -> None:
        try:
            local = moment.astimezone(self._zone).replace(tzinfo=None)
        except OverflowError:  # beside the calendar's ends no other zone has such a time
            self._sheet.write_string(self._next, at, str(moment), self._text)
        else:
            self._write_moment(at, local, self._time)

    def _write_moment(self, at: int, moment: date | datetime, form: Any) -> None:
        day = moment.date() if isinstance(moment, datetime) else moment
        if day >= FIRST_DATE:
            self._sheet.write_datetime(self._next, at, moment, form)
        else:
            self._sheet.write_string(self._next, at, str(moment), self._text)


def fits(number: Decimal) -> bool:
    """Whether Excel keeps all digits of ``number``."""
    return len(number.normalize().as_tuple().digits) <= DIGITS
