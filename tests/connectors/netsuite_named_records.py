"""Hostile rows of NetSuite by name, each with its outcome: what is stored, or why not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.connectors import netsuite_rows as netsuite

Json = dict[str, Any]

SAMPLES: dict[str, Callable[..., Json]] = {
    "transactions": netsuite.line,
    "subsidiaries": netsuite.subsidiary,
    "accounts": netsuite.gl_account,
    "periods": netsuite.period,
    "departments": netsuite.segment,
    "currencies": netsuite.coin,
}


@dataclass(frozen=True)
class Case:
    """``data``: the text of a page's rows. ``reason`` None: the row is stored.

    ``money``: the amount of a line that is stored, in units (ten-thousandths).
    """

    name: str
    stream: str
    data: str
    reason: str | None = None
    money: int | None = None


def with_literal(stream: str, name: str, literal: str) -> str:
    """The sample with one column written as the text ``literal``."""
    return json.dumps([SAMPLES[stream](**{name: "@@"})]).replace('"@@"', literal)


_AMOUNTS: tuple[tuple[str, str, str | None, int | None], ...] = (
    ("nought", '"0"', None, 0),
    ("a whole number", '"187"', None, 1_870_000),
    ("two places", '"187.05"', None, 1_870_500),
    ("without a leading nought", '".5"', None, 5_000),
    ("with a trailing point", '"5."', None, 50_000),
    ("negative", '"-3.10"', None, -31_000),
    ("with a plus", '"+3.10"', None, 31_000),
    ("an exponent as text", '"1.0E7"', None, 100_000_000_000),
    ("a small exponent as text", '"94E-4"', None, 94),
    ("a bare number", "187.05", None, 1_870_500),
    ("a bare whole number", "187", None, 1_870_000),
    ("a tenth that no float has", '"0.1"', None, 1_000),
    ("2^53+1", '"9007199254740.9931"', None, 90_071_992_547_409_931),
    ("the largest that fits", '"922337203685477.5807"', None, 9_223_372_036_854_775_807),
    ("thirty trailing noughts", '"1.' + "0" * 30 + '"', None, 10_000),
    ("one unit too large", '"922337203685477.5808"', "amount_out_of_range", None),
    ("finer than a unit", '"0.00001"', "amount_out_of_range", None),
    ("a boundless exponent", '"1e99"', "amount_out_of_range", None),
    ("a longer exponent", '"1e999999"', "bad_amount", None),
    ("a formatted amount", '"1,234.00"', "bad_amount", None),
    ("a decimal comma", '"12,50"', "bad_amount", None),
    ("a currency sign", '"$12"', "bad_amount", None),
    ("brackets for a minus", '"(12)"', "bad_amount", None),
    ("a trailing minus", '"12-"', "bad_amount", None),
    ("a space in front", '" 12"', "bad_amount", None),
    ("a line break behind", '"12\\n"', "bad_amount", None),
    ("Arabic digits", '"\\u0661\\u0662"', "bad_amount", None),
    ("hexadecimal", '"0x12"', "bad_amount", None),
    ("an underscore", '"1_000"', "bad_amount", None),
    ("NaN as text", '"NaN"', "bad_amount", None),
    ("Infinity as text", '"Infinity"', "bad_amount", None),
    ("a point alone", '"."', "bad_amount", None),
    ("a sign alone", '"-"', "bad_amount", None),
    ("true", "true", "bad_amount", None),
    ("a list", "[12]", "bad_amount", None),
    ("an object", '{"value": "12"}', "bad_amount", None),
    ("NaN", "NaN", "bad_number", None),
    ("minus Infinity", "-Infinity", "bad_number", None),
    ("five thousand digits", "9" * 5000, "bad_number", None),
)

_LINE_FIELDS: tuple[tuple[str, str, str, str | None], ...] = (
    ("an id that is text", "id", '"JE42"', "bad_id"),
    ("an id with a fraction", "id", '"42.0"', "bad_id"),
    ("an id that is a number", "id", "42", "bad_id"),
    ("an id of nothing", "id", '""', "bad_id"),
    ("an id with a colon", "id", '"42:1"', "bad_id"),
    ("an id without an end", "id", '"' + "9" * 40 + '"', "bad_id"),
    ("a line that is null", "line", "null", "bad_id"),
    ("a line that is text", "line", '"first"', "bad_id"),
    ("an account that is null", "account", "null", "bad_id"),
    ("an account by its name", "account", '"1010 Bank"', "bad_id"),
    ("a subsidiary by its name", "subsidiary", '"Inc."', "bad_id"),
    ("a subsidiary of nothing", "subsidiary", '""', None),
    ("no type", "type", "null", "bad_word"),
    ("a type with a NUL", "type", '"Jour\\u0000nal"', "bad_word"),
    ("a type with a line break", "type", '"Jour\\nnal"', "bad_word"),
    ("a type that is unknown", "type", '"Custom117"', None),
    ("a voided that is a truth", "voided", "true", "bad_flag"),
    ("a voided in small letters", "voided", '"t"', "bad_flag"),
    ("a voided in words", "voided", '"Yes"', "bad_flag"),
    ("a voided that is null", "voided", "null", "bad_flag"),
    ("a voided one", "voided", '"T"', None),
    ("a posting that is null", "posting", "null", "bad_flag"),
    ("one that waits for approval", "posting", '"F"', None),
    ("a day first", "trandate", '"31/10/2026"', "bad_date"),
    ("a month first", "trandate", '"10/31/2026"', "bad_date"),
    ("a date that is none", "trandate", '"2026-02-30"', "bad_date"),
    ("a date with a time", "trandate", '"2026-10-31T00:00:00"', "bad_date"),
    ("a date of nothing", "trandate", "null", "bad_date"),
    ("a date as a number", "trandate", "20261031", "bad_date"),
    ("a week date", "trandate", '"2026-W44-6"', "bad_date"),
    ("a year of five digits", "trandate", '"12026-10-31"', "bad_date"),
    ("a year out of time", "trandate", '"0001-01-01"', "bad_date"),
    ("a leap day", "trandate", '"2024-02-29"', None),
    ("a time without seconds", "createddate", '"2026-10-31T09:15"', "bad_time"),
    ("a time with a zone", "createddate", '"2026-10-31T09:15:00Z"', "bad_time"),
    ("a time with a space", "createddate", '"2026-10-31 09:15:00"', "bad_time"),
    ("twenty-five o'clock", "createddate", '"2026-10-31T25:15:00"', "bad_time"),
    ("a leap second", "createddate", '"2026-12-31T23:59:60"', "bad_time"),
    ("a time of nothing", "createddate", "null", "bad_time"),
    ("a change that is no time", "lastmodifieddate", '"today"', "bad_time"),
    ("a change of nothing", "lastmodifieddate", "null", None),
    ("no currency", "currency", "null", "unknown_currency"),
    ("a currency by its name", "currency", '"US Dollar"', "unknown_currency"),
    ("a currency in small letters", "currency", '"usd"', "unknown_currency"),
    ("a currency that was made up", "currency", '"POINTS"', "unknown_currency"),
    ("a currency by its number", "currency", "1", "bad_text"),
    ("a rate of nought", "exchangerate", '"0"', "bad_rate"),
    ("a negative rate", "exchangerate", '"-1.1"', "bad_rate"),
    ("a rate that is text", "exchangerate", '"par"', "bad_rate"),
    ("a boundless rate", "exchangerate", '"1e20"', "bad_rate"),
    ("a rate that rounds to nought", "exchangerate", '"1e-30"', "bad_rate"),
    ("a rate of twenty places", "exchangerate", '"0.12345678901234567890"', None),
    ("a rate of nothing", "exchangerate", "null", None),
    ("a memo that is a list", "memo", '["x"]', None),
    ("a line memo that is a list", "linememo", '["x"]', "bad_text"),
    ("a memo with a lone surrogate", "linememo", '"a\\ud800b"', None),
    ("a memo that is a formula", "linememo", '"=HYPERLINK(1)"', None),
    ("a memo of a hundred thousand signs", "linememo", '"' + "x" * 100_000 + '"', None),
    ("an external id that is a number", "externalid", "5", "bad_text"),
    ("a status of nothing", "status", "null", None),
    ("a status that is unknown", "status", '"Z"', None),
    ("a period of nothing", "periodname", "null", None),
)  # fmt: skip

_LIST_FIELDS: tuple[tuple[str, str, str, str, str | None], ...] = (
    ("a subsidiary without a currency", "subsidiaries", "currency", "null", "unknown_currency"),
    ("a subsidiary without a name", "subsidiaries", "name", '""', "bad_word"),
    ("a subsidiary below a name", "subsidiaries", "parent", '"Inc."', "bad_id"),
    ("a subsidiary at the top", "subsidiaries", "parent", "null", None),
    ("a subsidiary without a truth", "subsidiaries", "iselimination", "null", "bad_flag"),
    ("an account without a type", "accounts", "accttype", "null", "bad_word"),
    ("an account without a number", "accounts", "acctnumber", "null", None),
    ("an account whose number is one", "accounts", "acctnumber", "1150", "bad_text"),
    ("an account with a made-up currency", "accounts", "currency", '"POINTS"', None),
    ("an account without its full name", "accounts", "fullname", "null", None),
    ("an account of another type", "accounts", "accttype", '"Stat"', None),
    ("an account with a negative id", "accounts", "id", '"-7"', None),
    ("a period without an end", "periods", "enddate", "null", "bad_date"),
    ("a period in words", "periods", "startdate", '"Oct 1, 2026"', "bad_date"),
    ("a period that is half closed", "periods", "closed", '"H"', "bad_flag"),
    ("a period whose locks are hidden", "periods", "alllocked", "null", "bad_flag"),
    ("a department without a name", "departments", "name", "null", None),
    ("a department without any name", "departments", "fullname", '""', None),
    ("a department that is a number", "departments", "fullname", "7", "bad_text"),
    ("a department by its name", "departments", "id", '"Sales"', "bad_id"),
    ("a currency with a made-up symbol", "currencies", "symbol", '"PTS"', None),
    ("a currency whose state is hidden", "currencies", "isinactive", "null", "bad_flag"),
)


def named_records() -> Iterator[Case]:
    """Every named record, for what it tests."""
    for name, literal, reason, money in _AMOUNTS:
        data = with_literal("transactions", "debit", literal)
        yield Case(f"debit: {name}", "transactions", data, reason, money)
    for name, column, literal, reason in _LINE_FIELDS:
        money = 1_870_500 if reason is None else None
        yield Case(name, "transactions", with_literal("transactions", column, literal),
                   reason, money)  # fmt: skip
    for name, stream, column, literal, reason in _LIST_FIELDS:
        yield Case(name, stream, with_literal(stream, column, literal), reason)
    for stream in SAMPLES:
        for text in ("null", "7", '"42"', "[]", "true", "1.5"):
            yield Case(f"{stream}: {text} for a row", stream, f"[{text}]", "not_an_object")
        yield Case(f"{stream}: an empty row", stream, "[{}]", _EMPTY[stream])
    yield Case("a debit and a credit", "transactions",
               json.dumps([netsuite.line(credit="1")]), "both_sides")  # fmt: skip
    yield Case("a credit alone", "transactions",
               json.dumps([netsuite.line(debit=None, credit="7.25")]), None, -72_500)  # fmt: skip
    yield Case("neither debit nor credit", "transactions",
               json.dumps([netsuite.line(debit=None)]), None, 0)  # fmt: skip
    yield Case("columns that were not asked for", "transactions",
               json.dumps([netsuite.line(custbody_x="1", total="5")]), None, 1_870_500)  # fmt: skip


_EMPTY = {
    "transactions": "bad_time",
    "subsidiaries": "bad_id",
    "accounts": "bad_id",
    "periods": "bad_id",
    "departments": "bad_id",
    "currencies": "bad_id",
}
