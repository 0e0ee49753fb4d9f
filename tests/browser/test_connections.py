"""Flow 4: adding and testing connections."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.people import Person
from tests.browser.stack import Stack, database

pytestmark = pytest.mark.browser

REFUSED = "Stripe refused the key"


def stored(stack: Stack, person: Person) -> list[tuple[str, str, str]]:
    with database(stack, person.slug) as connection:
        rows = connection.execute("SELECT label, status, environment FROM connections").fetchall()
    return [(label, status, environment) for label, status, environment in rows]


def test_a_connection_is_added_with_a_card_and_never_shows_its_key(
    page: Page, casey: Person, stack: Stack
) -> None:
    key = stack.stripe_key
    steps.connect_sandbox(page, key)
    expect(steps.toast(page, "Stripe connected")).to_be_visible()
    card = steps.connection_card(page, "Main Stripe")
    for text in ("Stripe", "Sandbox", "Active", "Never"):
        expect(card).to_contain_text(text)
    page.reload()
    expect(card).to_be_visible()
    assert key not in page.content()
    assert stored(stack, casey) == [("Main Stripe", "active", "sandbox")]


def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(
    page: Page, casey: Person, stack: Stack
) -> None:
    dialog = steps.open_connection_form(page)
    steps.fill_in_connection(dialog, "", "pk_test_1234567890")
    dialog.get_by_role("button", name="Save Connection").click()
    expect(dialog.get_by_text("This is a publishable key.")).to_be_visible()
    expect(dialog.get_by_text("Give the connection a label")).to_be_visible()
    expect(dialog.get_by_label("API Key")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Label").fill("Second try")
    dialog.get_by_label("API Key").fill(stack.stripe_key)
    expect(dialog.get_by_role("radio", name="Sandbox")).to_be_checked()
    dialog.get_by_role("button", name="Save Connection").click()
    expect(steps.connection_card(page, "Second try")).to_be_visible()
    assert stored(stack, casey) == [("Second try", "active", "sandbox")]


def test_a_wrong_key_is_told_by_test_and_stays_on_the_card(
    page: Page, casey: Person, stack: Stack
) -> None:
    steps.connect_sandbox(page, f"sk_test_{uuid4().hex}", "Wrong")
    card = steps.connection_card(page, "Wrong")
    card.get_by_role("button", name="Test").click()
    expect(steps.toast(page, REFUSED)).to_be_visible()
    expect(card).to_contain_text("Error")
    page.reload()
    expect(card.get_by_role("alert")).to_contain_text(REFUSED)
    with database(stack, casey.slug) as connection:
        tested = connection.execute(
            "SELECT status FROM audit_events WHERE action = 'connection_tested'"
        ).fetchall()
    assert tested == [("error",)]


def test_a_double_click_on_save_makes_one_connection(
    page: Page, casey: Person, stack: Stack
) -> None:
    stack.command("plan", "set", casey.slug, "pro")  # so that a second one would be allowed
    dialog = steps.open_connection_form(page)
    steps.fill_in_connection(dialog, "Only one", stack.stripe_key)
    dialog.get_by_role("button", name="Save Connection").dblclick()
    expect(steps.connection_card(page, "Only one")).to_have_count(1)
    page.reload()
    expect(steps.connection_card(page, "Only one")).to_have_count(1)
    assert len(stored(stack, casey)) == 1


def test_the_trial_says_that_it_includes_one_source(
    page: Page, casey: Person, stack: Stack
) -> None:
    steps.connect_sandbox(page, stack.stripe_key)
    page.get_by_role("button", name="Add Connection").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Stripe").click()
    steps.fill_in_connection(dialog, "Second", stack.stripe_key)
    dialog.get_by_role("button", name="Save Connection").click()
    expect(dialog.get_by_role("alert").filter(has_text="Upgrade to Pro")).to_be_visible()
    assert len(stored(stack, casey)) == 1


def test_escape_closes_the_dialog_and_the_focus_returns(page: Page, casey: Person) -> None:
    page.goto("/connections")
    expect(page.get_by_role("heading", name="No connections yet")).to_be_visible()
    opener = page.get_by_role("banner").get_by_role("button", name="Add Connection")
    opener.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    opener.press("Enter")
    expect(dialog.get_by_role("button", name="Stripe")).to_be_visible()


def test_the_form_opens_empty_again_after_it_was_closed(page: Page, casey: Person) -> None:
    dialog = steps.open_connection_form(page)
    steps.fill_in_connection(dialog, "Left behind", "sk_test_left_behind")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Add Connection").first.click()
    dialog.get_by_role("button", name="Stripe").click()
    expect(dialog.get_by_label("Label")).to_have_value("")
    expect(dialog.get_by_label("API Key")).to_have_value("")


def test_another_provider_is_a_step_back_and_a_reload_closes_the_form(
    page: Page, casey: Person
) -> None:
    dialog = steps.open_connection_form(page)
    dialog.get_by_role("button", name="Back").click()
    dialog.get_by_role("button", name="NetSuite").click()
    expect(dialog.get_by_role("heading", name="Connect NetSuite")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="No connections yet")).to_be_visible()
    expect(dialog).to_be_hidden()
