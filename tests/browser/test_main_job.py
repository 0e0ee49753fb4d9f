"""Register, connect, sync, look, export: to the cent what the sandbox's Stripe account holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import ledger, steps
from tests.browser.conftest import Window
from tests.browser.people import Person
from tests.browser.stack import Stack, database

pytestmark = pytest.mark.browser

FILLED = ("payments", "refunds", "payouts", "payout_lines", "fees", "disputes")
EMPTY = ("orders", "netsuite_transactions")


@dataclass
class Story:
    """What a person has done, in whose browser, and what she saw of the sync."""

    page: Page
    person: Person
    progress: list[steps.Progress]


@pytest.fixture(scope="module")
def story(window: Window, stack: Stack) -> Iterator[Story]:
    """From an empty browser to a workspace with data, as a person does it."""
    person = Person()
    with window() as page:
        steps.register(page, person)
        steps.connect_sandbox(page, stack.stripe_key)
        _test_the_connection(page)
        with stack.slow_stripe("/stripe/v1/charges", seconds=0.25, times=30):
            progress = _sync_and_wander(page)
        yield Story(page, person, progress)


@pytest.fixture(scope="module")
def oracle(stack: Stack) -> dict[str, Any]:
    """The truth."""
    return stack.oracle()


def _test_the_connection(page: Page) -> None:
    card = steps.connection_card(page, "Main Stripe")
    expect(card).to_contain_text("Never")
    card.get_by_role("button", name="Test").click()
    expect(steps.toast(page, "Connection healthy")).to_be_visible()
    expect(card).to_contain_text("Active")


def _sync_and_wander(page: Page) -> list[steps.Progress]:
    """Run Sync, leave the Jobs page while it runs, find it again, and see it end."""
    page.get_by_role("button", name="Run Sync").first.click()
    page.wait_for_url("**/jobs")
    # The first step is a slow one; how far it is, the job knows in the next.
    expect(page.locator(".job-live")).to_contain_text("step 1 of")
    before = steps.looked_at(page)
    steps.await_progress(page)
    before += steps.looked_at(page)
    menu = page.get_by_role("navigation", name="Main")
    menu.get_by_role("link", name="Dashboard").click()
    expect(page.get_by_role("heading", name="Running now")).to_be_visible()
    menu.get_by_role("link", name="Jobs").click()
    page.wait_for_url("**/jobs")
    progress = before + steps.follow(page)
    expect(steps.toast(page, "Stripe sync finished")).to_be_visible()
    return progress


def test_the_sync_was_seen_to_progress(story: Story) -> None:
    percents = [seen.percent for seen in story.progress]
    done = [seen.rows for seen in story.progress]
    assert len(set(done)) > 2
    assert percents == sorted(percents)
    assert done == sorted(done)
    assert len({seen.phase for seen in story.progress}) > 1


def test_the_job_says_how_it_ended(story: Story, oracle: dict[str, Any]) -> None:
    story.page.goto("/jobs")
    job = story.page.get_by_role("main").get_by_role("listitem").filter(has_text="Main Stripe")
    expect(job).to_contain_text("Completed")
    # Fees come with the lines that carry them, and are no records of their own.
    records = sum(oracle[table]["count"] for table in FILLED if table != "fees")
    expect(job).to_contain_text(f"{records:,} new")


def test_the_connection_tells_of_its_sync(story: Story) -> None:
    story.page.goto("/connections")
    card = steps.connection_card(story.page, "Main Stripe")
    expect(card).to_contain_text("Just now")
    expect(card).to_contain_text("Sandbox")


@pytest.mark.parametrize("table", FILLED)
def test_a_table_has_every_row(story: Story, oracle: dict[str, Any], table: str) -> None:
    steps.open_table(story.page, table)
    expect(steps.foot(story.page)).to_have_text(f"{oracle[table]['count']:,} rows")


@pytest.mark.parametrize("table", EMPTY)
def test_a_table_that_stripe_does_not_fill_is_empty(story: Story, table: str) -> None:
    steps.open_table(story.page, table)
    expect(steps.foot(story.page)).to_have_text("0 rows")


def test_payouts_on_screen_are_the_accounts_to_the_cent(
    story: Story, oracle: dict[str, Any]
) -> None:
    steps.open_table(story.page, "payouts?size=100")
    shown = steps.all_rows(story.page)
    truth = oracle["payouts"]["list"]
    assert {row["ID"]: (row["Amount"], row["Currency"]) for row in shown} == {
        payout["id"]: (ledger.on_screen(payout["amount"]), payout["currency"]) for payout in truth
    }
    assert len(shown) == len(truth)


def test_payouts_have_the_places_of_their_currency(story: Story, oracle: dict[str, Any]) -> None:
    steps.open_table(story.page, "payouts?size=500")
    amounts = {row["Currency"]: row["Amount"] for row in steps.rows(story.page)}
    assert set(amounts) == {"EUR", "JPY", "KWD", "USD"}
    places = {currency: len(text.partition(".")[2]) for currency, text in amounts.items()}
    assert places == {"EUR": 2, "JPY": 0, "KWD": 3, "USD": 2}


@pytest.mark.parametrize("table", FILLED)
def test_the_csv_file_has_every_row_to_the_cent(
    story: Story, oracle: dict[str, Any], table: str, tmp_path: Path
) -> None:
    steps.open_table(story.page, table)
    file = steps.download_csv(story.page, tmp_path)
    assert file.name == f"{table}_{datetime.now(UTC):%Y-%m-%d}.csv"
    rows = ledger.read_csv(file)
    assert len(rows) == len({row["source_id"] for row in rows}) == oracle[table]["count"]
    assert ledger.tally(rows, ledger.measures_of(table)) == ledger.expected(oracle, table)


def test_amounts_in_the_file_are_written_like_the_accounts(
    story: Story, oracle: dict[str, Any], tmp_path: Path
) -> None:
    steps.open_table(story.page, "payouts")
    written = {
        row["source_id"]: row for row in ledger.read_csv(steps.download_csv(story.page, tmp_path))
    }
    for payout in oracle["payouts"]["list"]:
        assert written[payout["id"]]["amount"] == payout["amount"]
    assert any(Decimal(row["amount"]) < 0 for row in written.values())


def test_the_audit_log_tells_the_story(story: Story, stack: Stack) -> None:
    with database(stack, story.person.slug) as connection:
        found = connection.execute(
            "SELECT action, status, correlation_id FROM audit_events ORDER BY occurred_at, id"
        ).fetchall()
    actions = [action for action, _, _ in found]
    told = ["tenant_registered", "connection_created", "connection_tested", "job_started",
            "job_completed"]  # fmt: skip
    assert [action for action in actions if action in told] == told
    assert {status for _, status, _ in found} == {"success"}


def test_a_job_and_its_end_share_a_correlation_id(story: Story, stack: Stack) -> None:
    with database(stack, story.person.slug) as connection:
        found = connection.execute(
            "SELECT correlation_id, array_agg(action ORDER BY occurred_at, id)"
            " FROM audit_events WHERE action NOT LIKE 'table_%' GROUP BY correlation_id"
        ).fetchall()
    operations = [actions for _, actions in found]
    assert ["job_started", "job_completed"] in operations
    assert ["connection_created"] in operations


def test_a_download_is_audited_under_the_id_that_its_answer_carries(
    story: Story, stack: Stack, oracle: dict[str, Any]
) -> None:
    answer = story.page.request.get("/tables/disputes/export.csv")
    with database(stack, story.person.slug) as connection:
        found = connection.execute(
            "SELECT action, actor, payload -> 'row_count' FROM audit_events"
            " WHERE correlation_id = %s ORDER BY occurred_at, id",
            [answer.headers["x-correlation-id"]],
        ).fetchall()
    assert found == [
        ("table_export_started", story.person.email, None),
        ("table_exported", story.person.email, oracle["disputes"]["count"]),
    ]
