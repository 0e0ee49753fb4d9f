"""Exports as they are written on screen, and the queries they are kept as."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from ecomops.domains.exports.schemas import ExportView
from ecomops.domains.tables.catalog import get_table
from ecomops.domains.tables.parameters import read_export, write_query
from ecomops.domains.tables.schemas import Export, TableQuery
from ecomops.kit.errors import InvalidInputError
from ecomops.ui import format as fmt
from ecomops.ui.pages.exports.rows import export_row, in_words

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
EVERYTHING = Export(
    TableQuery(
        "payouts", status=("failed", "canceled"), source=("stripe",), currency=("EUR", "JPY"),
        connection_id=UUID(int=7), date_from=date(2026, 1, 1), date_to=date(2026, 1, 31),
        amount_min=Decimal("-1234.50"), amount_max=Decimal(99999), search="po_1 & 2=3",
        sort_by="amount", sort_dir="asc", arrives_from=date(2026, 1, 5),
        arrives_to=date(2026, 2, 5), ties="untied",
    ),
    columns=("currency", "amount"), bom=True,
)  # fmt: skip
READY = ExportView(
    id=UUID(int=1),
    job_id=UUID(int=2),
    export=EVERYTHING,
    status="ready",
    file_name="payouts_2026-11-20.csv",
    rows=1284,
    size=1_440_000,
    error="",
    reference="c7f19a02",
    requested_by="casey@example.com",
    mine=True,
    removable=True,
    connection_label="Main store",
    created_at=NOW - timedelta(minutes=5),
    expires_at=NOW + timedelta(days=7),
)


def test_a_ready_export_tells_what_it_is_and_until_when() -> None:
    row = export_row(READY, NOW, "Europe/Berlin")
    assert (row.table, row.format, row.rows, row.size) == ("Payouts", "CSV", "1,284", "1.4 MB")
    assert (row.when, row.expires) == ("5 minutes ago", "27 Nov 2026, 13:00 CET")
    assert row.status == "Ready"
    assert row.download == f"/exports/{UUID(int=1)}/download"
    assert row.removable
    assert not row.retry


@pytest.mark.parametrize("status", ["preparing", "failed", "canceled", "expired"])
def test_what_is_not_ready_is_not_downloaded(status: str) -> None:
    row = export_row(replace(READY, status=status, error="No room."), NOW, "UTC")  # type: ignore[arg-type]  # of four words
    assert (row.download, row.expires) == ("", "")
    assert row.retry == (status in ("failed", "canceled"))
    assert (row.error, row.reference) == (
        ("No room.", "c7f19a02") if status == "failed" else ("", "")
    )


def test_what_is_a_colleagues_is_neither_downloaded_nor_tried_again() -> None:
    for status in ("ready", "failed"):
        row = export_row(replace(READY, status=status, mine=False), NOW, "UTC")
        assert (row.download, row.retry) == ("", False)


def test_filters_are_told_in_words() -> None:
    told = in_words(READY, get_table("payouts"))
    assert told == (
        "Failed or canceled · Stripe · EUR or JPY · Main store · from 1 Jan 2026 ·"
        " until 31 Jan 2026 · at least -1,234.50 · at most 99,999 · arriving"
        " 5 Jan \N{EN DASH} 5 Feb 2026 · Does not tie out · 'po_1 & 2=3' ·"
        " by Amount, ascending · 2 columns"
    )
    plain = replace(READY, export=Export(TableQuery("payouts")))
    assert in_words(plain, get_table("payouts")) == "All rows"


@pytest.mark.parametrize(
    "export", [EVERYTHING, Export(TableQuery("fees")), replace(EVERYTHING, bom=False, columns=())]
)
def test_what_is_kept_as_a_query_is_read_again(export: Export) -> None:
    assert read_export(export.query.table, export.format, write_query(export)) == export


def test_what_makes_no_sense_in_a_query_is_told_by_its_name() -> None:
    for wrong in ("from=x", "min=1,5", "max=Infinity", "connection=7", f"min={'9' * 300}"):
        with pytest.raises(InvalidInputError) as error:
            read_export("payouts", "csv", wrong)
        assert set(error.value.fields) == {wrong.partition("=")[0]}


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1_000, "1.0 kB"), (9_999, "9.9 kB"),
     (10_000, "10 kB"), (999_999, "999 kB"), (1_440_000, "1.4 MB"), (3_200_000_000, "3.2 GB"),
     (5_000_000_000_000_000, "5,000 TB")],
)  # fmt: skip
def test_sizes_are_written_as_people_do(count: int, text: str) -> None:
    assert fmt.size(count) == text
