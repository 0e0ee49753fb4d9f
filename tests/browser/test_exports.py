"""Flow 2.4: files of a table, at once or prepared in the background."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Download, Locator, Page, expect

from ecomops.domains.tables.catalog import TABLES
from ecomops.local.sign_ins import kept_sign_ins
from tests.browser import steps
from tests.browser.conftest import Window
from tests.browser.people import Person
from tests.browser.stack import Stack, database

pytestmark = pytest.mark.browser

FAILED = "payouts?status=failed"


def choose(page: Page, item: str) -> None:
    """An item of the Export menu."""
    page.get_by_role("button", name="Export").click()
    page.get_by_role("menuitem", name=item).click()


def contents(download: Download) -> bytes:
    return Path(download.path()).read_bytes()


def lines(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def newest(page: Page) -> Locator:
    """The row of the newest export."""
    return page.get_by_role("table", name="Exports").get_by_role("row").nth(1)


def prepare(page: Page, *choices: str) -> Locator:
    """Have a file prepared in the background; its row on the Exports page, once it is ready."""
    choose(page, "More options")
    dialog = page.get_by_role("dialog", name="Export")
    for words in (*choices, "Prepare in the background"):
        dialog.get_by_text(words, exact=True).click()
    dialog.get_by_role("button", name="Export").click()
    page.wait_for_url("**/exports")
    row = newest(page)
    expect(row.get_by_text("Ready")).to_be_visible()
    return row


def test_csv_and_excel_are_downloaded_at_once_with_the_filters(demo_page: Page) -> None:
    steps.open_table(demo_page, FAILED)
    with demo_page.expect_download() as told:
        choose(demo_page, "CSV")
    assert told.value.suggested_filename.startswith("payouts_20")
    rows = lines(contents(told.value))
    assert {row["status"] for row in rows} == {"failed"}
    with demo_page.expect_download() as told:
        choose(demo_page, "Excel")
    assert told.value.suggested_filename.endswith(".xlsx")
    sheet = load_workbook(io.BytesIO(contents(told.value))).worksheets[0]
    assert sheet.max_row == len(rows) + 1


def test_a_file_is_prepared_followed_fetched_and_deleted(demo_page: Page, stack: Stack) -> None:
    steps.open_table(demo_page, f"{FAILED}&sort=amount&dir=asc&cols=currency.-source_id")
    row = prepare(demo_page, "As on screen", "Begin with a byte order mark")
    expect(steps.toast(demo_page, "Export finished")).to_be_visible()
    expect(row).to_contain_text("Payouts")
    shown = len(TABLES["payouts"].columns) - 1
    expect(row).to_contain_text(f"Failed · by Amount, ascending · {shown} columns")
    with demo_page.expect_download() as told:
        row.get_by_role("link", name="Download").click()
    data = contents(told.value)
    assert data.startswith(b"\xef\xbb\xbfcurrency,")
    assert "source_id" not in lines(data)[0]
    with database(stack, "demo") as connection:
        actions = connection.execute(
            "SELECT action FROM audit_events WHERE category = 'table' ORDER BY xid DESC, id DESC"
            " LIMIT 3"
        ).fetchall()
    assert actions == [("export_downloaded",), ("table_exported",), ("table_export_started",)]
    file_name = told.value.suggested_filename
    before = demo_page.get_by_role("table", name="Exports").get_by_role("row").count()
    row.get_by_role("button", name=f"Delete {file_name}").click()
    dialog = demo_page.get_by_role("dialog", name="Delete this export?")
    dialog.get_by_role("button", name="Delete export").click()
    expect(steps.toast(demo_page, "Export deleted")).to_be_visible()
    if before == 2:
        expect(demo_page.get_by_role("heading", name="No exports yet")).to_be_visible()
    else:
        expect(demo_page.get_by_role("table", name="Exports").get_by_role("row")).to_have_count(
            before - 1
        )


def test_a_colleague_sees_an_export_and_cannot_fetch_it(
    demo_page: Page, window: Window, stack: Stack
) -> None:
    steps.open_table(demo_page, FAILED)
    row = prepare(demo_page)
    address = row.get_by_role("link", name="Download").get_attribute("href")
    assert address is not None
    (approver,) = [one for one in kept_sign_ins(stack.data_dir) if one.role == "approver"]
    with window(expected=["status of 404"]) as page:
        steps.sign_in(page, approver.email, approver.password)
        page.goto("/exports")
        expect(newest(page)).to_contain_text("casey@demo.example.com")
        expect(newest(page).get_by_role("link", name="Download")).to_have_count(0)
        expect(newest(page).get_by_role("button")).to_have_count(0)
        assert page.request.get(address).status == 404
    assert demo_page.request.get(address).status == 200


def test_excel_on_trial_leads_to_the_plans(page: Page, casey: Person, stack: Stack) -> None:
    page.goto("/tables/payouts")
    choose(page, "Excel")
    modal = page.get_by_role("dialog", name="Upgrade to Pro for Excel exports")
    expect(modal).to_be_visible()
    expect(modal.get_by_role("link", name="Upgrade")).to_have_attribute("href", "/settings/plan")
    page.keyboard.press("Escape")
    expect(modal).to_be_hidden()
    with page.expect_download() as told:
        choose(page, "CSV")
    assert contents(told.value).count(b"\r\n") == 1


def test_a_file_that_failed_says_why_and_is_tried_again(
    page: Page, casey: Person, stack: Stack
) -> None:
    page.goto("/tables/payouts")
    prepare(page)
    with database(stack, casey.slug) as connection:
        connection.execute(
            "UPDATE jobs SET status = 'failed', error_message = 'The file could not be kept.'"
        )
    page.reload()
    row = newest(page)
    expect(row.get_by_text("Failed")).to_be_visible()
    expect(row).to_contain_text("The file could not be kept.")
    row.get_by_role("button", name="Try again").click()
    expect(newest(page).get_by_text("Ready")).to_be_visible()
