"""An upload as the preview writes it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from ecomops.core.files.dates import ORDERS
from ecomops.core.files.fields import Field
from ecomops.core.files.numbers import MARKS
from ecomops.core.files.reading import CURRENCY, Entry, Sheet
from ecomops.core.files.table import DELIMITERS, Line
from ecomops.core.files.text import ENCODINGS
from ecomops.operations.imports import Contents, Preview
from ecomops.ui import format as fmt
from ecomops.ui.pages.imports import words

SHOWN_PROBLEMS = 50
RAW_SHOWN = 80
"""Characters of a cell that is shown as it stands; a file may have a million in a line."""
READING = {"encoding": ENCODINGS, "delimiter": DELIMITERS, "mark": MARKS, "order": ORDERS}
"""What a person can choose of how a file is read: value → name on screen."""


@dataclass
class FieldRow:
    """A field of the layout and the column that tells it; empty for none."""

    name: str
    label: str
    header: str


@dataclass
class Cell:
    text: str
    number: bool


@dataclass
class LineRow:
    """One line as it would be stored, or as it stands in the file."""

    number: str
    cells: list[Cell]


@dataclass
class ProblemRow:
    line: str
    column: str
    text: str
    message: str


@dataclass
class Shown:
    """What the preview shows of a file that can be read as a table."""

    layout: str = ""
    headers: list[str] = field(default_factory=list)
    fields: list[FieldRow] = field(default_factory=list)
    columns: list[Cell] = field(default_factory=list)
    lines: list[LineRow] = field(default_factory=list)
    is_raw: bool = False
    problems: list[ProblemRow] = field(default_factory=list)
    problem_count: int = 0
    rows: int = 0
    facts: list[str] = field(default_factory=list)
    asks_currency: bool = False


def shown(found: Preview) -> Shown:
    """What there is to see; nothing of a file that cannot be read at all."""
    if found.contents is None:
        return Shown()
    contents, sheet = found.contents, found.contents.sheet
    mapped = [it for it in sheet.layout.fields if it.name in sheet.mapping]
    columns = [Cell(it.label, it.kind == "amount") for it in mapped]
    lines = [_line(entry, mapped) for entry in found.first]
    if found.raw:
        columns = _raw_columns(found.raw, sheet.table.names)
        lines = [_raw_line(line, len(columns)) for line in found.raw]
    return Shown(
        layout=sheet.layout.label,
        headers=list(sheet.table.names),
        fields=[_field(it, sheet) for it in sheet.layout.fields],
        columns=columns,
        lines=lines,
        is_raw=bool(found.raw),
        problems=[
            ProblemRow(fmt.number(it.line), it.column, it.text, it.message)
            for it in sheet.problems.kept[:SHOWN_PROBLEMS]
        ],
        problem_count=sheet.problems.count,
        rows=contents.rows,
        facts=_facts(found, contents),
        asks_currency=CURRENCY not in sheet.mapping,
    )


def _field(it: Field, sheet: Sheet) -> FieldRow:
    needed = " *" if it.required else ""
    return FieldRow(it.name, f"{it.label}{needed}", sheet.mapping.get(it.name, ""))


def _line(entry: Entry, fields: list[Field]) -> LineRow:
    currency = entry.values.get(CURRENCY)
    cells = [
        Cell(words.value_text(it, entry.values.get(it.name), currency), it.kind == "amount")
        for it in fields
    ]
    return LineRow(fmt.number(entry.number), cells)


def _raw_columns(lines: tuple[Line, ...], names: tuple[str, ...]) -> list[Cell]:
    """As many as the longest line has cells: more of them than headers may be the trouble."""
    width = max(len(line.cells) for line in lines)
    return [Cell(name, number=False) for name in [*names, *[""] * (width - len(names))]]


def _raw_line(line: Line, width: int) -> LineRow:
    cells = [*line.cells, *[""] * (width - len(line.cells))]
    return LineRow(fmt.number(line.number), [Cell(_clipped(text), number=False) for text in cells])


def _clipped(text: str) -> str:
    return text if len(text) <= RAW_SHOWN else f"{text[:RAW_SHOWN]}…"


def _facts(found: Preview, contents: Contents) -> list[str]:
    """How much there is, of when, how much money, and what is known already."""
    skipped, report = contents.sheet.table.skipped, contents.report
    ignored = report.ignored if report else 0
    read = fmt.counted(contents.rows, "line") + (" read" if contents.sheet.problems.count else "")
    facts = [
        "" if contents.sheet.questions else read,
        words.span(*contents.days),
        words.totals(contents.sums),
        f"{fmt.counted(len(report.payouts), 'payout')}" if report else "",
        f"{fmt.counted(ignored, 'line')} of no payout that was paid, left out" if ignored else "",
        f"{fmt.counted(found.known, 'line')} imported before, left as they are"
        if found.known
        else "",
        f"{fmt.counted(skipped, 'line')} above the headers left out" if skipped else "",
    ]
    return [fact for fact in facts if fact]
