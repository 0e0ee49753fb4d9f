"""Flow 2: sort, filter, page and export, on the demo workspace's data."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, StorageState, expect

from tests.browser import ledger, steps
from tests.browser.conftest import Window
from tests.browser.stack import Stack

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def oracle(stack: Stack, window: Window, demo: StorageState) -> dict[str, Any]:
    """What the demo workspace's Stripe and Shopify hold, once both have been read."""
    with window(storage_state=demo) as page:
        page.goto("/jobs")
        expect(page.get_by_text("Completed").first).to_be_visible()
        expect(page.get_by_role("progressbar")).to_have_count(0, timeout=240_000)
    accounts = [stack.oracle(provider) for provider in ("stripe", "shopify")]
    return {table: ledger.together(accounts, table) for table in ("payments", "payouts")}


def on_screen(payout: dict[str, Any]) -> str:
    """Its id as a table shows it: of Shopify's the number."""
    return str(payout["id"]).rpartition("/")[2]


def open_filters(page: Page) -> Locator:
    page.get_by_role("button", name="Filters", exact=True).click()
    expect(page.get_by_role("button", name="Apply Filters")).to_be_visible()
    return page.locator("form").filter(has_text="Apply Filters")


def apply(page: Page) -> None:
    page.get_by_role("button", name="Apply Filters").click()


def chip(page: Page, text: str) -> Locator:
    return page.get_by_role("link", name=f"{text} remove this filter", exact=True)


def test_a_header_sorts_ascending_then_descending_then_not_at_all(demo_page: Page) -> None:
    steps.open_table(demo_page, "refunds")
    unsorted = demo_page.locator("tbody").inner_text()
    header = steps.column(demo_page, "Amount")
    expect(header).to_have_attribute("aria-sort", "none")
    for order, direction in (("ascending", "asc"), ("descending", "desc")):
        header.get_by_role("link").click()
        expect(demo_page).to_have_url(re.compile(rf"\?sort=amount&dir={direction}$"))
        expect(header).to_have_attribute("aria-sort", order)
    header.get_by_role("link").click()
    expect(header).to_have_attribute("aria-sort", "none")
    expect(demo_page).to_have_url(re.compile(r"/tables/refunds$"))
    expect(demo_page.locator("tbody")).to_have_text(unsorted, use_inner_text=True)


def test_sorting_is_of_all_rows_and_not_of_the_page(
    demo_page: Page, oracle: dict[str, Any]
) -> None:
    steps.open_table(demo_page, "payouts?sort=created_at&dir=asc&size=25")
    oldest = min(oracle["payouts"]["list"], key=lambda payout: payout["created"])
    same = {on_screen(p) for p in oracle["payouts"]["list"] if p["created"] == oldest["created"]}
    assert steps.rows(demo_page)[0]["ID"] in same


def test_filters_show_as_chips_and_the_address_reproduces_the_screen(
    demo_page: Page, oracle: dict[str, Any]
) -> None:
    steps.open_table(demo_page, "payouts")
    form = open_filters(demo_page)
    form.get_by_label("Failed").check()
    form.get_by_label("In transit").check()
    apply(demo_page)
    truth = oracle["payouts"]["sums"]
    wanted = sum(
        count for (status, _), (count, _) in truth.items() if status in ("failed", "in_transit")
    )
    expect(steps.foot(demo_page)).to_have_text(f"{wanted} rows")
    expect(chip(demo_page, "Failed")).to_be_visible()
    expect(chip(demo_page, "In transit")).to_be_visible()
    shown = steps.rows(demo_page)
    assert {row["Status"] for row in shown} == {"Failed", "In transit"}
    demo_page.goto(demo_page.url)
    expect(steps.foot(demo_page)).to_have_text(f"{wanted} rows")
    assert steps.rows(demo_page) == shown


