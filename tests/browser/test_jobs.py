"""Jobs: a running one can be stopped, and is one even when it is started twice."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.people import Person
from tests.browser.stack import Stack, database

pytestmark = pytest.mark.browser


def test_a_running_sync_can_be_canceled(page: Page, casey: Person, stack: Stack) -> None:
    steps.connect_sandbox(page, stack.stripe_key)
    with stack.slow_stripe("/stripe/v1/charges", seconds=1, times=20):
        page.get_by_role("button", name="Run Sync").first.click()
        page.wait_for_url("**/jobs")
        page.get_by_role("button", name="Cancel", exact=True).click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name="Keep running").click()
        expect(dialog).to_be_hidden()
        page.get_by_role("button", name="Cancel", exact=True).click()
        dialog.get_by_role("button", name="Cancel job").click()
        expect(page.get_by_role("main").get_by_text("Canceled")).to_be_visible()
    expect(steps.toast(page, "Stripe sync was canceled")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    with database(stack, casey.slug) as connection:
        found = connection.execute("SELECT status, cancel_requested FROM jobs").fetchall()
    assert found == [("canceled", True)]


def test_a_sync_that_runs_is_not_started_twice(page: Page, casey: Person, stack: Stack) -> None:
    steps.connect_sandbox(page, stack.stripe_key)
    with stack.slow_stripe("/stripe/v1/charges", seconds=1, times=4):
        page.get_by_role("button", name="Run Sync").first.dblclick()
        page.wait_for_url("**/jobs")
        page.get_by_role("banner").get_by_role("button", name="Run Sync").click()
        expect(steps.toast(page, "A sync is already running").first).to_be_visible()
    with database(stack, casey.slug) as connection:
        assert connection.execute("SELECT count(*) FROM jobs").fetchone() == (1,)


def test_a_wrong_key_fails_the_sync_in_words_and_with_a_reference(
    page: Page, casey: Person, stack: Stack
) -> None:
    steps.connect_sandbox(page, "sk_test_0123456789abcdef", "Wrong")
    page.get_by_role("button", name="Run Sync").first.click()
    page.wait_for_url("**/jobs")
    job = page.get_by_role("main").get_by_role("listitem").filter(has_text="Wrong")
    expect(job).to_contain_text("Failed", timeout=30_000)
    expect(job).to_contain_text("Stripe refused the key")
    with database(stack, casey.slug) as connection:
        row = connection.execute(
            "SELECT correlation_id FROM audit_events WHERE action = 'job_failed'"
        ).fetchone()
    assert row is not None
    expect(job).to_contain_text(f"Reference {row[0]}")
