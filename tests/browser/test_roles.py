"""A person sees the buttons of what her role may do."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.people import Person
from tests.browser.stack import Stack, database

pytestmark = pytest.mark.browser


@pytest.fixture
def reader(page: Page, casey: Person, stack: Stack) -> Person:
    """Somebody who may only look, in a workspace with a connection."""
    steps.connect_sandbox(page, stack.stripe_key)
    with database(stack, casey.slug) as connection:
        changed = connection.execute("UPDATE memberships SET role = 'readonly'")
        assert changed.rowcount == 1
    page.wait_for_timeout(1_500)  # a server may go on believing in a role for a second
    return casey


def test_a_reader_sees_connections_and_no_button_that_changes_them(
    page: Page, reader: Person
) -> None:
    page.goto("/connections")
    expect(steps.connection_card(page, "Main Stripe")).to_be_visible()
    expect(page.get_by_text("Read-only")).to_be_visible()
    for name in ("Add Connection", "Test", "Run Sync"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)


def test_a_reader_cannot_start_a_sync_from_any_page(page: Page, reader: Person) -> None:
    for address in ("/dashboard", "/jobs", "/tables/payouts"):
        page.goto(address)
        expect(page.get_by_text("Read-only")).to_be_visible()
        expect(page.get_by_role("button", name="Run Sync")).to_have_count(0)


def test_a_reader_may_export(page: Page, reader: Person) -> None:
    steps.open_table(page, "payouts")
    expect(page.get_by_role("button", name="Export")).to_be_visible()
