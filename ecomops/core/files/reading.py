"""A table read by its fields: typed values of each line, and every mistake."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Any, Final, Literal

from ecomops.core import money
from ecomops.core.files.dates import ORDERS, order_of, parse_day, parse_moment
from ecomops.core.files.fields import Choices, Field, Layout, fingerprint, suggest
from ecomops.core.files.numbers import MARKS, AmbiguousError, mark_of, parse_amount, units_of
from ecomops.core.files.problems import Problems
from ecomops.core.files.table import Line, Table, read_table
from ecomops.core.files.text import read_text
from ecomops.kit.errors import InvalidInputError

FILE: Final = ""
CURRENCY = "currency"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. ``values`` by field: dates, moments, units, text; None where the cell is empty.

    ``said`` is what stood there, by header.
    """

    number: int
    values: Mapping[str, Any]
    said: Mapping[str, str]


@dataclass(slots=True)
class Sheet:
    """A file that is understood as far as it can be.

    ``choices`` are complete but for the ``questions``: what only a person can tell, by choice.
    """

    layout: Layout
    table: Table
    choices: Choices
    questions: dict[str, str]
    zone: tzinfo = UTC
    problems: Problems = field(default_factory=Problems)

    @property
    def mapping(self) -> Mapping[str, str]:
        return self.choices.mapping or {}

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.table.names)

    def entries(self) -> Iterator[Entry]:
        """The lines that can be read; mistakes go to ``problems``. Nothing while questions are."""
        if self.questions:
            return
        names, places = self.table.names, self._places()
        for line in self.table.lines():
            if len(line.cells) != len(names) and not _same_width(line, len(names)):
                message = f"This line has {len(line.cells)} cells, the headers are {len(names)}."
                self.problems.add(line.number, "", ";".join(line.cells), message)
                continue
            values = self._values(line, places)
            if values is not None:
                said = dict(zip(names, line.cells, strict=False))
                yield Entry(line.number, values, said)

    def _places(self) -> list[tuple[Field, int]]:
        """The mapped fields with their columns; the currency first, for amounts need it."""
        position = {name: place for place, name in enumerate(self.table.names)}
        mapped = [(it, position[self.mapping[it.name]]) for it in self.layout.fields
                  if it.name in self.mapping]  # fmt: skip
        return sorted(mapped, key=lambda it: it[0].kind != "currency")

    def _values(self, line: Line, places: list[tuple[Field, int]]) -> dict[str, Any] | None:
        values: dict[str, Any] = {CURRENCY: self.choices.currency or None}
        before = self.problems.count
        for one, place in places:
            cell = line.cells[place]
            try:
                values[one.name] = self._value(one, cell, values) if cell else None
            except ValueError as error:
                self.problems.add(line.number, self.table.names[place], cell, str(error))
                values[one.name] = None
            else:
                if not cell and one.required:
                    message = f"{one.label} is missing."
                    self.problems.add(line.number, self.table.names[place], "", message)
        if values[CURRENCY] is None and self.problems.count == before:
            header = self.mapping.get(CURRENCY, "")
            self.problems.add(line.number, header, "", "The currency of this line is missing.")
        return values if self.problems.count == before else None

    def _value(self, one: Field, cell: str, values: Mapping[str, Any]) -> Any:
        if one.kind == "amount":
            currency = values[CURRENCY]
            return units_of(parse_amount(cell, self.choices.mark), currency) if currency else None
        return _READ[one.kind](self, cell)


def _same_width(line: Line, width: int) -> bool:
    """Cells beyond the headers are nothing as long as they are empty."""
    return len(line.cells) > width and not any(line.cells[width:])


def _currency(_sheet: Sheet, cell: str) -> str:
    code = cell.upper()
    if code not in money.EXPONENTS:
        raise ValueError("This is no ISO 4217 currency code.")
    return code


