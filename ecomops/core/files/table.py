"""From text to cells: the delimiter, the line of the headers, and the lines below it."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Final

from ecomops.core.files.dates import looks_like_day
from ecomops.core.files.numbers import looks_like_amount
from ecomops.core.files.text import refused
from ecomops.kit.errors import InvalidInputError

DELIMITERS: Final = {",": "Comma", ";": "Semicolon", "\t": "Tab"}
MOST_LINES, MOST_COLUMNS, LONGEST_CELL = 200_000, 200, 10_000
NO_HEADER = -1
"""As the line of the headers: there are none, and columns are numbered."""
_LOOKED_AT: Final = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One record. ``number`` is the line of the file on which it begins, from 1."""

    number: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Table:
    """Named columns over lines. ``skipped``: how many lines stand above the headers."""

    text: str
    delimiter: str
    header_line: int
    names: tuple[str, ...]
    skipped: int

    def lines(self) -> Iterator[Line]:
        """Those below the headers that hold anything. Raises InvalidInputError."""
        found = 0
        for line in _records(self.text, self.delimiter):
            if line.number <= self.header_line or not any(line.cells):
                continue
            found += 1
            if found > MOST_LINES:
                raise refused("The file has more than 200,000 lines. Split it by period.")
            yield line


def read_table(text: str, delimiter: str = "", header_line: int = 0) -> Table:
    """The table in ``text``; what is not given is found out. Raises InvalidInputError."""
    if delimiter not in {"", *DELIMITERS}:
        raise InvalidInputError({"delimiter": "Choose comma, semicolon or tab."})
    found = delimiter or _delimiter_of(text)
    first = [line for line in islice(_records(text, found), _LOOKED_AT) if any(line.cells)]
    if not first:
        raise refused("The file is empty.")
    number = header_line or _header_of(first)
    header = next((line for line in first if line.number == number), None)
    if header is None and number != NO_HEADER:
        message = f"Line {number} holds no headers. Choose a line among the first {_LOOKED_AT}."
        raise InvalidInputError({"header_line": message})
    cells = header.cells if header else [""] * len(first[0].cells)
    skipped = sum(1 for line in first if line.number < number)
    return Table(text, found, number, _names(cells), skipped)


def _records(text: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 1
    try:
        for cells in reader:
            yield Line(number, _checked(number, cells))
            number = reader.line_num + 1
    except csv.Error as error:
        said = "a cell is too long" if "limit" in str(error) else "a quotation mark is not closed"
        raise refused(f"Line {number} cannot be read: {said}.") from None


def _checked(number: int, cells: list[str]) -> list[str]:
    if len(cells) > MOST_COLUMNS:
        raise refused(f"Line {number} has more than {MOST_COLUMNS} columns.")
    if max(map(len, cells), default=0) > LONGEST_CELL:
        raise refused(f"Line {number} has a cell of more than 10,000 characters.")
    return [cell.strip() for cell in cells]


def _delimiter_of(text: str) -> str:
    """The one that cuts most lines into the same number of cells, and into most of them."""
    if text[:4].lower() == "sep=" and text[4:5] in DELIMITERS:
        return text[4]
    return max(DELIMITERS, key=lambda one: _evenness(text, one))


def _evenness(text: str, delimiter: str) -> tuple[int, int]:
    widths = Counter[int]()
    with suppress(InvalidInputError):  # it is told when the file is read with this delimiter
        for line in islice(_records(text, delimiter), _LOOKED_AT):
            widths[len(line.cells)] += len(line.cells) > 1
    widths += Counter()
    if not widths:
        return (0, 0)
    width, count = max(widths.items(), key=lambda it: (it[1], it[0]))
    return (count, width)


def _header_of(lines: list[Line]) -> int:
    """The first line that is as wide as most are and holds names, neither dates nor amounts."""
    widths = Counter(len(line.cells) for line in lines)
    usual = max(widths.items(), key=lambda it: (it[1], it[0]))[0]
    wide = max(1, (3 * usual + 4) // 5)
    for line in lines:
        filled = [cell for cell in line.cells if cell]
        if len(filled) < wide or line.cells[0].lower().startswith("sep="):
            continue
        if not any(looks_like_day(cell) or looks_like_amount(cell) for cell in filled):
            return line.number
        if len(line.cells) >= usual:
            return NO_HEADER
    return NO_HEADER


def _names(cells: list[str]) -> tuple[str, ...]:
    """Each name once: the second ``Amount`` is ``Amount (2)``; one without a name is numbered."""
    seen: Counter[str] = Counter()
    names = []
    for position, cell in enumerate(cells, start=1):
        name = " ".join(cell.split()) or f"Column {position}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)