def test_a_chip_is_removed_alone_and_back_brings_it_back(demo_page: Page) -> None:
    steps.open_table(demo_page, "payouts?status=failed&status=in_transit")
    both = steps.foot(demo_page).inner_text()
    chip(demo_page, "Failed").click()
    expect(chip(demo_page, "Failed")).to_have_count(0)
    expect(chip(demo_page, "In transit")).to_be_visible()
    expect(steps.foot(demo_page)).not_to_have_text(both)
    demo_page.go_back()
    expect(chip(demo_page, "Failed")).to_be_visible()
    expect(steps.foot(demo_page)).to_have_text(both)
    demo_page.get_by_role("link", name="Clear all").click()
    expect(demo_page).to_have_url(re.compile(r"/tables/payouts$"))


def test_dates_mean_whole_days_both_included(demo_page: Page, oracle: dict[str, Any]) -> None:
    last = date.fromtimestamp(max(payout["created"] for payout in oracle["payouts"]["list"]))
    first = last - timedelta(days=7)
    steps.open_table(demo_page, "payouts")
    form = open_filters(demo_page)
    form.get_by_label("From", exact=True).fill(first.isoformat())
    form.get_by_label("To", exact=True).fill(last.isoformat())
    apply(demo_page)
    expect(demo_page).to_have_url(re.compile(f"from={first}&to={last}$"))
    within = [
        on_screen(payout)
        for payout in oracle["payouts"]["list"]
        if first <= date.fromtimestamp(payout["created"]) <= last
    ]
    expect(steps.foot(demo_page)).to_have_text(f"{len(within)} rows")
    assert {row["ID"] for row in steps.all_rows(demo_page)} == set(within)


def test_filters_by_source_currency_connection_and_amount_work_together(demo_page: Page) -> None:
    steps.open_table(demo_page, "payouts")
    form = open_filters(demo_page)
    form.get_by_label("Stripe", exact=True).check()
    form.get_by_label("Currency").fill("eur, usd")
    form.get_by_label("Connection").select_option("Nordwind Stripe")
    form.get_by_label("Min amount").fill("1,000.00")
    form.get_by_label("Max amount").fill("4000")
    apply(demo_page)
    for text in ("Stripe", "EUR", "USD", "Nordwind Stripe", "Amount 1,000.00 to 4,000"):
        expect(chip(demo_page, text)).to_be_visible()
    expect(demo_page).to_have_url(
        re.compile(r"source=stripe&currency=EUR&currency=USD&connection=")
    )
    shown = steps.rows(demo_page)
    assert shown
    assert {row["Source"] for row in shown} == {"Stripe"}
    assert {row["Currency"] for row in shown} == {"EUR", "USD"}
    assert all(1000 <= Decimal(row["Amount"].replace(",", "")) <= 4000 for row in shown)


def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    demo_page: Page,
) -> None:
    steps.open_table(demo_page, "payouts")
    form = open_filters(demo_page)
    form.get_by_label("Min amount").fill("500")
    form.get_by_label("Max amount").fill("a lot")
    form.get_by_label("Currency").fill("EUR ABC")
    form.get_by_label("Failed").check()
    apply(demo_page)
    expect(form.get_by_label("Max amount")).to_have_attribute("aria-invalid", "true")
    alerts = form.get_by_role("alert")
    expect(alerts.filter(has_text="Enter an amount")).to_be_visible()
    expect(alerts.filter(has_text="no currency 'ABC'")).to_be_visible()
    expect(form.get_by_label("Max amount")).to_have_value("a lot")
    expect(form.get_by_label("Failed")).to_be_checked()
    expect(demo_page).to_have_url(re.compile(r"/tables/payouts$"))
    form.get_by_label("Max amount").fill("400")
    form.get_by_label("Currency").fill("")
    apply(demo_page)
    expect(alerts.filter(has_text="must not be above the largest")).to_be_visible()
    form.get_by_label("Max amount").fill("")
    apply(demo_page)
    expect(chip(demo_page, "Amount from 500")).to_be_visible()
    expect(form).to_have_count(0)


