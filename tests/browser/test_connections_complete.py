"""Flow 4 in full: every provider, Test, Edit and Revoke; and what Retry is for."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from ecomops.domains.connections.fields import FORMS
from tests.browser import soundness, steps
from tests.browser.people import Person
from tests.browser.stack import Stack, database

pytestmark = pytest.mark.browser

SURE = (
    "Are you sure you want to revoke the connection '{label}'? "
    "This will stop all syncs using this connection."
)
NAMES = {"netsuite": "NetSuite", "shopify": "Shopify", "stripe": "Stripe"}


def credentials(stack: Stack, provider: str) -> dict[str, str]:
    """What the sandbox takes: label on screen → value."""
    told: dict[str, Any] = httpx.get(f"{stack.sandbox}/credentials.json").json()[provider]
    return {label: told[name] for name, label in FORMS[provider].items()}


def open_form(page: Page, provider: str) -> Locator:
    """The form of a new connection of this provider."""
    page.goto("/connections")
    page.get_by_role("button", name="Add Connection").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=NAMES[provider]).click()
    expect(dialog.get_by_role("heading", name=f"Connect {NAMES[provider]}")).to_be_visible()
    return dialog


def fill_in(dialog: Locator, label: str, values: dict[str, str]) -> None:
    dialog.get_by_label("Label", exact=True).fill(label)
    for name, value in values.items():
        dialog.get_by_label(name, exact=True).fill(value)


def connect(page: Page, stack: Stack, provider: str, label: str) -> Locator:
    """Add a sandbox connection; its card."""
    dialog = open_form(page, provider)
    fill_in(dialog, label, credentials(stack, provider))
    dialog.get_by_role("radio", name="Sandbox").check()
    dialog.get_by_role("button", name="Save Connection").click()
    expect(steps.toast(page, f"{NAMES[provider]} connected")).to_be_visible()
    return steps.connection_card(page, label)


@pytest.mark.parametrize("provider", ["netsuite", "shopify"])
def test_a_provider_is_connected_and_tested(
    page: Page, casey: Person, stack: Stack, provider: str
) -> None:
    card = connect(page, stack, provider, "Main account")
    for text in (NAMES[provider], "Sandbox", "Active", "Never", "By hand only"):
        expect(card).to_contain_text(text)
    expect(card.get_by_role("button", name="Run Sync")).to_be_enabled()
    card.get_by_role("button", name="Test").click()
    expect(steps.toast(page, "Connection healthy")).to_be_visible()
    expect(card).not_to_contain_text("Shown after a test")
    for secret in [
        value for name, value in credentials(stack, provider).items() if "D" not in name
    ]:
        assert secret not in page.content()


@pytest.mark.parametrize("provider", ["netsuite", "shopify", "stripe"])
def test_secrets_are_hidden_names_are_not_and_each_field_says_what_it_lacks(
    page: Page, casey: Person, provider: str
) -> None:
    dialog = open_form(page, provider)
    for label in FORMS[provider].values():
        plain = label in ("Account ID", "Shop Domain")
        kind = "text" if plain else "password"
        expect(dialog.get_by_label(label, exact=True)).to_have_attribute("type", kind)
    dialog.get_by_label("Label", exact=True).fill("Kept")
    dialog.get_by_role("button", name="Save Connection").click()
    for label in FORMS[provider].values():
        expect(dialog.get_by_text(f"Enter the {label}.")).to_be_visible()
    expect(dialog.get_by_label("Label", exact=True)).to_have_value("Kept")
    assert soundness.axe_violations(page) == []


def test_the_checklist_opens_the_form_of_netsuite_and_ticks_itself(
    page: Page, casey: Person, stack: Stack
) -> None:
    page.goto("/dashboard")
    page.get_by_role("link", name="To do: Connect NetSuite").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Connect NetSuite")).to_be_visible()
    fill_in(dialog, "Books", credentials(stack, "netsuite"))
    dialog.get_by_role("radio", name="Sandbox").check()
    dialog.get_by_role("button", name="Save Connection").click()
    expect(steps.connection_card(page, "Books")).to_be_visible()
    expect(page).to_have_url(f"{stack.url}/connections")
    page.goto("/dashboard")
    expect(page.get_by_role("link", name="Done: Connect NetSuite")).to_be_visible()


def test_edit_keeps_what_is_stored_and_reads_nothing_back(
    page: Page, casey: Person, stack: Stack
) -> None:
    card = connect(page, stack, "stripe", "Old name")
    card.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Edit Stripe connection")).to_be_visible()
    expect(dialog.get_by_text("Leave empty to keep the stored ones")).to_be_visible()
    expect(dialog.get_by_label("Label", exact=True)).to_have_value("Old name")
    expect(dialog.get_by_label("API Key", exact=True)).to_have_value("")
    expect(dialog.get_by_role("radio")).to_have_count(0)
    dialog.get_by_label("Label", exact=True).fill("New name")
    dialog.get_by_role("button", name="Save Connection").click()
    card = steps.connection_card(page, "New name")
    card.get_by_role("button", name="Test").click()
    expect(steps.toast(page, "Connection healthy")).to_be_visible()


def test_a_connection_that_needs_attention_says_what_to_do_and_edit_mends_it(
    page: Page, casey: Person, stack: Stack
) -> None:
    steps.connect_sandbox(page, "sk_test_0123456789abcdef", "Wrong")
    card = steps.connection_card(page, "Wrong")
    card.get_by_role("button", name="Test").click()
    trouble = card.get_by_role("alert")
    expect(trouble).to_contain_text("needs attention")
    expect(trouble).to_contain_text("Stripe refused the key")
    expect(trouble).to_contain_text("it was rolled, deleted, or belongs to another account")
    trouble.get_by_text("How to mend it").click()
    expect(trouble.get_by_role("listitem").last).to_have_text(
        "Press Test to see whether it works again."
    )
    card.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("API Key", exact=True).fill("pk_test_0123456789")
    dialog.get_by_role("button", name="Save Connection").click()
    expect(dialog.get_by_text("This is a publishable key.")).to_be_visible()
    dialog.get_by_label("API Key", exact=True).fill(stack.stripe_key)
    dialog.get_by_role("button", name="Save Connection").click()
    expect(card).to_contain_text("Active")
    expect(trouble).to_have_count(0)


def test_revoke_asks_first_then_hides_the_card_and_show_all_shows_it(
    page: Page, casey: Person, stack: Stack
) -> None:
    card = connect(page, stack, "shopify", "Müller's shop")
    card.get_by_role("button", name="Revoke").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(SURE.format(label="Müller's shop"), exact=True)).to_be_visible()
    assert soundness.axe_violations(page) == []
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    expect(card).to_contain_text("Active")
    card.get_by_role("button", name="Revoke").click()
    dialog.get_by_role("button", name="Revoke").click()
    expect(card).to_have_count(0)
    page.get_by_role("link", name="Show all").click()
    expect(card).to_contain_text("Revoked")
    expect(card.get_by_role("button")).to_have_count(0)
    page.reload()
    expect(card).to_contain_text("Revoked")
    assert soundness.axe_violations(page) == []
    page.get_by_role("link", name="Hide revoked").click()
    expect(card).to_have_count(0)
    with database(stack, casey.slug) as connection:
        row = connection.execute("SELECT status, credentials FROM connections").fetchone()
    assert row == ("revoked", None)


def test_revoke_stops_the_sync_and_its_job_cannot_be_retried(
    page: Page, casey: Person, stack: Stack
) -> None:
    card = connect(page, stack, "stripe", "Main Stripe")
    with stack.slow_stripe("/stripe/v1/charges", seconds=1, times=20):
        card.get_by_role("button", name="Run Sync").click()
        page.wait_for_url("**/jobs")
        expect(page.get_by_role("progressbar")).to_be_visible()
        page.goto("/connections")
        card.get_by_role("button", name="Revoke").click()
        page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
        expect(card).to_have_count(0)
        page.goto("/jobs")
        expect(page.get_by_role("main").get_by_text("Canceled")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name="Retry")).to_have_count(0)


def test_a_failed_sync_is_retried_as_a_new_job_that_names_it(
    page: Page, casey: Person, stack: Stack
) -> None:
    steps.connect_sandbox(page, "sk_test_0123456789abcdef", "Wrong")
    page.get_by_role("button", name="Run Sync").first.click()
    page.wait_for_url("**/jobs")
    jobs = page.get_by_role("main").get_by_role("listitem").filter(has_text="Wrong")
    expect(jobs).to_contain_text("Failed", timeout=30_000)
    jobs.get_by_role("button", name="Retry").click()
    expect(jobs.filter(has_text="Retry of the sync of")).to_have_count(1)
    expect(jobs.filter(has_text="Failed")).to_have_count(2, timeout=30_000)
    with database(stack, casey.slug) as connection:
        found = connection.execute(
            "SELECT a.retry_of = b.id FROM jobs a JOIN jobs b ON b.retry_of IS NULL"
            " WHERE a.retry_of IS NOT NULL"
        ).fetchall()
    assert found == [(True,)]
