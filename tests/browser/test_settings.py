"""The settings as people use them: who is added, what each role sees, and what takes effect."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from ecomops.domains.access.rules import PERMISSIONS, ROLES
from ecomops.ui.layouts.frame import ROLE_WORDS
from tests.browser import steps
from tests.browser.conftest import Window
from tests.browser.people import PASSWORD, Person
from tests.browser.stack import Stack, database

pytestmark = pytest.mark.browser

NEW_PASSWORD = "copper meadow lantern 41"
# Permission → the page, and the button or link that only it shows.
SHOWN = {
    "tenant.manage": ("/settings", "link", "Workspace"),
    "users.manage": ("/settings", "link", "People"),
    "connections.manage": ("/connections", "button", "Add Connection"),
    "jobs.run": ("/connections", "button", "Run Sync"),
    "schedules.manage": ("details", "button", "Save Schedule"),
    "exports.csv": ("/tables/payouts", "button", "Export"),
}


def new_email() -> str:
    return f"p{uuid4().hex[:12]}@example.com"


@pytest.fixture
def connected(page: Page, casey: Person, stack: Stack) -> Person:
    """An admin of a workspace with a connection."""
    steps.connect_sandbox(page, stack.stripe_key)
    return casey


def test_two_people_are_added_and_one_is_finance(page: Page, casey: Person, window: Window) -> None:
    finance, reader = new_email(), new_email()
    link = steps.add_person(page, finance, "Finance")
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("listitem").filter(has_text=finance)).to_contain_text("Invited")
    steps.add_person(page, reader, "Read-only")
    page.get_by_role("button", name="Done").click()
    with window() as other:
        steps.join(other, link, PASSWORD)
        expect(other.get_by_text("Bo Berg")).to_be_visible()
        expect(other.get_by_text("Finance", exact=True)).to_be_visible()
        other.goto(link)
        expect(other.get_by_text("This link was used")).to_be_visible()
    page.reload()
    row = page.get_by_role("listitem").filter(has_text=finance)
    expect(row).to_contain_text("Active")
    expect(row.get_by_role("combobox", name="Role of Bo Berg")).to_have_value("finance")


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_what_its_column_of_the_table_says(
    page: Page, connected: Person, window: Window, role: str
) -> None:
    link = steps.add_person(page, new_email(), ROLE_WORDS[role])
    with window(expected=["status of 40"]) as other:
        steps.join(other, link, PASSWORD)
        other.goto("/connections")
        name = steps.connection_card(other, "Main Stripe").get_by_role("link", name="Main Stripe")
        details = name.get_attribute("href")
        for permission, (address, kind, words) in SHOWN.items():
            other.goto(details if address == "details" and details else address)
            expect(other.get_by_text(ROLE_WORDS[role], exact=True).first).to_be_visible()
            found = (
                other.get_by_role("main")
                .or_(other.get_by_role("banner"))
                .get_by_role(
                    kind,  # type: ignore[arg-type]  # a role of ARIA
                    name=re.compile(f"^{words}"),
                )
            )
            if role in PERMISSIONS[permission]:
                expect(found.first).to_be_visible()
            else:
                expect(other.get_by_role("main")).to_be_visible()
                expect(found).to_have_count(0)


def test_a_page_that_is_not_open_to_a_role_says_so(
    page: Page, casey: Person, window: Window
) -> None:
    link = steps.add_person(page, new_email(), "Finance")
    with window() as other:
        steps.join(other, link, PASSWORD)
        for address in ("/settings/people", "/settings/workspace"):
            other.goto(address)
            expect(other.get_by_text("This page is not open to your role")).to_be_visible()
        other.goto("/settings/plan")
        expect(other.get_by_role("heading", name="Your plan")).to_be_visible()
        expect(other.get_by_role("button", name="Upgrade to Pro")).to_have_count(0)


def test_another_role_and_leaving_take_effect_in_an_open_page(
    page: Page, casey: Person, window: Window
) -> None:
    email = new_email()
    link = steps.add_person(page, email, "Read-only")
    page.get_by_role("button", name="Done").click()
    with window() as other:
        steps.join(other, link, PASSWORD)
        expect(other.get_by_text("Read-only", exact=True)).to_be_visible()
        page.reload()
        row = page.get_by_role("listitem").filter(has_text=email)
        row.get_by_role("combobox").select_option("ops")
        expect(other.get_by_text("Operations", exact=True)).to_be_visible()
        row.get_by_role("button", name="Deactivate").click()
        page.get_by_role("dialog").get_by_role("button", name="Deactivate").click()
        other.wait_for_url("**/login?**")
        expect(row).to_contain_text("Deactivated")


def test_a_password_link_lets_somebody_in_with_a_new_password(
    page: Page, casey: Person, window: Window
) -> None:
    email = new_email()
    link = steps.add_person(page, email, "Operations")
    page.get_by_role("button", name="Done").click()
    with window() as other:
        steps.join(other, link, PASSWORD)
    page.reload()
    page.get_by_role("listitem").filter(has_text=email).get_by_role(
        "button", name="Password Link"
    ).click()
    reset = page.get_by_role("textbox", name="Link").input_value()
    with window() as other:
        other.goto(reset)
        other.get_by_label("New Password").fill(NEW_PASSWORD)
        other.get_by_role("button", name="Save Password").click()
        other.wait_for_url("**/dashboard")
    with window() as other:
        steps.sign_in(other, email, NEW_PASSWORD)


def test_the_link_can_be_copied(page: Page, casey: Person, stack: Stack) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=stack.url)
    link = steps.add_person(page, new_email(), "Finance")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("() => navigator.clipboard.readText()") == link


def test_a_time_zone_is_found_by_typing_and_times_follow_it(page: Page, connected: Person) -> None:
    page.goto("/settings/workspace")
    page.get_by_label("Time Zone").fill("Mars")
    page.get_by_role("button", name="Save Changes").click()
    expect(page.get_by_text("Choose a time zone from the list.")).to_be_visible()
    page.get_by_label("Time Zone").fill("Asia/Tokyo")
    page.get_by_label("Organization Name").fill("Südwind")
    page.get_by_role("button", name="Save Changes").click()
    expect(steps.toast(page, "Workspace saved")).to_be_visible()
    expect(page.get_by_role("complementary")).to_contain_text("Südwind")
    page.goto("/connections")
    expect(steps.connection_card(page, "Main Stripe")).to_contain_text("JST")
    page.goto("/settings/workspace")
    expect(page.get_by_label("Time Zone")).to_have_value("Asia/Tokyo")


def test_a_taken_slug_is_told_beside_the_field(page: Page, casey: Person) -> None:
    page.goto("/settings/workspace")
    page.get_by_label("URL Slug").fill("demo")
    page.get_by_role("button", name="Save Changes").click()
    expect(page.get_by_text("This slug is taken.")).to_be_visible()
    expect(page.get_by_label("URL Slug")).to_be_focused()


def test_a_plan_goes_up_and_down_with_what_that_means(page: Page, connected: Person) -> None:
    page.goto("/settings/plan")
    expect(page.get_by_role("main")).to_contain_text("1 of 2")
    page.get_by_role("button", name="Upgrade to Pro").click()
    page.get_by_role("dialog").get_by_role("button", name="Change Plan").click()
    expect(page.get_by_role("main")).to_contain_text("1 of 50")
    page.get_by_role("button", name="Change to Trial").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("No longer included: Excel files")
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("complementary")).to_contain_text("Pro")


def test_an_expired_trial_leads_to_the_plans_and_an_upgrade_ends_it(
    page: Page, casey: Person, stack: Stack
) -> None:
    with database(stack, casey.slug) as connection:
        connection.execute("UPDATE tenants SET plan_expires_at = now(), created_at = now() -"
                           " interval '60 days' WHERE slug = %s", [casey.slug])  # fmt: skip
    page.wait_for_timeout(1_200)  # a server may go on believing in a plan for a second
    page.goto("/dashboard")
    page.get_by_role("link", name="See plans").first.click()
    page.wait_for_url("**/settings/plan")
    page.get_by_role("button", name="Upgrade to Enterprise").click()
    page.get_by_role("dialog").get_by_role("button", name="Change Plan").click()
    expect(page.get_by_text("this workspace is read-only")).to_have_count(0)
    page.goto("/connections")
    expect(page.get_by_role("button", name="Add Connection").first).to_be_enabled()


@pytest.fixture
def second(window: Window, casey: Person) -> Iterator[Page]:
    """Another browser of the same person."""
    with window() as other:
        steps.sign_in(other, casey.email, casey.password)
        yield other


def test_another_browser_is_signed_out_from_the_list(
    page: Page, casey: Person, second: Page
) -> None:
    page.goto("/settings/account")
    expect(page.get_by_text("This browser")).to_have_count(1)
    page.get_by_role("button", name="Sign out Chrome on Linux").click()
    second.wait_for_url("**/login?**")
    expect(page.get_by_role("button", name="Sign out Chrome on Linux")).to_have_count(0)


def test_a_password_is_changed_and_other_browsers_are_out(
    page: Page, casey: Person, second: Page
) -> None:
    page.goto("/settings/account")
    page.get_by_label("Current Password").fill("not the right one")
    page.get_by_label("New Password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change Password").click()
    expect(page.get_by_text("This is not your current password.")).to_be_visible()
    page.get_by_label("Current Password").fill(casey.password)
    page.get_by_label("New Password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change Password").click()
    expect(page.get_by_text("Your password was changed.")).to_be_visible()
    second.wait_for_url("**/login?**")
    steps.sign_in(second, casey.email, NEW_PASSWORD)


def test_a_name_and_a_theme_are_chosen(page: Page, casey: Person) -> None:
    page.goto("/settings/account")
    page.get_by_label("Name", exact=True).fill("Casey Jones")
    page.get_by_role("button", name="Save Name").click()
    expect(page.get_by_role("complementary")).to_contain_text("Casey Jones")
    page.get_by_role("group", name="Theme").get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_class("dark")
    page.reload()
    expect(page.locator("html")).to_have_class("dark")
    chosen = page.get_by_role("group", name="Theme").get_by_role("button", name="Dark")
    expect(chosen).to_have_attribute("aria-pressed", "true")
