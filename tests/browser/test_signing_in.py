"""Signing in and out, and a session that ends while somebody works."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.people import Person
from tests.browser.stack import Stack, database

pytestmark = pytest.mark.browser

ENDED = "Your session has ended. Please sign in again."


@pytest.fixture
def registered(page: Page, casey: Person) -> Person:
    """Somebody who has a workspace and is not signed in."""
    page.context.clear_cookies()
    return casey


def end_sessions(stack: Stack, person: Person) -> None:
    """End all of a person's sessions behind her back."""
    with database(stack) as connection:
        gone = connection.execute(
            "DELETE FROM sessions USING users"
            " WHERE users.id = sessions.user_id AND users.email = %s",
            [person.email],
        )
        assert gone.rowcount == 1


def test_signing_in_leads_to_the_dashboard(page: Page, registered: Person) -> None:
    steps.sign_in(page, registered.email, registered.password)
    expect(page.get_by_text(registered.name)).to_be_visible()


def test_an_email_in_another_case_is_the_same_person(page: Page, registered: Person) -> None:
    steps.sign_in(page, f"  {registered.email.upper()}", registered.password)
    expect(page.get_by_text(registered.organization)).to_be_visible()


@pytest.mark.parametrize("known", [True, False])
def test_a_wrong_sign_in_is_refused_alike_for_known_and_unknown(
    page: Page, registered: Person, stack: Stack, known: bool
) -> None:
    email = registered.email if known else "nobody@example.com"
    page.goto("/login")
    steps.give_credentials(page, email, "not the password")
    expect(page.get_by_role("alert").filter(has_text="password")).to_have_text(
        "The email or the password is not right."
    )
    expect(page.get_by_label("Email")).to_have_value(email)
    expect(page.get_by_label("Password", exact=True)).to_have_value("")
    with database(stack, registered.slug) as connection:
        failed = connection.execute(
            "SELECT count(*) FROM audit_events WHERE action = 'user_login_failed'"
        ).fetchone()
    assert failed == (int(known),)


def test_a_page_asks_strangers_to_sign_in_and_then_opens(page: Page, registered: Person) -> None:
    page.goto("/tables/payouts?status=pending")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    steps.give_credentials(page, registered.email, registered.password)
    page.wait_for_url("**/tables/payouts?status=pending")
    expect(page.get_by_role("heading", name="Payouts")).to_be_visible()


def test_signing_out_ends_the_session_here_and_in_the_database(
    page: Page, casey: Person, stack: Stack
) -> None:
    page.goto("/dashboard")
    page.get_by_role("button", name="Sign Out").click()
    page.wait_for_url("**/login")
    with database(stack) as connection:
        left = connection.execute(
            "SELECT count(*) FROM sessions JOIN users ON users.id = user_id WHERE email = %s",
            [casey.email],
        ).fetchone()
    assert left == (0,)
    page.goto("/dashboard")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_nothing_of_a_workspace_shows_after_signing_out(page: Page, casey: Person) -> None:
    page.goto("/dashboard")
    expect(page.get_by_text(casey.organization)).to_be_visible()
    page.get_by_role("button", name="Sign Out").click()
    page.wait_for_url("**/login")
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_text(casey.organization)).to_have_count(0)


def test_a_session_that_ends_in_mid_click_is_told_and_the_person_comes_back(
    page: Page, casey: Person, stack: Stack
) -> None:
    page.goto("/connections")
    expect(page.get_by_role("heading", name="No connections yet")).to_be_visible()
    end_sessions(stack, casey)
    page.get_by_role("button", name="Add Connection").first.click()
    expect(page.get_by_text(ENDED)).to_be_visible()
    steps.give_credentials(page, casey.email, casey.password)
    page.wait_for_url("**/connections")
    expect(page.get_by_role("heading", name="No connections yet")).to_be_visible()


def test_a_session_that_ended_is_told_when_a_page_is_opened(
    page: Page, casey: Person, stack: Stack
) -> None:
    end_sessions(stack, casey)
    page.goto("/tables/fees?sort=amount&dir=desc")
    expect(page.get_by_text(ENDED)).to_be_visible()
    steps.give_credentials(page, casey.email, casey.password)
    page.wait_for_url("**/tables/fees?sort=amount&dir=desc")


def test_the_session_cookie_is_out_of_reach_of_scripts(page: Page, casey: Person) -> None:
    page.goto("/dashboard")
    expect(page.get_by_text(casey.organization)).to_be_visible()
    cookie = next(c for c in page.context.cookies() if c["name"] == "session")
    assert cookie["httpOnly"] is True
    assert cookie["sameSite"] == "Lax"
    assert cookie["path"] == "/"
    assert cookie["value"] not in page.evaluate(
        "() => JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}])"
    )
