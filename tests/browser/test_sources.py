"""Sources that keep themselves fresh: ways to connect, schedules, webhooks, backfills, Retry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from ecomops.domains.connections.methods import METHODS
from tests.browser import soundness, steps
from tests.browser.conftest import Window
from tests.browser.people import Person
from tests.browser.stack import Stack, database

pytestmark = pytest.mark.browser

NAMES = {"netsuite": "NetSuite", "shopify": "Shopify", "stripe": "Stripe"}
WAYS = [(provider, way.name) for provider, ways in METHODS.items() for way in ways]
LABEL = "Main Stripe"
SLOW = "/stripe/v1/charges"


@dataclass(frozen=True)
class Merchant:
    """Somebody on the Pro plan, and her browser."""

    page: Page
    person: Person
    stack: Stack

    def ask(self, query: str) -> Any:
        """The first field of the first row that the database answers."""
        with database(self.stack, self.person.slug) as connection:
            row = connection.execute(query).fetchone()
        assert row is not None
        return row[0]

    def count(self, table: str) -> int:
        return int(self.ask(f"SELECT count(*) FROM {table}"))


@pytest.fixture(scope="module")
def merchant(window: Window, stack: Stack) -> Iterator[Merchant]:
    """A new workspace, with nothing in it."""
    person = Person()
    with window() as page:
        steps.sign_up(page, person, stack.url)
        stack.command("plan", "set", person.slug, "pro")
        yield Merchant(page, person, stack)


@pytest.fixture(scope="module")
def synced(window: Window, stack: Stack) -> Iterator[Merchant]:
    """A workspace with Stripe connected, its webhooks signed, and one sync done."""
    person = Person()
    with window() as page:
        steps.sign_up(page, person, stack.url)
        stack.command("plan", "set", person.slug, "pro")
        steps.connect_sandbox(page, stack.stripe_key, LABEL)
        open_connection(page)
        page.get_by_label("Signing Secret").fill(stack.credentials("stripe")["webhook_secret"])
        page.get_by_role("button", name="Save Secret").click()
        expect(page.get_by_text("Signatures are checked")).to_be_visible()
        page.get_by_role("main").get_by_role("button", name="Run Sync").click()
        page.wait_for_url("**/jobs")
        expect(steps.toast(page, "Stripe sync finished")).to_be_visible(timeout=60_000)
        yield Merchant(page, person, stack)


def open_connection(page: Page, label: str = LABEL) -> None:
    """From anywhere to the page of a connection."""
    page.goto("/connections")
    steps.connection_card(page, label).get_by_role("link", name=label).click()
    expect(page.get_by_role("heading", name=label)).to_be_visible()


def begin(page: Page, provider: str, way: str, label: str) -> Locator:
    """The form of this way to connect, with its label and the sandbox chosen."""
    page.goto("/connections")
    page.get_by_role("button", name="Add Connection").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=NAMES[provider]).click()
    dialog.get_by_label("How to connect").select_option(way)
    dialog.get_by_label("Label", exact=True).fill(label)
    dialog.get_by_role("radio", name="Sandbox").check()
    return dialog


def webhook_address(merchant: Merchant) -> str:
    connection = merchant.ask(f"SELECT id FROM connections WHERE label = '{LABEL}'")
    return f"{merchant.stack.url}/webhooks/stripe/{connection}"


def newest_charge(stack: Stack) -> str:
    """The last charge of the sandbox's Stripe account at its clock's instant."""
    answer = httpx.get(
        f"{stack.sandbox}/stripe/v1/charges", params={"limit": 1}, auth=(stack.stripe_key, "")
    )
    return str(answer.raise_for_status().json()["data"][0]["id"])


def send(merchant: Merchant, charge: str, url: str, signature: str = "valid") -> dict[str, Any]:
    """Have the sandbox tell of a charge."""
    asked = {"provider": "stripe", "type": "charge.updated", "id": charge, "url": url}
    answer = httpx.post(
        f"{merchant.stack.sandbox}/webhooks/send",
        json=asked | {"signature": signature},
        timeout=30,
    )
    told: dict[str, Any] = answer.raise_for_status().json()
    return told


@pytest.mark.parametrize(("provider", "way"), WAYS)
def test_each_way_to_connect_ends_with_a_healthy_connection(
    merchant: Merchant, provider: str, way: str
) -> None:
    page, label = merchant.page, f"{NAMES[provider]} by {way}"
    told = merchant.stack.credentials(provider)
    method = next(it for it in METHODS[provider] if it.name == way)
    dialog = begin(page, provider, way, label)
    for name, words in method.fields.items():
        dialog.get_by_label(words, exact=True).fill(told[name])
    save = f"Continue to {NAMES[provider]}" if method.consent else "Save Connection"
    dialog.get_by_role("button", name=save).click()
    said = f"'{label}' is connected" if method.consent else f"{NAMES[provider]} connected"
    expect(steps.toast(page, said)).to_be_visible()
    expect(page).to_have_url(f"{merchant.stack.url}/connections")
    expect(dialog).to_be_hidden()
    card = steps.connection_card(page, label)
    card.get_by_role("button", name="Test").click()
    expect(steps.toast(page, "Connection healthy").first).to_be_visible()
    expect(card).to_contain_text("Active")
    expect(card).not_to_contain_text("Shown after a test")
    for secret in set(method.fields) - {"account_id", "shop_domain"}:
        assert told[secret] not in page.content()


def test_every_way_of_every_provider_made_a_connection_of_its_own(merchant: Merchant) -> None:
    assert merchant.count("connections") == len(WAYS) == 7


def test_consent_that_was_not_given_connects_nothing(merchant: Merchant) -> None:
    before = merchant.count("connections")
    merchant.page.goto("/connections/consent/stripe?error=access_denied&state=made-up")
    expect(steps.toast(merchant.page, "Nothing was connected")).to_be_visible()
    expect(merchant.page).to_have_url(f"{merchant.stack.url}/connections")
    merchant.page.goto("/connections/consent/shopify?code=made-up&state=made-up")
    expect(steps.toast(merchant.page, "Nothing was connected")).to_be_visible()
    assert merchant.count("connections") == before


@pytest.mark.parametrize(("provider", "way"), [("netsuite", "certificate"), ("stripe", "consent")])
def test_the_form_of_another_way_is_sound_and_says_what_it_lacks(
    merchant: Merchant, provider: str, way: str
) -> None:
    method = next(it for it in METHODS[provider] if it.name == way)
    dialog = begin(merchant.page, provider, way, "Not yet")
    dialog.locator("[type=submit]").click()
    for words in method.fields.values():
        expect(dialog.get_by_text(f"Enter the {words}.")).to_be_visible()
    assert soundness.axe_violations(merchant.page) == []
    merchant.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_a_schedule_is_said_in_words_and_stands_on_the_card(synced: Merchant) -> None:
    page = synced.page
    open_connection(page)
    cron = page.get_by_label("When to sync")
    cron.fill("0 6 * * 9")
    expect(page.locator("#cron-error")).not_to_be_empty()
    cron.fill("30 6 * * 1-5")
    expect(page.get_by_text("Next: ")).to_contain_text("06:30")
    words = page.locator("form [aria-live] .strong").inner_text()
    assert "06:30" in words
    page.get_by_role("button", name="Save Schedule").click()
    expect(steps.toast(page, "Schedule saved")).to_be_visible()
    page.goto("/connections")
    expect(steps.connection_card(page, LABEL)).to_contain_text(words)
    page.goto("/dashboard")
    expect(freshness(page)).to_contain_text("06:30")
    assert synced.ask("SELECT cron FROM schedules") == "30 6 * * 1-5"


def test_the_dashboard_tells_how_fresh_each_connection_is(synced: Merchant) -> None:
    page = synced.page
    page.goto("/dashboard")
    expect(freshness(page)).to_contain_text("Fresh")
    expect(freshness(page)).to_contain_text("Synced")
    freshness(page).get_by_role("link", name=LABEL).click()
    expect(page.get_by_role("heading", name="Last read")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Balance transactions")


def freshness(page: Page) -> Locator:
    """The row of the connection in the dashboard's card."""
    card = page.locator(".card").filter(has=page.get_by_role("heading", name="Freshness"))
    return card.get_by_role("listitem").filter(has_text=LABEL)


