"""Flow 1.1: a workspace and its first admin."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.people import Person
from tests.browser.stack import Stack, database

pytestmark = pytest.mark.browser

SLUG_RULE = "Use 3 to 63 characters: a to z, 0 to 9 and hyphens, no hyphen at either end."


def refused(page: Page, label: str) -> str:
    """What is said beside a field after Create Workspace."""
    page.get_by_role("button", name="Create Workspace").click()
    page.wait_for_load_state()
    field = page.get_by_label(label, exact=True)
    expect(field).to_have_attribute("aria-invalid", "true")
    described = (field.get_attribute("aria-describedby") or "").split()
    return page.locator(f"#{described[-1]}").inner_text()


def workspaces(stack: Stack, slug: str) -> int:
    with database(stack) as connection:
        row = connection.execute("SELECT count(*) FROM tenants WHERE slug = %s", [slug]).fetchone()
    assert row is not None
    return int(row[0])


def test_registering_leads_to_the_dashboard_with_its_checklist(page: Page) -> None:
    steps.register(page, Person(organization="Nordwind Trading"))
    expect(page.get_by_text("Nordwind Trading")).to_be_visible()
    expect(page.get_by_text("Trial · 60 days left")).to_be_visible()
    for step in ("Connect NetSuite", "Connect a source", "View your data"):
        expect(page.get_by_role("link", name=f"To do: {step}")).to_be_visible()


def test_the_slug_is_suggested_from_the_name(page: Page) -> None:
    page.goto("/register")
    page.get_by_label("Organization Name").fill("Müller & Söhne GmbH")
    expect(page.get_by_label("URL Slug")).to_have_value("muller-sohne-gmbh")
    page.get_by_label("URL Slug").fill("mine")
    page.get_by_label("Organization Name").fill("Another Name")
    expect(page.get_by_label("URL Slug")).to_have_value("mine")


def test_a_taken_slug_is_said_beside_it_and_all_but_the_password_is_kept(
    page: Page, casey: Person, stack: Stack
) -> None:
    page.context.clear_cookies()
    other = replace(Person(), name="Robin Rival", organization="Other Goods")
    steps.fill_in_registration(page, other)
    page.get_by_label("URL Slug").fill(casey.slug)
    assert refused(page, "URL Slug") == "This slug is taken. Choose another one."
    expect(page.get_by_label("Organization Name")).to_have_value("Other Goods")
    expect(page.get_by_label("Your Name")).to_have_value("Robin Rival")
    expect(page.get_by_label("Admin Email")).to_have_value(other.email)
    expect(page.get_by_label("Password", exact=True)).to_have_value("")
    expect(page.get_by_text("Enter your password again")).to_be_visible()
    assert other.password not in page.content()
    assert workspaces(stack, casey.slug) == 1


@pytest.mark.parametrize("slug", ["ab", "acme-", "Acme", "äöü"])
def test_an_odd_slug_is_refused_with_the_rule(page: Page, stack: Stack, slug: str) -> None:
    steps.fill_in_registration(page, Person())
    page.get_by_label("URL Slug").fill(slug)
    assert refused(page, "URL Slug") == SLUG_RULE
    assert workspaces(stack, slug) == 0


@pytest.mark.parametrize("password", ["short", "password1234", "x" * 300])
def test_a_weak_password_is_refused(page: Page, stack: Stack, password: str) -> None:
    person = Person()
    steps.fill_in_registration(page, person)
    page.get_by_label("Password", exact=True).fill(password)
    assert refused(page, "Password") != ""
    assert workspaces(stack, person.slug) == 0


def test_the_strength_of_a_password_is_shown_while_it_is_typed(page: Page) -> None:
    page.goto("/register")
    field = page.get_by_label("Password", exact=True)
    field.fill("short")
    expect(page.get_by_text("Weak", exact=True)).to_be_visible()
    field.fill("password1234")  # a long one, of what is guessed first
    expect(page.get_by_text("Weak", exact=True)).to_be_visible()
    field.fill(Person().password)
    expect(page.get_by_text("Strong", exact=True)).to_be_visible()


def test_everything_that_is_wrong_is_said_at_once(page: Page) -> None:
    page.goto("/register")
    page.get_by_role("button", name="Create Workspace").click()
    page.wait_for_load_state()
    expect(page.locator("[aria-invalid=true]")).to_have_count(5)


def test_a_double_click_makes_one_workspace(page: Page, stack: Stack) -> None:
    person = Person()
    steps.fill_in_registration(page, person)
    page.get_by_role("button", name="Create Workspace").dblclick()
    page.wait_for_url("**/dashboard")
    expect(page.get_by_text(person.organization)).to_be_visible()
    with database(stack, person.slug) as connection:
        found = connection.execute("SELECT action FROM audit_events").fetchall()
    assert found == [("tenant_registered",)]


def test_a_form_that_is_posted_twice_makes_one_workspace_and_signs_in(
    page: Page, stack: Stack
) -> None:
    person = Person()
    for _ in range(2):
        steps.sign_up(page, person, stack.url)
        page.context.clear_cookies()
    assert workspaces(stack, person.slug) == 1
