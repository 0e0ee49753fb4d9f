"""Bank statements that are wrong, odd or right, by name, and what becomes of each."""

from __future__ import annotations

from ecomops.core.files.fields import Choices

RIGHT = "Date,Amount,Currency,Description\n"
LONG = "x" * 10_001

# What is no table at all: the message holds these words.
REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "only white space": (b"  \r\n\r\n ", "is empty"),
    "only a mark of UTF-8": (b"\xef\xbb\xbf", "is empty"),
    "an Excel workbook": (b"PK\x03\x04rest of a zip", "Excel workbook"),
    "an old Excel workbook": (b"\xd0\xcf\x11\xe0rest", "old Excel"),
    "a PDF": (b"%PDF-1.7 rest", "is a PDF"),
    "a gzip": (b"\x1f\x8brest of it", "compressed"),
    "a web page": (b"<!DOCTYPE html><html>", "web page"),
    "a web page after blank lines": (b"\n\n  <html><body>", "web page"),
    "an HTML table called xls": (b"<table><tr><td>1</td></tr></table>", "web page"),
    "XML": (b'<?xml version="1.0"?><a/>', "web page"),
    "OFX": (b"OFXHEADER:100\nDATA:OFXSGML\n", "OFX file"),
    "OFX in XML": (b"<OFX><BANKTRANLIST>", "XML"),
    "a NUL byte": (RIGHT.encode() + b"2026-01-02,1\x00,USD,x\n", "NUL byte"),
    "control characters": (b"Date,Amount\n\x01\x02,1\n", "control characters"),
    "a quotation mark that is never closed": (
        RIGHT.encode() + b'2026-01-02,1,USD,"open\n', "quotation mark"),
    "text after a closed quotation mark": (
        RIGHT.encode() + b'2026-01-02,1,USD,"a"b\n', "quotation mark"),
    "a cell that is too long": (
        RIGHT.encode() + f"2026-01-02,1,USD,{LONG}\n".encode(), "10,000 characters"),
    "a cell longer than csv reads": (
        RIGHT.encode() + b"2026-01-02,1,USD," + b"x" * 140_000 + b"\n", "too long"),
    "too many columns": (b",".join([b"a"] * 201) + b"\n", "200 columns"),
    "more than 20 MB": (b"a,b\n" * (5 * 1024 * 1024 + 1), "20 MB"),
}  # fmt: skip

# A line that is wrong in a file that is right: column and words of the mistake.
WRONG: dict[str, tuple[str, str, str]] = {
    "no such month": ("2026-13-02,1.00,USD,x", "Date", "no such day"),
    "no such day": ("2026-02-30,1.00,USD,x", "Date", "no such day"),
    "no date": ("soon,1.00,USD,x", "Date", "no date"),
    "a date of another order": ("02/01/2026,1.00,USD,x", "Date", "begin with its year"),
    "a date long ago": ("1826-01-02,1.00,USD,x", "Date", "not of our time"),
    "a date far ahead": ("2226-01-02,1.00,USD,x", "Date", "not of our time"),
    "no such month by name": ("2 Foo 2026,1.00,USD,x", "Date", "no such day"),
    "no such time": ("2026-01-02 25:00,1.00,USD,x", "Date", "no such time"),
    "a missing date": (",1.00,USD,x", "Date", "missing"),
    "words for an amount": ("2026-01-02,abc,USD,x", "Amount", "no amount"),
    "a decimal comma among points": ('2026-01-02,"1.234,50",USD,x', "Amount", "no amount"),
    "groups of the wrong size": ('2026-01-02,"12,34.00",USD,x', "Amount", "no amount"),
    "two points": ("2026-01-02,1.2.3,USD,x", "Amount", "no amount"),
    "scientific notation": ("2026-01-02,1e3,USD,x", "Amount", "no amount"),
    "not a number": ("2026-01-02,NaN,USD,x", "Amount", "no amount"),
    "infinity": ("2026-01-02,Infinity,USD,x", "Amount", "no amount"),
    "hexadecimal": ("2026-01-02,0x10,USD,x", "Amount", "no amount"),
    "digits of another script": ("2026-01-02,\u0661\u0662.00,USD,x", "Amount", "no amount"),
    "an underscore": ("2026-01-02,1_000.00,USD,x", "Amount", "no amount"),
    "a formula": ("2026-01-02,=1+1,USD,x", "Amount", "no amount"),
    "a percentage": ("2026-01-02,5%,USD,x", "Amount", "no amount"),
    "a sign twice": ("2026-01-02,--5.00,USD,x", "Amount", "sign"),
    "a minus in parentheses": ("2026-01-02,(-5.00),USD,x", "Amount", "sign"),
    "half a pair of parentheses": ("2026-01-02,(5.00,USD,x", "Amount", "sign"),
    "more decimals than the currency has": ("2026-01-02,1.005,USD,x", "Amount", "2 decimals"),
    "decimals of yen": ("2026-01-02,1.50,JPY,x", "Amount", "0 decimals"),
    "an amount beyond 64 bits": ("2026-01-02,9999999999999999999,USD,x", "Amount", "fit"),
    "another currency beside the amount": ("2026-01-02,EUR 5.00,USD,x", "Amount", "says EUR"),
    "a missing amount": ("2026-01-02,,USD,x", "Amount", "no amount"),
    "a currency that is none": ("2026-01-02,1.00,XYZ,x", "Currency", "ISO 4217"),
    "a currency by its symbol": ("2026-01-02,1.00,$,x", "Currency", "ISO 4217"),
    "a missing currency": ("2026-01-02,1.00,,x", "Currency", "missing"),
    "a cell too few": ("2026-01-02,1.00,USD", "", "3 cells"),
    "a cell too many": ("2026-01-02,1.00,USD,x,y", "", "5 cells"),
}  # fmt: skip