def test_a_webhook_shows_a_new_payment_on_open_pages_without_a_reload(synced: Merchant) -> None:
    page, before = synced.page, synced.count("payments")
    page.goto("/dashboard")
    counts = page.get_by_role("list", name="Rows in your tables")
    figure = counts.get_by_role("link", name="Payments").locator(".count")
    expect(figure).to_have_text(f"{before:,}")
    page.evaluate("window.stayed = true")
    table = page.context.new_page()
    steps.open_table(table, "payments")
    expect(steps.foot(table)).to_have_text(f"{before:,} rows")
    with synced.stack.later(days=2):
        charge = newest_charge(synced.stack)
        assert send(synced, charge, webhook_address(synced))["statuses"] == [200]
        expect(figure).to_have_text(f"{before + 1:,}")
    assert page.evaluate("window.stayed") is True
    table.get_by_role("button", name="New rows: Refresh").click()
    expect(steps.foot(table)).to_have_text(f"{before + 1:,} rows")
    expect(table.locator("tbody")).to_contain_text(charge)
    table.close()


def test_a_wrong_late_or_repeated_signature_changes_nothing(synced: Merchant) -> None:
    charge, url = newest_charge(synced.stack), webhook_address(synced)
    before = [synced.count(table) for table in ("payments", "webhook_deliveries", "jobs")]
    for signature in ("invalid", "late"):
        (status,) = send(synced, charge, url, signature)["statuses"]
        assert 400 <= status < 500
    assert send(synced, charge, f"{url[:-12]}000000000000")["statuses"] == [404]
    after = [synced.count(table) for table in ("payments", "webhook_deliveries", "jobs")]
    assert after == before
    assert send(synced, charge, url, "duplicate")["statuses"] == [200, 200]
    open_connection(synced.page)
    latest = synced.page.locator(".card").filter(
        has=synced.page.get_by_role("heading", name="Latest webhooks")
    )
    expect(latest.get_by_role("listitem").first).to_contain_text("charge.updated")
    expect(latest.get_by_role("listitem").first).to_contain_text("Done")
    assert synced.count("webhook_deliveries") == before[1] + 1
    assert synced.count("payments") == before[0]


