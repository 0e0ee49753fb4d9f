"""LibreOffice and pandas read of our files what the database holds, to the last unit."""

from __future__ import annotations

import csv
import shutil
import subprocess
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pandas
import pytest

from ecomops.core.money import from_decimal
from tests.browser.stack import Stack, database
from tests.interop.conftest import TABLES

Sums = dict[str, tuple[int, int]]
"""Currency → number of rows, and the sum of their amounts in units."""

# Comma, double quotes, UTF-8, from the first line on; formulas are values, dates as ISO.
CSV_FILTER = "44,34,76,1"
LONGEST = 180  # seconds
FILES = [f"{table}.{suffix}" for table in TABLES for suffix in ("csv", "bom.csv", "xlsx")]


def in_database(stack: Stack, table: str) -> Sums:
    query = f"SELECT currency, count(*), sum(amount)::bigint FROM {table} GROUP BY currency"
    with database(stack, "demo") as connection:
        return {currency: (rows, int(units)) for currency, rows, units in connection.execute(query)}


def summed(rows: list[tuple[str, str]]) -> Sums:
    """Of (currency, amount as plain decimal text)."""
    counts, sums = Counter[str](), Counter[str]()
    for currency, amount in rows:
        counts[currency] += 1
        sums[currency] += from_decimal(Decimal(amount))
    return {currency: (counts[currency], sums[currency]) for currency in counts}


@pytest.mark.parametrize("name", FILES)
def test_pandas_reads_the_sums_of_the_database(stack: Stack, downloads: Path, name: str) -> None:
    path = downloads / name
    read = pandas.read_excel if path.suffix == ".xlsx" else pandas.read_csv
    frame = read(path, dtype={"amount": object, "currency": str, "source_id": str})
    rows = [(code, str(amount)) for code, amount in zip(frame.currency, frame.amount, strict=True)]
    assert summed(rows) == in_database(stack, name.partition(".")[0])
    assert len(rows) > 20
    assert frame.source_id.map(type).eq(str).all()
    if path.suffix == ".xlsx":
        assert str(frame.created_at.dtype).startswith("datetime64")


@pytest.mark.parametrize("name", FILES)
def test_libreoffice_reads_the_sums_of_the_database(
    stack: Stack, downloads: Path, name: str, tmp_path: Path
) -> None:
    found = list(csv.DictReader(converted(downloads / name, tmp_path).open(encoding="utf-8-sig")))
    rows = [(row["currency"], row["amount"]) for row in found]
    assert summed(rows) == in_database(stack, name.partition(".")[0])
    assert next(iter(found[0])) == "source_id"


def converted(path: Path, folder: Path) -> Path:
    """The file as LibreOffice writes it back as CSV, amounts with every digit it kept."""
    program = shutil.which("soffice")
    assert program is not None, "python -m tools.libreoffice"
    source = folder / f"in{path.suffix}"
    shutil.copy(path, source)
    # Tokens 4 to 9: no formats, no quoting of all text, no language, values as they are stored.
    export = f"csv:Text - txt - csv (StarCalc):{CSV_FILTER},,0,false,false,false"
    reading = [] if path.suffix == ".xlsx" else [f"--infilter=CSV:{CSV_FILTER}"]
    command = [program, f"-env:UserInstallation=file://{folder}/profile", "--headless", *reading,
               "--convert-to", export, "--outdir", str(folder / "out"), str(source)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST)
    target = folder / "out" / "in.csv"
    assert target.exists(), done.stdout + done.stderr
    return target