_READ: Final[Mapping[str, Callable[[Sheet, str], Any]]] = {
    "text": lambda _, cell: cell,
    "currency": _currency,
    "day": lambda sheet, cell: parse_day(cell, sheet.choices.order),
    "moment": lambda sheet, cell: parse_moment(cell, sheet.choices.order, sheet.zone),
}


_FOUND_OUT: Final[Mapping[str, tuple[Mapping[str, str], Callable[[Iterable[str]], str]]]] = {
    "mark": (MARKS, mark_of),
    "order": (ORDERS, order_of),
}


def open_sheet(
    data: bytes,
    layouts: tuple[Layout, ...],
    choices: Choices,
    remembered: Callable[[str], Mapping[str, str] | None] = lambda _: None,
    zone: tzinfo = UTC,
) -> Sheet:
    """Understand a file; the layout is the one whose fields are found best.

    ``remembered`` tells the mapping that was used for headers of this fingerprint before.
    Raises InvalidInputError for what is no table at all.
    """
    text = read_text(data, choices.encoding)
    table = read_table(text.text, choices.delimiter, choices.header_line)
    layout = max(layouts, key=lambda it: _found(it, table))
    mapping = _mapping(layout, table, choices, remembered)
    questions = dict(layout.missing(mapping))
    known = choices.mark in MARKS and choices.order in ORDERS
    written, dated = (set(), set()) if known else _distinct(table, layout, mapping)
    read_as = Choices(
        encoding=text.encoding,
        delimiter=table.delimiter,
        header_line=table.header_line,
        mark=_told("mark", choices, written, questions),
        order=_told("order", choices, dated, questions),
        currency=_chosen_currency(mapping, choices, questions),
        mapping=mapping,
    )
    return Sheet(layout, table, read_as, questions, zone)


def _found(layout: Layout, table: Table) -> tuple[bool, int]:
    found = suggest(layout.fields, table.names)
    return not layout.missing(found), len(found)


def _mapping(
    layout: Layout,
    table: Table,
    choices: Choices,
    remembered: Callable[[str], Mapping[str, str] | None],
) -> dict[str, str]:
    wanted = choices.mapping
    if wanted is None:
        wanted = remembered(fingerprint(table.names))
    if wanted is None:
        wanted = suggest(layout.fields, table.names)
    known = {it.name for it in layout.fields}
    return {name: header for name, header in wanted.items()
            if name in known and header in table.names}  # fmt: skip


def _distinct(
    table: Table, layout: Layout, mapping: Mapping[str, str]
) -> tuple[set[str], set[str]]:
    """What stands in the columns of amounts, and in those of dates, each cell once."""
    amounts, days = (
        [table.names.index(mapping[it.name]) for it in layout.fields
         if it.kind in kinds and it.name in mapping]
        for kinds in (("amount",), ("day", "moment"))
    )  # fmt: skip
    written, dated = set[str](), set[str]()
    for line in table.lines():
        cells = line.cells
        written.update(cells[place] for place in amounts if place < len(cells))
        dated.update(cells[place] for place in days if place < len(cells))
    return written, dated


def _told(
    name: Literal["mark", "order"], choices: Choices, cells: set[str], questions: dict[str, str]
) -> str:
    """What was chosen, or what is found; nothing, and a question, when it cannot be told."""
    offered, find = _FOUND_OUT[name]
    chosen: str = getattr(choices, name)
    if chosen in offered:
        return chosen
    try:
        return find(sorted(cells))
    except AmbiguousError as error:
        questions[name] = str(error)
        return ""


def _chosen_currency(mapping: Mapping[str, str], choices: Choices, ask: dict[str, str]) -> str:
    if CURRENCY in mapping:
        return ""
    if choices.currency and choices.currency not in money.EXPONENTS:
        raise InvalidInputError({"currency": "Enter an ISO 4217 code such as USD."})
    if not choices.currency:
        ask["currency"] = "No column tells the currency. Choose it."
    return choices.currency
