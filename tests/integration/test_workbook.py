"""The Excel file: typed cells, every digit, no formula, more rows than a sheet has."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from sqlalchemy import Engine, text

from ecomops import runtime
from ecomops.core.money import EXPONENTS, plain, to_decimal
from ecomops.domains.tables import workbook
from ecomops.domains.tables.catalog import TABLES, Column
from ecomops.domains.tables.export import begin_export, export_file
from ecomops.domains.tables.filters import LARGEST_PAGE
from ecomops.domains.tables.queries import list_rows
from ecomops.domains.tables.schemas import Export, TableQuery
from ecomops.kit.context import Context, Plan
from ecomops.kit.errors import EntitlementDeniedError, InvalidInputError
from tests.conftest import Workspace
from tests.integration.formulas import FORMULAS, HARMLESS
from tests.integration.provider import Stored, connect
from tests.integration.rows import KEY, ROWS, START, add_payments

StoredOf = Callable[[Workspace], Stored]
ZONE = ZoneInfo("America/New_York")


def pro(workspace: Workspace) -> Context:
    return replace(workspace.ctx, plan=Plan("pro"))


def exported(ctx: Context, export: Export) -> bytes:
    return b"".join(runtime.stream(ctx, export_file, replace(export, format="xlsx")))


def opened(ctx: Context, table: str, *columns: str) -> Workbook:
    data = exported(ctx, Export(TableQuery(table), columns=columns))
    return load_workbook(io.BytesIO(data))


def rows_of(book: Workbook, sheet: int = 0) -> list[dict[str, Any]]:
    head, *rows = book.worksheets[sheet].iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


@pytest.fixture
def in_new_york(workspace: Workspace, admin_engine: Engine) -> Workspace:
    with admin_engine.begin() as connection:
        connection.execute(
            text("UPDATE tenant_configs SET timezone = :zone WHERE tenant_id = :tenant"),
            {"zone": ZONE.key, "tenant": workspace.ctx.tenant},
        )
    return workspace


@pytest.mark.parametrize("table", sorted(TABLES))
def test_the_workbook_holds_the_rows_with_their_types(shop: Workspace, table: str) -> None:
    found = rows_of(opened(pro(shop), table))
    page = runtime.run(shop.ctx, list_rows, TableQuery(table, page_size=LARGEST_PAGE))
    assert list(found[0]) == [column.name for column in TABLES[table].columns]
    assert len(found) == ROWS
    for line, row in zip(found, page.rows, strict=True):
        assert line == {c.name: _as_cell(c, row) for c in TABLES[table].columns}


def _as_cell(column: Column, row: dict[str, Any]) -> Any:
    value = row[column.name]
    if value is None or value == "":
        return None
    match column.kind:
        case "money":
            return _number(to_decimal(value), plain(value, row[column.currency_of or "currency"]))
        case "time":
            # A sheet knows milliseconds.
            local = value.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
            return local.replace(microsecond=round(local.microsecond, -3))
        case "date":
            return datetime(value.year, value.month, value.day)
        case "number":
            return _number(Decimal(value), f"{value}")
        case "bool":
            return value
    return str(value)


def _number(value: Decimal, text_: str) -> Any:
    if not workbook.fits(value):
        return text_
    number = float(value)
    return int(number) if number.is_integer() else number


def test_the_first_row_stays_and_every_column_can_be_filtered(shop: Workspace) -> None:
    sheet = opened(pro(shop), "payouts").worksheets[0]
    assert sheet.title == "Payouts"
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:{sheet.cell(1, sheet.max_column).column_letter}{ROWS + 1}"
    widths = [sheet.column_dimensions[cell.column_letter].width for cell in sheet[1]]
    assert all(10 <= width <= 31 for width in widths)


@pytest.mark.parametrize("places", [0, 2, 3, 4])
def test_every_currency_has_its_places(
    workspace: Workspace, admin_engine: Engine, places: int
) -> None:
    connection = connect(workspace.ctx, KEY)
    codes = [code for code, exponent in EXPONENTS.items() if exponent == places]
    amount = Decimal(-1234567).scaleb(-places)
    for code in codes:
        add_payments(admin_engine, workspace, connection, [START], amount=amount, currency=code)
    sheet = opened(pro(workspace), "payments", "currency", "amount").worksheets[0]
    shown = {sheet.cell(n, 1).value: sheet.cell(n, 2) for n in range(2, sheet.max_row + 1)}
    assert set(shown) == set(codes)
    for cell in shown.values():
        assert Decimal(str(cell.value)) == amount
        assert cell.number_format == "#,##0" + ("." + "0" * places if places else "")


@pytest.mark.parametrize(
    "units",
    [2**63 - 1, -(2**63 - 1), 10**15 - 1, 10**15 + 1, 9_007_199_254_740_993, 10**18, 1, -1, 0,
     9_007_199_254_740_990, 900_719_925_474_099, 123_456_789_012_345],
)  # fmt: skip
def test_no_digit_of_an_amount_is_lost(
    workspace: Workspace, admin_engine: Engine, units: int
) -> None:
    add_payments(admin_engine, workspace, connect(workspace.ctx, KEY), [START],
                 amount=Decimal(units).scaleb(-4), currency="USD")  # fmt: skip
    data = exported(pro(workspace), Export(TableQuery("payments"), columns=("amount",)))
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    exact = to_decimal(units)
    (cell,) = rows_of(load_workbook(io.BytesIO(data)))
    if workbook.fits(exact):
        written = sheet.partition('<c r="A2"')[2].partition("<v>")[2].partition("</v>")[0]
        assert Decimal(written) == exact, "the file has the digits of the decimal, no float's"
        assert isinstance(cell["amount"], int | float)
    else:
        assert cell["amount"] == plain(units, "USD")
    assert workbook.fits(exact) == (len(str(abs(units)).rstrip("0") or "0") <= 15)


def test_text_is_text_whatever_it_looks_like(workspace: Workspace, admin_engine: Engine) -> None:
    connection = connect(workspace.ctx, KEY)
    markup = [
        "<r></r>", "<r><t>x</t></r>", '</t></is></c><c r="A9"><f>1+1</f><v>2</v></c>',
        '<r></t></is></c><c r="B2" t="str"><f>CALC()</f></c><c><is><t></r>', "&lt;", "http://x.y",
        "internal:Sheet1!A1", "file://x", "_x0041_", "007", "1e5", "TRUE",
    ]  # fmt: skip
    payloads = [*FORMULAS, *HARMLESS, *markup]
    for payload in payloads:
        add_payments(admin_engine, workspace, connection, [START], description=payload,
                     failure_code=payload)  # fmt: skip
    assert len(FORMULAS) >= 200
    book = opened(pro(workspace), "payments")
    cells = [cell for row in book.worksheets[0].iter_rows(min_row=2) for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d", "b", "inlineStr"}
    assert not any(cell.hyperlink for cell in cells)
    found = rows_of(book)
    for column in ("description", "failure_code"):
        shown = sorted(_read_by_excel(line[column]) for line in found)
        assert shown == sorted(payload.replace("\r", "\n") for payload in payloads)


def _read_by_excel(value: str | None) -> str:
    """What XML cannot hold is written as ``_x000B_``; of line ends it only knows line feeds."""
    return re.sub("_x([0-9A-F]{4})_", lambda m: chr(int(m[1], 16)), value or "").replace("\r", "\n")


def test_text_longer_than_a_cell_is_cut_and_the_file_still_opens(
    workspace: Workspace, admin_engine: Engine
) -> None:
    add_payments(admin_engine, workspace, connect(workspace.ctx, KEY), [START],
                 description="x" * 40_000)  # fmt: skip
    (line,) = rows_of(opened(pro(workspace), "payments"))
    assert line["description"] == "x" * 32_767


def test_times_are_the_workspaces(in_new_york: Workspace, admin_engine: Engine) -> None:
    moments = [
        datetime(2026, 11, 1, 5, 30, tzinfo=UTC),  # the hour that comes twice
        datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
        datetime(2026, 2, 16, 3, 4, 5, tzinfo=UTC),
        datetime(1, 1, 1, 12, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 30, tzinfo=UTC),
    ]
    add_payments(admin_engine, in_new_york, connect(in_new_york.ctx, KEY), moments)
    found = [line["created_at"] for line in rows_of(opened(pro(in_new_york), "payments"))]
    assert found == [
        datetime(9999, 12, 29, 19),
        datetime(2026, 11, 1, 1, 30),
        datetime(2026, 11, 1, 1, 30),
        datetime(2026, 2, 15, 22, 4, 5),
        "0001-01-01 07:03:58",
        "0001-01-01 00:00:00+00:00",
    ]


def test_a_full_sheet_is_followed_by_another(
    workspace: Workspace, admin_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert workbook.ROWS_OF_A_SHEET == 2**20 - 1
    monkeypatch.setattr(workbook, "ROWS_OF_A_SHEET", 5)
    monkeypatch.setattr(workbook, "BATCH", 3)
    add_payments(admin_engine, workspace, connect(workspace.ctx, KEY), [START] * 12)
    book = opened(pro(workspace), "payments")
    assert book.sheetnames == ["Payments", "Payments 2", "Payments 3"]
    assert [len(rows_of(book, n)) for n in range(3)] == [5, 5, 2]
    ids = [line["source_id"] for n in range(3) for line in rows_of(book, n)]
    assert len(set(ids)) == 12
    assert {sheet.freeze_panes for sheet in book.worksheets} == {"A2"}


def test_an_empty_table_is_its_header(workspace: Workspace) -> None:
    book = opened(pro(workspace), "payouts", "amount", "source_id")
    assert [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()] == [
        ["amount", "source_id"]
    ]


def test_a_chosen_amount_has_its_currency_though_that_is_not_chosen(
    workspace: Workspace, admin_engine: Engine
) -> None:
    add_payments(admin_engine, workspace, connect(workspace.ctx, KEY), [START],
                 amount=Decimal(1200), currency="JPY")  # fmt: skip
    sheet = opened(pro(workspace), "payments", "amount").worksheets[0]
    assert (sheet["A2"].value, sheet["A2"].number_format) == (1200, "#,##0")
    assert sheet.max_column == 1


def test_a_trial_has_no_excel_and_the_refusal_is_audited(workspace: Workspace, audit: Any) -> None:
    export = Export(TableQuery("payouts"), "xlsx")
    before = audit(workspace)
    with pytest.raises(EntitlementDeniedError):
        runtime.run(workspace.ctx, begin_export, export)
    with pytest.raises(EntitlementDeniedError):
        list(runtime.stream(workspace.ctx, export_file, export))
    assert audit(workspace) == [*before, *[("entitlement_denied", "denied")] * 2]


def test_an_expired_trial_still_has_csv(workspace: Workspace) -> None:
    over = replace(workspace.ctx, plan=Plan("trial", datetime(2020, 1, 1, tzinfo=UTC)))
    export = Export(TableQuery("payouts"))
    assert runtime.run(over, begin_export, export).startswith("payouts_")
    assert b"".join(runtime.stream(over, export_file, export)).count(b"\r\n") == 1


def test_a_column_that_is_not_there_is_told(workspace: Workspace) -> None:
    for columns in (("amount", "nothing"), ("tenant_id",), ("raw_data",), ("amount; --",)):
        with pytest.raises(InvalidInputError) as error:
            runtime.run(workspace.ctx, begin_export, Export(TableQuery("payouts"), columns=columns))
        assert set(error.value.fields) == {"columns"}


def test_the_files_name_carries_the_workspaces_day(in_new_york: Workspace) -> None:
    name = runtime.run(in_new_york.ctx, begin_export, Export(TableQuery("payouts")))
    days = {f"payouts_{datetime.now(ZONE).date()}.csv", f"payouts_{date.today()}.csv"}
    assert name in days
