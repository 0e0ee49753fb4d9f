"""A row in detail, saved views, counts and sums, on the demo workspace's data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import soundness, steps

pytestmark = pytest.mark.browser


def open_row(page: Page, at: int = 0) -> dict[str, str]:
    """Click a row; what the table says of it."""
    told = steps.rows(page)[at]
    page.get_by_role("row").nth(at + 1).get_by_role("gridcell").nth(2).click()
    expect(steps.panel(page).get_by_role("heading", level=2)).to_contain_text(told["ID"])
    return told


def test_a_row_opens_beside_the_table_and_back_closes_it(demo_page: Page) -> None:
    steps.open_table(demo_page, "payouts?size=25&status=completed")
    told = open_row(demo_page)
    panel = steps.panel(demo_page)
    expect(panel).to_contain_text(f"{told['Amount']} {told['Currency']}")
    expect(panel).to_contain_text(told["Created"])
    expect(demo_page).to_have_url(re.compile(r"size=25&status=completed&row=[0-9a-f-]{36}$"))
    expect(demo_page.get_by_role("row", selected=True)).to_contain_text(told["ID"])
    demo_page.go_back()
    expect(panel).to_have_count(0)
    demo_page.go_forward()
    expect(panel).to_contain_text(told["ID"])
    demo_page.goto(demo_page.url)
    expect(panel).to_contain_text(told["ID"])


def test_rows_are_read_one_after_the_other_and_escape_gives_the_focus_back(
    demo_page: Page,
) -> None:
    steps.open_table(demo_page, "payouts?size=25")
    shown = steps.rows(demo_page)
    demo_page.get_by_role("gridcell").first.focus()
    demo_page.keyboard.press("Enter")
    panel = steps.panel(demo_page)
    expect(panel).to_be_focused()
    expect(panel).to_contain_text(shown[0]["ID"])
    panel.get_by_role("button", name="Row below").click()
    expect(panel).to_contain_text(shown[1]["ID"])
    panel.get_by_role("button", name="Row above").click()
    expect(panel).to_contain_text(shown[0]["ID"])
    demo_page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(demo_page.get_by_role("gridcell").first).to_be_focused()
    demo_page.keyboard.press("ArrowDown")
    demo_page.keyboard.press(" ")
    expect(panel).to_contain_text(shown[1]["ID"])


def test_lineage_leads_from_a_payment_to_its_payout_and_raw_data(demo_page: Page) -> None:
    steps.open_table(demo_page, "payout_lines?size=25&status=settled&source=stripe")
    line = open_row(demo_page)
    panel = steps.panel(demo_page)
    panel.get_by_role("link", name=re.compile(rf"^Payout {line['Payout']}")).click()
    expect(demo_page).to_have_url(re.compile(rf"/tables/payouts\?q={line['Payout']}&row="))
    expect(panel.get_by_role("heading", level=2)).to_contain_text(line["Payout"])
    expect(demo_page.get_by_role("row", selected=True)).to_contain_text(line["Payout"])
    panel.get_by_role("button", name="Show raw data").click()
    raw = panel.get_by_role("region", name="Raw data")
    expect(raw).to_contain_text(f'"id": "{line["Payout"]}"')
    expect(raw.locator('[data-kind="key"]').first).to_be_visible()


def test_a_payout_tells_what_it_is_made_of_and_leads_to_its_lines(demo_page: Page) -> None:
    steps.open_table(demo_page, "payouts?size=25&source=stripe")
    demo_page.get_by_role("button", name="Filters").click()
    demo_page.get_by_label("Tie-out").select_option("Ties out")
    demo_page.get_by_role("button", name="Apply Filters").click()
    expect(demo_page).to_have_url(re.compile("ties=tied"))
    expect(steps.foot(demo_page)).to_have_text(steps.ROWS)
    payout = open_row(demo_page)
    panel = steps.panel(demo_page)
    expect(panel).to_contain_text("Ties out: the payout is the sum of its lines.")
    made_of = panel.get_by_role("table", name="Lines by category")
    total = made_of.get_by_role("row", name="Total").get_by_role("cell")
    expect(total.last).to_have_text(payout["Amount"])
    lines = total.first.inner_text()
    panel.get_by_role("link", name="Open its lines").click()
    expect(demo_page).to_have_url(re.compile(r"/tables/payout_lines\?q="))
    expect(steps.foot(demo_page)).to_have_text(re.compile(rf"^{lines} rows?$"))


def test_what_is_shown_can_be_copied(demo_page: Page) -> None:
    demo_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    steps.open_table(demo_page, "payouts?size=25&source=shopify")
    told = open_row(demo_page)
    steps.panel(demo_page).get_by_role("button", name="Copy ID", exact=True).click()
    expect(steps.toast(demo_page, "ID copied")).to_be_visible()
    copied = demo_page.evaluate("() => navigator.clipboard.readText()")
    assert copied == f"gid://shopify/ShopifyPaymentsPayout/{told['ID']}"


def test_a_row_that_is_not_there_is_said_in_its_panel(demo_page: Page) -> None:
    demo_page.goto("/tables/payouts?row=00000000-0000-4000-8000-000000000000")
    expect(steps.panel(demo_page).get_by_role("alert")).to_contain_text("could not be loaded")
    steps.panel(demo_page).get_by_role("button", name="Close").click()
    expect(steps.panel(demo_page)).to_have_count(0)


def test_on_a_phone_the_row_covers_the_page(demo_page: Page) -> None:
    demo_page.set_viewport_size({"width": 390, "height": 844})
    steps.open_table(demo_page, "payouts?size=25")
    open_row(demo_page)
    soundness.settle(demo_page)
    box = steps.panel(demo_page).bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 844)
    steps.panel(demo_page).get_by_role("button", name="Close").click()
    expect(steps.panel(demo_page)).to_have_count(0)


@pytest.fixture
def views_menu(demo_page: Page) -> Iterator[Locator]:
    """The Views menu of the payouts; whatever views there are, are deleted afterwards."""
    steps.open_table(demo_page, "payouts?view=none&status=failed&cols=source_id-p.-source")
    yield demo_page.get_by_role("dialog", name="Views", exact=True)
    demo_page.goto("/tables/payouts?view=none")
    expect(steps.foot(demo_page)).to_have_text(steps.ROWS)
    demo_page.get_by_role("button", name="Views", exact=True).click()
    for address in (
        demo_page.get_by_role("dialog", name="Views", exact=True)
        .get_by_role("link")
        .evaluate_all("links => links.slice(1).map(link => link.href)")
    ):
        demo_page.goto(address)
        delete_open_view(demo_page)


def delete_open_view(page: Page) -> None:
    page.locator(".views-opener").click()
    page.get_by_role("button", name=re.compile("^Delete ")).click()
    page.get_by_role("dialog", name="Delete view").get_by_role("button", name="Delete View").click()
    expect(steps.toast(page, re.compile("deleted"))).to_be_visible()


def save_view(page: Page, name: str) -> None:
    page.get_by_role("button", name="Views", exact=True).click()
    page.get_by_role("button", name="Save view…").click()
    dialog = page.get_by_role("dialog", name="Save view")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Save View").click()


def test_a_view_is_saved_opened_changed_and_deleted(demo_page: Page, views_menu: Locator) -> None:
    save_view(demo_page, "Failed ones")
    expect(demo_page.get_by_role("button", name="Failed ones", exact=True)).to_be_visible()
    expect(demo_page).to_have_url(re.compile(r"status=failed&cols=source_id-p\.-source&view="))
    steps.column(demo_page, "Amount").get_by_role("link").click()
    expect(demo_page).to_have_url(re.compile("sort=amount"))
    demo_page.get_by_role("button", name="Failed ones", exact=True).click()
    demo_page.get_by_role("button", name="Update Failed ones").click()
    expect(steps.toast(demo_page, "View Failed ones updated")).to_be_visible()
    demo_page.goto("/tables/payouts?size=25")
    expect(steps.foot(demo_page)).to_have_text(steps.ROWS)
    demo_page.get_by_role("button", name="Views", exact=True).click()
    views_menu.get_by_role("link", name="Failed ones").click()
    expect(steps.column(demo_page, "Amount")).to_have_attribute("aria-sort", "ascending")
    expect(steps.column(demo_page, "Source")).to_have_count(0)
    assert {row["Status"] for row in steps.rows(demo_page)} == {"Failed"}
    delete_open_view(demo_page)
    expect(demo_page.get_by_role("button", name="Views", exact=True)).to_be_visible()


def test_a_name_that_is_taken_is_refused_beside_its_field(
    demo_page: Page, views_menu: Locator
) -> None:
    save_view(demo_page, "Twice")
    demo_page.get_by_role("button", name="Twice", exact=True).click()
    demo_page.get_by_role("button", name="Save view…").click()
    dialog = demo_page.get_by_role("dialog", name="Save view")
    dialog.get_by_label("Name").fill("Twice")
    dialog.get_by_role("button", name="Save View").click()
    expect(dialog.get_by_role("alert").filter(has_text="already a view")).to_be_visible()
    expect(dialog.get_by_label("Name")).to_have_value("Twice")
    dialog.get_by_role("button", name="Cancel").click()


def test_a_table_opens_with_the_view_of_ones_choice(demo_page: Page, views_menu: Locator) -> None:
    save_view(demo_page, "First")
    demo_page.get_by_role("button", name="First", exact=True).click()
    demo_page.get_by_role("checkbox", name="Open with this view").click()
    expect(demo_page.get_by_role("checkbox", name="Open with this view")).to_be_checked()
    demo_page.goto("/jobs")
    demo_page.goto("/tables/payouts")
    expect(demo_page).to_have_url(re.compile(r"status=failed&cols=source_id-p\.-source&view="))
    expect(demo_page.get_by_role("link", name="Failed remove this filter")).to_be_visible()
    demo_page.get_by_role("link", name="Clear all").click()
    expect(demo_page.get_by_role("link", name="Failed remove this filter")).to_have_count(0)
    expect(steps.foot(demo_page)).to_have_text(steps.ROWS)
    demo_page.get_by_role("button", name="First", exact=True).click()
    demo_page.get_by_role("checkbox", name="Open with this view").click()
    expect(demo_page.get_by_role("checkbox", name="Open with this view")).not_to_be_checked()
    demo_page.goto("/tables/payouts")
    expect(steps.foot(demo_page)).to_have_text(steps.ROWS)
    expect(demo_page).to_have_url(re.compile(r"/tables/payouts$"))


def test_the_foot_sums_each_currency_of_all_that_the_filters_let_through(demo_page: Page) -> None:
    steps.open_table(demo_page, "payouts?size=25&status=completed&source=stripe")
    sums = demo_page.get_by_role("list", name="Sum of amounts").get_by_role("listitem")
    expect(sums.first).to_be_visible()
    shown = dict(text.split(" ") for text in sums.all_inner_texts())
    counted: dict[str, Decimal] = {}
    for row in steps.all_rows(demo_page):
        amount = Decimal(row["Amount"].replace(",", "").replace("−", "-"))  # noqa: RUF001
        counted[row["Currency"]] = counted.get(row["Currency"], Decimal()) + amount
    assert {
        code: Decimal(text.replace(",", "").replace("−", "-"))  # noqa: RUF001
        for code, text in shown.items()
    } == counted


def test_many_rows_are_counted_and_summed_on_request(demo_page: Page) -> None:
    steps.open_table(demo_page, "payments?size=25")
    expect(steps.foot(demo_page)).to_have_text("10,000+ rows")
    demo_page.get_by_role("button", name="Show sums").click()
    expect(demo_page.get_by_role("list", name="Sum of amounts")).to_contain_text("EUR")
    steps.foot(demo_page).get_by_role("button").click()
    expect(steps.foot(demo_page)).to_have_text(re.compile(r"^1\d,\d{3} rows$"))