# An amount as it is written, the decimal mark, and its ten-thousandths.
AMOUNTS: dict[str, tuple[str, int]] = {
    "1234.50": (".", 12345000),
    "1,234.50": (".", 12345000),
    "1 234.50": (".", 12345000),
    "1'234.50": (".", 12345000),
    "1\u00a0234.50": (".", 12345000),
    "12,34,567.89": (".", 12345678900),
    "1.234,50": (",", 12345000),
    "1 234,5": (",", 12345000),
    "-5.00": (".", -50000),
    "\u22125.00": (".", -50000),
    "5.00-": (".", -50000),
    "(5.00)": (".", -50000),
    "($5.00)": (".", -50000),
    "+5.00": (".", 50000),
    "-$5.00": (".", -50000),
    "$-5.00": (".", -50000),
    "US$5.00": (".", 50000),
    "5,00 \u20ac": (",", 50000),
    "USD 5.00": (".", 50000),
    "5.00 USD": (".", 50000),
    "5.00 CR": (".", 50000),
    "5.00 DR": (".", -50000),
    ".50": (".", 5000),
    "0.00": (".", 0),
    "7": (".", 70000),
}

# A whole file, how it is read, and (day, units) of its lines.
READ: dict[str, tuple[bytes, Choices, list[tuple[str, int]]]] = {
    "UTF-8 with a mark": (
        "\ufeffDate,Amount,Currency\n2026-01-02,5.00,USD\n".encode(), Choices(),
        [("2026-01-02", 50000)]),
    "UTF-16 with a mark": (
        "Date,Amount,Currency\n2026-01-02,5.00,USD\n".encode("utf-16"), Choices(),
        [("2026-01-02", 50000)]),
    "UTF-16 without a mark": (
        "Date,Amount,Currency\n2026-01-02,5.00,USD\n".encode("utf-16-le"), Choices(),
        [("2026-01-02", 50000)]),
    "UTF-16, big end first": (
        "Date,Amount,Currency\n2026-01-02,5.00,USD\n".encode("utf-16-be"), Choices(),
        [("2026-01-02", 50000)]),
    "Windows-1252, semicolons, decimal commas, dots in dates": (
        "Buchungstag;Betrag;W\u00e4hrung\n31.01.2026;-1.234,50;EUR\n".encode("cp1252"), Choices(),
        [("2026-01-31", -12345000)]),
    "tabs": (
        b"Date\tAmount\tCurrency\n2026-01-02\t5.00\tUSD\n", Choices(), [("2026-01-02", 50000)]),
    "line ends of old Macs": (
        b"Date,Amount,Currency\r2026-01-02,5.00,USD\r", Choices(), [("2026-01-02", 50000)]),
    "a line that names the delimiter": (
        b"sep=;\nDate;Amount;Currency\n2026-01-02;5.00;USD\n", Choices(), [("2026-01-02", 50000)]),
    "lines above the headers": (
        b"Account;12345\n\nDate;Amount;Currency\n2026-01-02;5.00;USD\n", Choices(),
        [("2026-01-02", 50000)]),
    "blank lines between": (
        b"Date,Amount,Currency\n\n2026-01-02,5.00,USD\n,,\n", Choices(), [("2026-01-02", 50000)]),
    "empty cells beyond the headers": (
        b"Date,Amount,Currency\n2026-01-02,5.00,USD,,\n", Choices(), [("2026-01-02", 50000)]),
    "a line break within a cell": (
        b'Date,Amount,Currency,Memo\n2026-01-02,5.00,USD,"a\nb"\n', Choices(),
        [("2026-01-02", 50000)]),
    "debit and credit": (
        b"Date,Debit,Credit,Currency\n2026-01-02,5.00,,USD\n2026-01-03,,7.00,USD\n", Choices(),
        [("2026-01-02", -50000), ("2026-01-03", 70000)]),
    "debits that are negative already": (
        b"Date,Debit,Credit,Currency\n2026-01-02,-5.00,,USD\n2026-01-03,,7.00,USD\n", Choices(),
        [("2026-01-02", -50000), ("2026-01-03", 70000)]),
    "zeros in the empty column": (
        b"Date,Debit,Credit,Currency\n2026-01-02,5.00,0.00,USD\n", Choices(),
        [("2026-01-02", -50000)]),
    "a chosen currency": (
        b"Date,Amount\n2026-01-02,5\n", Choices(currency="JPY"), [("2026-01-02", 50000)]),
    "the day first, by one date that can only be so": (
        b"Date,Amount,Currency\n02/01/2026,1.00,USD\n31/01/2026,1.00,USD\n", Choices(),
        [("2026-01-02", 10000), ("2026-01-31", 10000)]),
    "the month first, by one date that can only be so": (
        b"Date,Amount,Currency\n02/01/2026,1.00,USD\n01/31/2026,1.00,USD\n", Choices(),
        [("2026-02-01", 10000), ("2026-01-31", 10000)]),
    "dates whose day is their month": (
        b"Date,Amount,Currency\n02/02/26,1.00,USD\n", Choices(), [("2026-02-02", 10000)]),
    "months by name": (
        b'Date,Amount,Currency\n2 Jan 2026,1.00,USD\n"Jan 3, 2026",1.00,USD\n', Choices(),
        [("2026-01-02", 10000), ("2026-01-03", 10000)]),
    "dates without separators": (
        b"Date,Amount,Currency\n20260102,1.00,USD\n", Choices(), [("2026-01-02", 10000)]),
    "times beside dates": (
        b"Date,Amount,Currency\n2026-01-02T23:59:59+0100,1.00,USD\n", Choices(),
        [("2026-01-02", 10000)]),
    "no headers": (
        b"2026-01-02,5.00,USD\n",
        Choices(header_line=-1, mapping={"booked_on": "Column 1", "amount": "Column 2",
                                         "currency": "Column 3"}),
        [("2026-01-02", 50000)]),
    "two columns of one name": (
        b"Date,Amount,Amount,Currency\n2026-01-02,5.00,9.00,USD\n",
        Choices(mapping={"booked_on": "Date", "amount": "Amount (2)", "currency": "Currency"}),
        [("2026-01-02", 90000)]),
}  # fmt: skip

# What only a person can tell, by choice, and words of the question.
ASKED: dict[str, tuple[bytes, str, str]] = {
    "dates in two ways": (
        b"Date,Amount,Currency\n02/01/2026,1.00,USD\n", "order", "two ways"),
    "dates of both orders": (
        b"Date,Amount,Currency\n31/01/2026,1.00,USD\n01/31/2026,1.00,USD\n", "order", "alike"),
    "amounts in two ways": (
        b'Date,Amount,Currency\n2026-01-02,"1,234",USD\n', "mark", "two ways"),
    "amounts of both marks": (
        b'Date,Amount,Currency\n2026-01-02,"1,234.50",USD\n2026-01-02,"1.234,50",USD\n', "mark",
        "alike"),
    "no currency": (b"Date,Amount\n2026-01-02,1.00\n", "currency", "Choose it"),
    "no date": (b"When,Amount,Currency\n2026-01-02,1.00,USD\n", "booked_on", "Booking date"),
    "no amount": (b"Date,Sum,Currency\n2026-01-02,1.00,USD\n", "amount", "amount"),
    "an amount beside debit and credit": (
        b"Date,Amount,Debit,Currency\n2026-01-02,1.00,1.00,USD\n", "amount", "either"),
}  # fmt: skip
