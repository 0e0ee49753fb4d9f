"""Flow 3: the audit log, its filters, the trace of one operation, and an event in full."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CalledProcessError

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import steps
from tests.browser.conftest import Window
from tests.browser.people import Person
from tests.browser.stack import Stack, database

pytestmark = pytest.mark.browser

EVENTS = re.compile(r"^[\d,]+\+? events?$")
COLUMNS = [
    "Timestamp",
    "Category",
    "Action",
    "Actor",
    "Resource Type",
    "Resource ID",
    "Status",
    "Correlation ID",
]


def open_log(page: Page, query: str = "") -> None:
    """Open the audit log and wait for its events."""
    page.goto(f"/audit{query}")
    expect(steps.foot(page)).to_have_text(EVENTS)


def column(page: Page, name: str) -> list[str]:
    return [row[name] for row in steps.rows(page)]


def open_filters(page: Page) -> Locator:
    page.get_by_role("button", name="Filters").click()
    expect(page.get_by_role("button", name="Apply Filters")).to_be_visible()
    return page.locator("form").filter(has_text="Apply Filters")


def apply(page: Page) -> None:
    page.get_by_role("button", name="Apply Filters").click()


def chip(page: Page, text: str) -> Locator:
    return page.get_by_role("link", name=f"{text} remove this filter")


def panel(page: Page) -> Locator:
    return page.get_by_role("region", name="Event", exact=True)


def test_the_log_is_reached_from_the_sidebar_and_shows_the_newest_first(
    page: Page, casey: Person
) -> None:
    page.goto("/dashboard")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Audit Log").click()
    page.wait_for_url("**/audit")
    expect(steps.foot(page)).to_have_text(EVENTS)
    assert steps.headers(page) == COLUMNS
    [registered] = steps.rows(page)[-1:]
    assert registered["Action"] == "tenant_registered"
    assert (registered["Category"], registered["Status"]) == ("Auth", "Success")
    assert registered["Actor"] == casey.email
    assert re.fullmatch(r"\d+ \w{3} \d{4}, \d\d:\d\d:\d\d UTC", registered["Timestamp"])


def test_a_category_is_filtered_by_and_its_chip_takes_it_away(demo_page: Page) -> None:
    open_log(demo_page)
    form = open_filters(demo_page)
    form.get_by_label("Category").select_option("connection")
    apply(demo_page)
    expect(demo_page).to_have_url(re.compile(r"/audit\?category=connection$"))
    expect(chip(demo_page, "Category: Connection")).to_be_visible()
    expect(demo_page.locator("tbody")).not_to_contain_text("job_started")
    assert set(column(demo_page, "Category")) == {"Connection"}
    assert "connection_created" in column(demo_page, "Action")
    chip(demo_page, "Category: Connection").click()
    expect(demo_page).to_have_url(re.compile(r"/audit$"))
    expect(demo_page.locator("tbody")).to_contain_text("job_started")


def test_the_last_seven_days_are_filtered_by(page: Page, casey: Person) -> None:
    open_log(page)
    open_filters(page).get_by_role("radio", name="Last 7 days").check()
    apply(page)
    today = datetime.now(UTC).date()
    first = today - timedelta(days=7)
    expect(page).to_have_url(re.compile(rf"\?from={first}&to={today}$"))
    expect(page.locator("tbody")).to_contain_text("tenant_registered")
    open_log(page, f"?to={first}")
    expect(page.get_by_text("No events match these filters.")).to_be_visible()
    page.get_by_role("link", name="Clear filters").click()
    expect(page.locator("tbody")).to_contain_text("tenant_registered")


def test_a_correlation_id_leads_to_a_trace_in_ascending_order_and_back(demo_page: Page) -> None:
    open_log(demo_page, "?action=job_completed")
    demo_page.locator("tbody tr").first.get_by_role("cell").last.get_by_role("link").click()
    expect(demo_page).to_have_url(re.compile(r"/audit\?correlation_id=[\w-]+$"))
    expect(
        demo_page.get_by_role("heading", name="A complete trace of one operation")
    ).to_be_visible()
    expect(demo_page.get_by_role("columnheader", name="Timestamp")).to_have_attribute(
        "aria-sort", "ascending"
    )
    shown = column(demo_page, "Action")
    assert shown.index("job_started") < shown.index("job_completed")
    assert len(set(column(demo_page, "Correlation ID"))) == 1
    demo_page.get_by_role("link", name="All events").click()
    expect(demo_page).to_have_url(re.compile(r"/audit$"))
    expect(demo_page.locator("tbody")).to_contain_text("tenant_registered")


def test_an_event_opens_beside_the_list_with_all_there_is_to_know(demo_page: Page) -> None:
    open_log(demo_page, "?category=job")
    demo_page.get_by_role("link", name="job_completed").first.click()
    expect(panel(demo_page).get_by_role("heading", name="job_completed")).to_be_visible()
    expect(demo_page).to_have_url(re.compile(r"\?category=job&event=[\w-]{36}$"))
    expect(panel(demo_page).get_by_role("region", name="Payload")).to_contain_text('"rows_done"')
    expect(panel(demo_page).get_by_text("Worker")).to_be_visible()
    related = panel(demo_page).get_by_role("listitem")
    related.get_by_role("link", name="job_started").first.click()
    expect(panel(demo_page).get_by_role("heading", name="job_started")).to_be_visible()
    address = demo_page.url
    demo_page.reload()
    expect(panel(demo_page).get_by_role("heading", name="job_started")).to_be_visible()
    assert demo_page.url == address
    demo_page.go_back()
    expect(panel(demo_page).get_by_role("heading", name="job_completed")).to_be_visible()


@pytest.fixture
def copying(window: Window, stack: Stack) -> Iterator[Page]:
    """A browser that may write to the clipboard and read it, in a workspace of its own."""
    with window(permissions=["clipboard-read", "clipboard-write"]) as page:
        steps.sign_up(page, Person(), stack.url)
        yield page


def clipboard(page: Page) -> str:
    text: str = page.evaluate("() => navigator.clipboard.readText()")
    return text


def test_an_event_and_its_correlation_id_are_copied(copying: Page) -> None:
    open_log(copying)
    copying.get_by_role("link", name="tenant_registered").click()
    panel(copying).get_by_role("button", name="Copy as JSON").click()
    expect(steps.toast(copying, "Event copied")).to_be_visible()
    event = json.loads(clipboard(copying))
    assert (event["action"], event["status"]) == ("tenant_registered", "success")
    panel(copying).get_by_role("button", name="Copy Correlation ID").click()
    copying.wait_for_function(
        "id => navigator.clipboard.readText().then(text => text === id)",
        arg=event["correlation_id"],
    )
    panel(copying).get_by_role("button", name="Copy link").click()
    copying.wait_for_function(
        "id => navigator.clipboard.readText().then(text => text.endsWith(`/audit?event=${id}`))",
        arg=event["id"],
    )


def test_who_comes_back_sees_what_has_happened_since(page: Page, casey: Person) -> None:
    open_log(page)
    page.get_by_role("link", name="tenant_registered").click()
    expect(panel(page)).to_be_visible()
    menu = page.get_by_role("navigation", name="Main")
    menu.get_by_role("link", name="Jobs").click()
    page.wait_for_url("**/jobs")
    assert page.request.get("/tables/payouts/export.csv").ok
    menu.get_by_role("link", name="Audit Log").click()
    expect(page.locator("tbody")).to_contain_text("table_exported")


def test_keys_open_an_event_close_it_and_give_the_focus_back(page: Page, casey: Person) -> None:
    open_log(page)
    row = page.get_by_role("link", name="tenant_registered")
    row.press("Enter")
    expect(panel(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel(page)).to_have_count(0)
    expect(row).to_be_focused()
    expect(page).to_have_url(re.compile(r"/audit$"))


def test_more_events_than_a_page_holds_are_walked_through(page: Page, casey: Person) -> None:
    for _ in range(14):  # each leaves two events
        assert page.request.get("/tables/payouts/export.csv").ok
    open_log(page, "?category=table&size=25")
    expect(steps.foot(page)).to_have_text("28 events")
    first = [row.get_attribute("href") for row in page.locator(".row-link").all()]
    page.get_by_role("link", name="Next").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    rest = [row.get_attribute("href") for row in page.locator(".row-link").all()]
    assert len({link.partition("event=")[2] for link in [*first, *rest] if link}) == 28
    page.get_by_role("link", name="Previous").click()
    expect(page.locator("tbody tr")).to_have_count(25)
    page.get_by_role("combobox", name="Rows per page").select_option("50")
    expect(page.locator("tbody tr")).to_have_count(28)


def test_who_may_not_see_the_log_is_told_so_and_the_attempt_is_kept_once(
    page: Page, casey: Person, stack: Stack
) -> None:
    with database(stack, casey.slug) as connection:
        connection.execute("UPDATE memberships SET role = 'finance'")
    page.wait_for_timeout(1_500)  # a server may go on believing in a role for a second
    page.goto("/audit")
    expect(page.get_by_role("heading", name="This page is not open to your role")).to_be_visible()
    menu = page.get_by_role("navigation", name="Main")
    expect(menu.get_by_role("link", name="Audit Log")).to_have_count(0)
    expect(page.get_by_role("button", name="Export")).to_have_count(0)
    expect(page.get_by_text("tenant_registered")).to_have_count(0)
    with database(stack, casey.slug) as connection:
        denied = connection.execute(
            "SELECT action, payload ->> 'permission' FROM audit_events WHERE status = 'denied'"
        ).fetchall()
    assert denied == [("permission_denied", "audit.view")]


def test_the_log_is_verified_and_says_that_it_is_intact(page: Page, casey: Person) -> None:
    await_seal(page)
    seal = page.get_by_role("region", name="Seal of the log")
    seal.get_by_role("button", name="Verify now").click()
    expect(seal.get_by_text("Intact, checked at")).to_be_visible()
    expect(seal.get_by_text("are exactly as they were sealed")).to_be_visible()


def test_a_seal_that_the_log_does_not_hold_is_told(page: Page, casey: Person) -> None:
    open_log(page)
    page.get_by_role("button", name="What this means").click()
    dialog = page.get_by_role("dialog")
    kept = dialog.get_by_label("A seal that you kept")
    kept.fill("no seal at all")
    dialog.get_by_role("button", name="Verify against it").click()
    expect(dialog.get_by_role("alert").filter(has_text="Paste the seal")).to_be_visible()
    kept.fill(f"sealed to event 9, batch 999999, hash {'0' * 64}")
    dialog.get_by_role("button", name="Verify against it").click()
    expect(page.get_by_text("Not intact: The log ends before the seal")).to_be_visible()


def await_seal(page: Page) -> None:
    """Open the log until its events are sealed, which takes about a second."""
    open_log(page)
    seal = page.get_by_role("region", name="Seal of the log")
    expect(seal.get_by_text(re.compile(r"Sealed to event \d+ · batch \d+"))).to_be_visible()


@pytest.mark.parametrize("form", ["CSV", "NDJSON"])
def test_a_download_proves_itself_without_the_server(
    page: Page, casey: Person, stack: Stack, tmp_path: Path, form: str
) -> None:
    await_seal(page)
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as started:
        page.get_by_role("link", name=form).click()
    today = datetime.now(UTC).date()
    assert started.value.suggested_filename == f"audit_log_{today}.{form.lower()}"
    file = tmp_path / started.value.suggested_filename
    started.value.save_as(file)
    assert "complete: every event" in stack.command("audit", "verify", str(file))
    forged = tmp_path / f"forged.{form.lower()}"
    forged.write_text(file.read_text().replace("tenant_registered", "tenant_registerea"))
    with pytest.raises(CalledProcessError):
        stack.command("audit", "verify", str(forged))


def test_filters_are_kept_as_a_view_opened_again_and_deleted(page: Page, casey: Person) -> None:
    open_log(page, "?category=auth&status=success")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("button", name="Save view…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Save View").click()
    expect(dialog.get_by_role("alert").first).to_be_visible()
    dialog.get_by_label("Name").fill("Sign-ins")
    dialog.get_by_role("button", name="Save View").click()
    expect(steps.toast(page, "View Sign-ins saved")).to_be_visible()
    open_log(page)
    page.get_by_role("button", name="Views").click()
    page.get_by_role("link", name="Sign-ins").click()
    expect(page).to_have_url(re.compile(r"\?category=auth&status=success$"))
    expect(chip(page, "Category: Auth")).to_be_visible()
    page.get_by_role("button", name="Views").click()
    page.get_by_role("button", name="Delete Sign-ins").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete view").click()
    expect(steps.toast(page, "View Sign-ins deleted")).to_be_visible()