def test_a_preset_fills_in_its_days(demo_page: Page) -> None:
    steps.open_table(demo_page, "payouts")
    form = open_filters(demo_page)
    form.get_by_role("button", name="Last 7 days").click()
    today = date.fromisoformat(form.get_by_label("To", exact=True).input_value())
    expect(form.get_by_label("From", exact=True)).to_have_value(
        (today - timedelta(days=6)).isoformat()
    )
    apply(demo_page)
    expect(demo_page).to_have_url(re.compile(f"to={today}$"))


def test_an_id_is_found_by_its_beginning_on_enter(demo_page: Page) -> None:
    steps.open_table(demo_page, "payouts?size=25&source=shopify")
    wanted = steps.rows(demo_page)[3]["ID"]
    demo_page.goto("/tables/payouts")
    find = demo_page.get_by_placeholder("Search IDs")
    find.fill(f" {wanted} ")
    find.press("Enter")
    expect(chip(demo_page, f"ID {wanted}")).to_be_visible()
    expect(steps.foot(demo_page)).to_have_text("1 row")
    assert [row["ID"] for row in steps.rows(demo_page)] == [wanted]
    expect(find).to_have_value(wanted)


def test_filters_that_nothing_matches_offer_a_way_out(demo_page: Page) -> None:
    steps.open_table(demo_page, "payouts?from=2001-01-01&to=2001-01-31")
    expect(demo_page.get_by_text("No rows match these filters.")).to_be_visible()
    expect(chip(demo_page, "1\N{EN DASH}31 Jan 2001")).to_be_visible()
    demo_page.get_by_role("link", name="Clear filters").click()
    expect(demo_page).to_have_url(re.compile(r"/tables/payouts$"))
    expect(demo_page.locator("tbody tr").first).to_be_visible()


def test_next_and_previous_lead_through_the_rows_and_back(demo_page: Page) -> None:
    steps.open_table(demo_page, "disputes?size=25&sort=created_at&dir=desc")
    expect(demo_page.get_by_role("button", name="Previous")).to_be_disabled()
    first = steps.rows(demo_page)
    demo_page.get_by_role("link", name="Next").click()
    expect(demo_page.locator("tbody")).not_to_contain_text(first[0]["ID"])
    second = steps.rows(demo_page)
    assert not {row["ID"] for row in first} & {row["ID"] for row in second}
    demo_page.get_by_role("link", name="Previous").click()
    expect(demo_page.locator("tbody")).to_contain_text(first[0]["ID"])
    assert steps.rows(demo_page) == first


def test_the_number_of_rows_on_a_page_can_be_chosen(
    demo_page: Page, oracle: dict[str, Any]
) -> None:
    steps.open_table(demo_page, "payouts")
    expect(demo_page.locator("tbody tr")).to_have_count(50)
    demo_page.get_by_role("combobox", name="Rows per page").select_option("25")
    expect(demo_page.locator("tbody tr")).to_have_count(25)
    expect(demo_page).to_have_url(re.compile(r"size=25$"))
    expect(steps.foot(demo_page)).to_have_text(f"{oracle['payouts']['count']} rows")


def test_the_file_of_a_filter_has_only_its_rows_in_its_order(
    demo_page: Page, oracle: dict[str, Any], tmp_path: Path
) -> None:
    steps.open_table(demo_page, "payments?status=failed&sort=created_at&dir=asc&size=25")
    rows = ledger.read_csv(steps.download_csv(demo_page, tmp_path))
    truth = oracle["payments"]["sums"]
    failed = {key: sums for key, sums in truth.items() if key[0] == "failed"}
    assert ledger.tally(rows, ledger.AMOUNT) == failed
    moments = [row["created_at"] for row in rows]
    assert moments == sorted(moments)
    first = [row["source_id"].rpartition("/")[2] for row in rows[:25]]
    assert first == [row["ID"] for row in steps.rows(demo_page)]
