"""Bringing a bank statement: dropped or chosen, looked at, mended, imported, taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import soundness, steps
from tests.browser.conftest import Window
from tests.browser.people import Person
from tests.browser.stack import Stack, database

pytestmark = pytest.mark.browser

STATEMENT = (
    "Date;Value date;Amount;Description;Reference;Balance\n"
    "31.10.2026;31.10.2026;1.204,50;STRIPE PAYOUT;po_1001;12.204,50\n"
    "02.11.2026;02.11.2026;-42,00;Büro & Papier;INV-22;12.162,50\n"
    "02.11.2026;02.11.2026;-42,00;Büro & Papier;INV-22;12.120,50\n"
)
DROP = """(zone, [name, text]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([text], name, { type: "text/csv" }));
  for (const kind of ["dragover", "drop"]) {
    zone.dispatchEvent(new DragEvent(kind, { dataTransfer: carried, bubbles: true,
      cancelable: true }));
  }
}"""


@pytest.fixture
def statement(tmp_path: Path) -> Path:
    """A statement as a bank in Germany writes it."""
    path = tmp_path / "konto.csv"
    path.write_bytes(STATEMENT.encode("cp1252"))
    return path


def choose(page: Page, path: Path) -> None:
    """Choose a file on the Imports page; ends on its preview."""
    page.goto("/imports")
    with page.expect_file_chooser() as chooser:
        page.get_by_text("Choose a CSV file").click()
    chooser.value.set_files(path)
    page.wait_for_url("**/imports/preview?id=*")


def import_button(page: Page) -> Locator:
    return page.get_by_role("main").get_by_role("button", name="Import")


def bank_lines(stack: Stack, person: Person) -> list[tuple[object, ...]]:
    with database(stack, person.slug) as connection:
        return connection.execute(
            "SELECT booked_on::text, amount, currency, description FROM bank_lines"
            " ORDER BY booked_on, line_number"
        ).fetchall()


def test_a_statement_is_chosen_looked_at_imported_and_taken_back(
    page: Page, casey: Person, stack: Stack, statement: Path
) -> None:
    choose(page, statement)
    expect(page.get_by_label("Encoding")).to_have_value("cp1252")
    expect(page.get_by_label("Delimiter")).to_have_value(";")
    expect(page.get_by_label("Decimal mark")).to_have_value(",")
    expect(page.get_by_text("No column tells the currency. Choose it.")).to_be_visible()
    expect(import_button(page)).to_be_disabled()
    first = page.get_by_role("region", name="First lines")
    expect(first.get_by_role("row", name="1.204,50")).to_contain_text("31.10.2026")
    page.get_by_role("link", name="Back to Imports").click()
    expect(page.get_by_text("'konto.csv' is not imported yet.")).to_be_visible()
    page.get_by_role("link", name="Go on with it").click()
    page.get_by_label("Currency of all lines").fill("eur")
    page.keyboard.press("Tab")
    expect(first.get_by_role("row", name="1,204.50")).to_contain_text("31 Oct 2026")
    assert bank_lines(stack, casey) == []
    page.get_by_label("New account").fill("Geschäftskonto")
    page.get_by_label("Last 4 of its number").fill("4321")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Import 3 lines").click()
    expect(steps.toast(page, "3 new lines")).to_be_visible()
    assert bank_lines(stack, casey) == [
        ("2026-10-31", 12045000, "EUR", "STRIPE PAYOUT"),
        ("2026-11-02", -420000, "EUR", "Büro & Papier"),
        ("2026-11-02", -420000, "EUR", "Büro & Papier"),
    ]
    page.get_by_role("link", name="Bank Lines").click()
    expect(page.get_by_role("status").filter(has_text="3 lines")).to_be_visible()
    expect(page.get_by_text("EUR 1,120.50")).to_be_visible()
    page.get_by_role("link", name="Back to Imports").click()
    page.get_by_role("button", name="Undo konto.csv").click()
    page.get_by_role("button", name="Undo import").click()
    expect(steps.toast(page, "3 bank lines removed")).to_be_visible()
    expect(page.get_by_text("Undone", exact=True)).to_be_visible()
    assert bank_lines(stack, casey) == []


def test_a_dropped_file_with_a_mistake_imports_nothing_and_says_where(
    page: Page, casey: Person, stack: Stack
) -> None:
    page.goto("/imports")
    zone = page.locator(".drop-zone")
    text = "Date,Amount,Currency\n2026-11-02,5.00,USD\n2026-11-31,6.00,USD\n"
    zone.evaluate(DROP, ["november.csv", text])
    page.wait_for_url("**/imports/preview?id=*")
    wrong = page.get_by_role("region", name="Mistakes")
    expect(wrong.get_by_role("row", name="2026-11-31")).to_contain_text("There is no such day.")
    expect(wrong.get_by_role("row", name="2026-11-31").get_by_role("cell").first).to_have_text("3")
    expect(import_button(page)).to_be_disabled()
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        assert soundness.axe_violations(page) == []
    page.set_viewport_size({"width": 360, "height": 844})
    assert soundness.too_wide(page) == []
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("heading", name="Nothing imported yet")).to_be_visible()
    with database(stack, casey.slug) as connection:
        assert connection.execute("SELECT count(*) FROM import_drafts").fetchone() == (0,)


def test_what_is_no_file_of_lines_is_told_and_another_can_be_chosen(
    page: Page, casey: Person, tmp_path: Path
) -> None:
    path = tmp_path / "statement.xlsx"
    path.write_bytes(b"PK\x03\x04 and so on")
    choose(page, path)
    expect(page.get_by_text("This is an Excel workbook or a zip file.")).to_be_visible()
    expect(import_button(page)).to_be_disabled()


def test_an_empty_file_is_refused_where_it_was_chosen(
    window: Window, stack: Stack, tmp_path: Path
) -> None:
    path = tmp_path / "statement.csv"
    path.write_text("\n")
    with window(expected=["status of 422"]) as page:
        steps.sign_up(page, Person(), stack.url)
        page.goto("/imports")
        with page.expect_file_chooser() as chooser:
            page.get_by_text("Choose a CSV file").click()
        chooser.value.set_files(path)
        expect(page.get_by_role("alert").filter(has_text="The file is empty.")).to_be_visible()


def test_a_large_statement_is_imported_by_a_job(
    page: Page, casey: Person, stack: Stack, tmp_path: Path
) -> None:
    path = tmp_path / "year.csv"
    lines = [f"2026-{1 + n % 12:02}-{1 + n % 28:02},{n}.25,USD,{n}" for n in range(6_000)]
    path.write_text("\n".join(["Date,Amount,Currency,Description", *lines]))
    choose(page, path)
    page.get_by_label("New account").fill("Main")
    page.get_by_role("button", name="Add account").click()
    page.get_by_role("button", name="Import 6,000 lines").click()
    page.wait_for_url("**/jobs")
    expect(page.get_by_text("6,000 new").first).to_be_visible(timeout=60_000)
    assert len(bank_lines(stack, casey)) == 6_000
