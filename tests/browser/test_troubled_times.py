"""What a person sees when things go wrong around the work, and what is not lost."""

from __future__ import annotations

from contextlib import suppress

import psutil
import pytest
from playwright.sync_api import Page, expect

from tests.browser import soundness, steps
from tests.browser.conftest import Window
from tests.browser.people import Person
from tests.browser.stack import Stack, database

pytestmark = pytest.mark.browser

LOST = "Connection lost. Trying again…"
READ_ONLY = "Your trial has ended, so this workspace is read-only."
PAGES = ("/dashboard", "/connections", "/jobs", "/jobs/rejects", "/tables/payouts")


def kill_server(stack: Stack) -> None:
    """End the web server without a warning; the supervisor starts another one."""
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            if process.cmdline()[-3:] == ["web", "--port", str(stack.port)]:
                process.kill()


def test_a_server_that_dies_is_told_and_nothing_typed_is_lost(window: Window, stack: Stack) -> None:
    with window(expected=["WebSocket"]) as page:
        steps.sign_up(page, Person(), stack.url)
        dialog = steps.open_connection_form(page)
        steps.fill_in_connection(dialog, "Typed before", stack.stripe_key)
        kill_server(stack)
        expect(page.get_by_text(LOST)).to_be_visible()
        assert soundness.axe_violations(page) == []
        dialog.get_by_label("Label").fill("Typed meanwhile")
        expect(page.get_by_text(LOST)).to_have_count(0, timeout=60_000)
        expect(dialog.get_by_label("API Key")).to_have_value(stack.stripe_key)
        expect(dialog.get_by_label("Label")).to_have_value("Typed meanwhile")
        dialog.get_by_role("button", name="Save Connection").click()
        expect(steps.connection_card(page, "Typed meanwhile")).to_be_visible()


def test_a_machine_without_a_network_is_told_at_once(page: Page, casey: Person) -> None:
    page.goto("/jobs")
    expect(page.get_by_role("heading", name="No jobs yet")).to_be_visible()
    page.context.set_offline(True)
    expect(page.get_by_text(LOST)).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text(LOST)).to_have_count(0)


def expire(stack: Stack, person: Person) -> None:
    with database(stack, person.slug) as connection:
        done = connection.execute(
            "UPDATE tenants SET plan_expires_at = now() - interval '1 day' WHERE slug = %s",
            [person.slug],
        )
        assert done.rowcount == 1


def test_when_the_trial_has_ended_every_page_says_so_and_nothing_can_be_changed(
    page: Page, casey: Person, stack: Stack
) -> None:
    steps.connect_sandbox(page, stack.stripe_key)
    expire(stack, casey)
    page.wait_for_timeout(1_500)  # a server may go on believing in a plan for a second
    for address in PAGES:
        page.goto(address)
        expect(page.get_by_text(READ_ONLY)).to_be_visible()
        for name in ("Run Sync", "Add Connection", "Test", "Edit", "Revoke"):
            for button in page.get_by_role("button", name=name).all():
                expect(button).to_be_disabled()
        assert soundness.axe_violations(page) == []
    expect(page.get_by_role("button", name="Export")).to_be_enabled()


def test_an_address_without_a_page_says_so(window: Window, stack: Stack) -> None:
    with window(expected=["404"]) as page:
        steps.sign_up(page, Person(), stack.url)
        page.goto("/tables/nothing")
        expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
        page.get_by_role("link", name="Go to the dashboard").click()
        page.wait_for_url("**/dashboard")


SPOIL = "UPDATE payments SET description = 'as it was', content_hash = 'old'"
FORGET = "DELETE FROM cursor_states WHERE stream = 'charges'"


def sync_slowly(page: Page, stack: Stack) -> None:
    """Start a sync, and look at the payments before the sync has any."""
    page.get_by_role("banner").get_by_role("button", name="Run Sync").click()
    # Only then has Run Sync led to the Jobs page, and leads nowhere else any more.
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.goto("/tables/payments")
    expect(steps.foot(page)).to_have_text(steps.ROWS)


def test_an_open_table_fills_itself_and_later_offers_what_is_new(
    page: Page, casey: Person, stack: Stack
) -> None:
    steps.connect_sandbox(page, stack.stripe_key)
    page.goto("/jobs")
    with stack.slow_stripe("/stripe/v1/charges", seconds=3, times=1):
        sync_slowly(page, stack)
        expect(steps.foot(page)).to_have_text("0 rows")
    expect(steps.foot(page)).not_to_have_text("0 rows", timeout=60_000)
    refresh = page.get_by_role("button", name="New rows: Refresh")
    expect(refresh).to_have_count(0)
    with database(stack, casey.slug) as connection:
        connection.execute(SPOIL)
        connection.execute(FORGET)
    page.goto("/jobs")
    with stack.slow_stripe("/stripe/v1/charges", seconds=3, times=1):
        sync_slowly(page, stack)
        expect(page.locator("tbody")).to_contain_text("as it was")
    expect(refresh).to_be_visible(timeout=60_000)
    refresh.click()
    expect(page.locator("tbody")).not_to_contain_text("as it was")
    expect(refresh).to_have_count(0)
