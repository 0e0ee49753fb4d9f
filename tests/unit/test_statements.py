"""Reading bank statements: by named files, and in whatever dialect the same lines are written."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecomops.core.files.bank import STATEMENT, StatementLine, read_statement
from ecomops.core.files.dates import looks_like_day
from ecomops.core.files.fields import Choices
from ecomops.core.files.numbers import looks_like_amount, parse_amount, units_of
from ecomops.core.files.reading import Sheet, open_sheet
from ecomops.core.files.table import MOST_LINES
from ecomops.core.money import EXPONENTS, plain
from ecomops.kit.errors import InvalidInputError
from tests.unit.statements import AMOUNTS, ASKED, READ, REFUSED, RIGHT, WRONG


def opened(data: bytes, choices: Choices | None = None) -> Sheet:
    return open_sheet(data, (STATEMENT,), choices or Choices())


def lines_of(data: bytes, choices: Choices | None = None) -> list[StatementLine]:
    """The lines of a file in which nothing is wrong."""
    sheet = opened(data, choices)
    lines = list(read_statement(sheet))
    assert (sheet.questions, sheet.problems.count) == ({}, 0), sheet.problems.kept
    return lines


def test_there_are_enough_named_files() -> None:
    named = len(REFUSED) + len(WRONG) + len(AMOUNTS) + len(READ) + len(ASKED)
    assert named >= 100


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_table_is_refused_in_words(name: str) -> None:
    data, said = REFUSED[name]
    with pytest.raises(InvalidInputError, match=said):
        list(read_statement(opened(data)))


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_told_by_line_and_column(name: str) -> None:
    line, column, said = WRONG[name]
    good = "2026-01-02,1.00,USD,good"
    sheet = opened(f"{RIGHT}{good}\n{line}\n{good}\n".encode(), Choices(mark=".", order="ymd"))
    assert [it.number for it in read_statement(sheet)] == [2, 4]
    (problem,) = sheet.problems.kept
    assert (problem.line, problem.column) == (3, column)
    assert said in problem.message
    assert problem.text in line.replace(",", ";") or problem.text in line


@pytest.mark.parametrize("cell", ["({}x", "1{}x", "-{}1", "{}1,{}", "1{}1x"])
def test_a_cell_of_ten_thousand_blanks_is_read_like_any_other(cell: str) -> None:
    long = cell.replace("{}", " " * 9_990)
    assert looks_like_amount(long) == looks_like_amount(cell.replace("{}", " "))
    assert not looks_like_day(f"2026-01-01 10:00{long}")


def test_a_number_that_is_no_amount_is_a_mistake_of_its_cell() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        units_of(parse_amount("210000000003139471430009017", "."), "CHF")
    with pytest.raises(ValueError, match="CHF has 2 decimals"):
        units_of(parse_amount("1.23456789012345678901234567890", "."), "CHF")


@pytest.mark.parametrize("text", AMOUNTS)
def test_an_amount_is_read_exactly(text: str) -> None:
    mark, units = AMOUNTS[text]
    currency = "EUR" if "\u20ac" in text else "USD"
    assert units_of(parse_amount(text, mark), currency) == units


@pytest.mark.parametrize("name", READ)
def test_a_file_is_read_as_it_is_written(name: str) -> None:
    data, choices, wanted = READ[name]
    assert [(str(it.booked_on), it.amount) for it in lines_of(data, choices)] == wanted


@pytest.mark.parametrize("name", ASKED)
def test_what_cannot_be_told_is_asked_and_never_guessed(name: str) -> None:
    data, choice, said = ASKED[name]
    sheet = opened(data)
    assert said in sheet.questions[choice]
    assert list(read_statement(sheet)) == []


def test_the_answer_to_a_question_is_followed() -> None:
    data = b'Date,Amount,Currency\n02/01/2026,"1,234",KWD\n'
    (as_point,) = lines_of(data, Choices(order="mdy", mark="."))
    (as_comma,) = lines_of(data, Choices(order="dmy", mark=","))
    assert (as_point.booked_on, as_point.amount) == (date(2026, 2, 1), 12340000)
    assert (as_comma.booked_on, as_comma.amount) == (date(2026, 1, 2), 12340)


def test_a_line_of_both_or_of_neither_is_a_mistake() -> None:
    data = (b"Date,Debit,Credit,Currency\n2026-01-02,1.00,2.00,USD\n2026-01-02,,,USD\n"
            b"2026-01-02,,-1.00,USD\n")  # fmt: skip
    sheet = opened(data)
    assert list(read_statement(sheet)) == []
    assert [it.line for it in sheet.problems.kept] == [2, 3, 4]


def test_too_many_lines_are_refused() -> None:
    data = b"Date,Amount,Currency\n" + b"2026-01-02,1.00,USD\n" * (MOST_LINES + 1)
    with pytest.raises(InvalidInputError, match="200,000 lines"):
        opened(data)


def test_all_mistakes_are_counted_and_the_first_ones_kept() -> None:
    sheet = opened((RIGHT + "2026-01-02,x,USD,\n" * 1000).encode(), Choices(mark="."))
    assert list(read_statement(sheet)) == []
    assert (sheet.problems.count, len(sheet.problems.kept)) == (1000, 200)


def test_equal_lines_are_told_apart_by_their_number_alone() -> None:
    twice = lines_of((RIGHT + "2026-01-02,1.00,USD,x\n" * 2).encode())
    once = lines_of((RIGHT + "2026-01-03,1.00,USD,x\n2026-01-02,1.00,USD,x\n").encode())
    assert twice[0].key == once[1].key
    assert twice[0].key != twice[1].key


CURRENCIES = {"USD": 2, "JPY": 0, "KWD": 3}
WORDS = st.text(
    st.characters(codec="cp1252", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=20
)
ROWS = st.lists(
    st.tuples(
        st.dates(date(2000, 1, 1), date(2099, 12, 31)),
        st.integers(-(10**12), 10**12),
        st.sampled_from(sorted(CURRENCIES)),
        WORDS,
    ),
    min_size=1,
    max_size=12,
)  # fmt: skip


def written(units: int, currency: str, mark: str, style: str) -> str:
    """An amount in one of the ways in which banks write them."""
    places = CURRENCIES[currency]
    plain_text = f"{abs(units) / Decimal(10**places):,.{places}f}"
    text = plain_text.translate(str.maketrans(",.", ".,")) if mark == "," else plain_text
    if units >= 0:
        return text
    return {"minus": f"-{text}", "after": f"{text}-", "brackets": f"({text})"}[style]


@given(
    rows=ROWS,
    delimiter=st.sampled_from(",;\t"),
    mark=st.sampled_from(".,"),
    order=st.sampled_from(("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d %b %Y")),
    style=st.sampled_from(("minus", "after", "brackets")),
    encoding=st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "cp1252")),
    columns=st.permutations(("Date", "Amount", "Currency", "Description")),
    split=st.booleans(),
)
def test_the_same_lines_come_of_any_dialect(
    rows: list[tuple[date, int, str, str]], delimiter: str, mark: str, order: str, style: str,
    encoding: str, columns: list[str], split: bool,
) -> None:  # fmt: skip
    """Dates and marks are told, for no file can tell them always; all else is found out."""
    out = io.StringIO(newline="")
    names = [n for c in columns for n in (("Debit", "Credit") if split and c == "Amount" else (c,))]
    writer = csv.DictWriter(out, names, delimiter=delimiter, extrasaction="ignore")
    writer.writeheader()
    for day, units, currency, text in rows:
        amount = written(units, currency, mark, style)
        writer.writerow({
            "Date": day.strftime(order), "Amount": amount, "Currency": currency,
            "Description": text, "Debit": written(-units, currency, mark, style)
            if units < 0 else "", "Credit": amount if units >= 0 else "",
        })  # fmt: skip
    told = {"%d.%m.%Y": "dmy", "%m/%d/%Y": "mdy"}.get(order, "ymd")
    choices = Choices(encoding=encoding.removesuffix("-sig"), delimiter=delimiter, header_line=1,
                      mark=mark, order=told)  # fmt: skip
    found = lines_of(out.getvalue().encode(encoding), choices)
    assert [(it.booked_on, plain(it.amount, it.currency), it.description) for it in found] == [
        (day, f"{units / Decimal(10 ** CURRENCIES[currency]):.{CURRENCIES[currency]}f}",
         text.strip())
        for day, units, currency, text in rows
    ]  # fmt: skip


@given(st.binary(max_size=400))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    try:
        sheet = opened(data)
        list(read_statement(sheet))
    except InvalidInputError:
        return
    assert sheet.choices.encoding


@given(st.text(max_size=300))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    test = (RIGHT + text).encode("utf-8", "replace")
    try:
        sheet = opened(test, Choices(mark=".", order="dmy"))
        found = list(read_statement(sheet))
    except InvalidInputError:
        return
    assert all(line.currency in EXPONENTS and line.booked_on.year >= 1990 for line in found)
