"""Flow 1.2 to 1.4: the checklist ticks itself; what is empty says what to do."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.people import Person
from tests.browser.stack import Stack

pytestmark = pytest.mark.browser

EMPTY = "No data yet. Run a sync to populate this table."


def test_the_checklist_ticks_itself(page: Page, casey: Person, stack: Stack) -> None:
    steps.connect_sandbox(page, stack.stripe_key)
    page.goto("/dashboard")
    expect(page.get_by_role("link", name="Done: Connect a source")).to_be_visible()
    expect(page.get_by_role("link", name="To do: View your data")).to_be_visible()
    page.get_by_role("button", name="Run Sync").first.click()
    page.wait_for_url("**/jobs")
    page.goto("/dashboard")
    # Without a reload: the end of the sync ticks it.
    expect(page.get_by_role("link", name="Done: View your data")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("link", name="To do: Connect NetSuite")).to_be_visible()


def test_the_checklist_leads_to_where_its_steps_are_done(page: Page, casey: Person) -> None:
    page.goto("/dashboard")
    page.get_by_role("link", name="To do: Connect a source").press("Enter")
    page.wait_for_url("**/connections")
    page.go_back()
    page.get_by_role("link", name="To do: View your data").press("Enter")
    page.wait_for_url("**/tables/payouts")


def test_tables_open_at_orders_and_are_empty_with_their_columns(page: Page, casey: Person) -> None:
    page.goto("/dashboard")
    page.get_by_role("link", name="Tables", exact=True).click()
    page.wait_for_url("**/tables/orders")
    expect(page.get_by_text(EMPTY)).to_be_visible()
    expect(steps.foot(page)).to_have_text("0 rows")
    assert {"ID", "Source", "Status", "Amount", "Currency", "Created"} <= set(steps.headers(page))
    menu = page.get_by_role("navigation", name="Main")
    for label in ("Payments", "Refunds", "Payouts", "Payout Lines", "Fees", "Disputes"):
        menu.get_by_role("link", name=re.compile(rf"^{label}( 0)?$")).click()
        expect(page.get_by_role("heading", name=label, exact=True)).to_be_visible()
        expect(page.get_by_text(EMPTY)).to_be_visible()


def test_run_sync_without_a_connection_says_what_is_missing(page: Page, casey: Person) -> None:
    page.goto("/tables/orders")
    expect(page.get_by_text(EMPTY)).to_be_visible()
    page.get_by_role("banner").get_by_role("button", name="Run Sync").click()
    expect(steps.toast(page, "connection")).to_be_visible()
    expect(page).to_have_url(f"{page.url.split('/tables')[0]}/tables/orders")


def test_an_empty_jobs_page_says_what_a_sync_does(page: Page, casey: Person) -> None:
    page.goto("/jobs")
    expect(page.get_by_role("heading", name="No jobs yet")).to_be_visible()
    page.goto("/jobs/rejects")
    expect(page.get_by_role("heading", name="Everything could be read")).to_be_visible()