def test_a_record_that_could_not_be_read_is_fetched_by_retry(synced: Merchant) -> None:
    page, before = synced.page, synced.count("payments")
    with synced.stack.later(days=4):
        charge = newest_charge(synced.stack)
        told = send(synced, charge, f"{synced.stack.sandbox}/healthz")
    # The world is back where there is no such charge yet.
    page.goto("/jobs/rejects")
    expect(page.get_by_text("Everything could be read")).to_be_visible()
    answer = httpx.post(webhook_address(synced), content=told["body"], headers=told["headers"])
    assert answer.status_code == 200
    row = page.locator(".reject").filter(has_text=charge)
    row.locator("summary").click()
    row.get_by_role("button", name="Retry").click()
    expect(steps.toast(page, "No such charge")).to_be_visible()
    expect(row).to_have_count(1)
    with synced.stack.later(days=4):
        row.get_by_role("button", name="Retry").click()
        expect(page.get_by_text("Everything could be read")).to_be_visible()
    assert synced.count("payments") == before + 1
    steps.open_table(page, "payments")
    expect(page.locator("tbody")).to_contain_text(charge)


def test_a_backfill_shows_how_far_it_is_can_be_canceled_and_done_over(synced: Merchant) -> None:
    page = synced.page
    before, cursor = synced.count("payments"), cursors(synced)
    open_connection(page)
    page.get_by_role("button", name="Start Backfill").click()
    expect(page.get_by_text("Choose a day.")).to_have_count(2)
    last = datetime.now(UTC).date() - timedelta(days=10)
    page.get_by_label("From", exact=True).fill(f"{last - timedelta(days=20)}")
    page.get_by_label("To", exact=True).fill(f"{last}")
    with synced.stack.slow_stripe(SLOW, seconds=1, times=20):
        page.get_by_role("button", name="Start Backfill").click()
        expect(steps.toast(page, "Backfill started")).to_be_visible()
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Jobs").click()
        running = page.locator(".job-live").filter(has_text="Stripe backfill")
        expect(running).to_contain_text(re.compile(r"step \d of \d"))
        expect(running).to_contain_text(re.compile(r"[1-9][\d,]* (of about [\d,]+ )?rows"))
        running.get_by_role("button", name="Cancel").click()
        page.get_by_role("dialog").get_by_role("button", name="Cancel job").click()
        ended = page.get_by_role("main").get_by_role("listitem").filter(has_text="Stripe backfill")
        expect(ended).to_contain_text("Canceled", timeout=30_000)
    ended.get_by_role("button", name="Retry").click()
    again = ended.filter(has_text="Retry of the backfill of")
    expect(again).to_contain_text("Completed", timeout=60_000)
    assert synced.count("payments") == before
    assert cursors(synced) == cursor


def cursors(merchant: Merchant) -> str:
    """Where the regular syncs stand."""
    query = (
        "SELECT jsonb_object_agg(stream, cursor ORDER BY stream)::text FROM cursor_states"
        " WHERE position('@' IN stream) = 0"
    )
    return str(merchant.ask(query))
