"""Register, sign in, sign out: what the browser is told and what it keeps."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from ecomops.kit import flash
from ecomops.kit.settings import Settings
from ecomops.runtime.sessions import cookie_name
from tests.api.people import Person


def note(browser: TestClient, settings: Settings) -> flash.Flash:
    found = flash.unseal(browser.cookies.get(flash.COOKIE), settings.secret_key)
    assert found is not None
    return found


def test_registering_signs_in_and_goes_to_the_dashboard(
    browser: TestClient, settings: Settings
) -> None:
    answer = browser.post("/auth/register", data=Person().form())
    assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard")
    assert browser.cookies.get(cookie_name(settings))
    assert browser.get("/login").headers["location"] == "/dashboard"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(
    browser: TestClient,
) -> None:
    answer = browser.post("/auth/register", data=Person().form())
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("session="))
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert int(cookie.split("Max-Age=")[1].split(";")[0]) == pytest.approx(7 * 86400, abs=60)


def test_a_refused_form_keeps_what_was_typed_and_never_the_password(
    browser: TestClient, settings: Settings
) -> None:
    typed = Person().form(slug="-odd-", email="nobody", password="tiny secret")
    answer = browser.post("/auth/register", data=typed)
    assert (answer.status_code, answer.headers["location"]) == (303, "/register")
    told = note(browser, settings)
    assert set(told.errors) == {"slug", "email", "password"}
    assert told.fields == {k: v for k, v in typed.items() if k != "password"}
    assert "tiny secret" not in answer.headers["set-cookie"]
    assert browser.cookies.get(cookie_name(settings)) is None


def test_a_taken_slug_is_a_field_error(browser: TestClient, settings: Settings) -> None:
    first, second = Person(), Person()
    browser.post("/auth/register", data=first.form())
    browser.cookies.clear()
    browser.post("/auth/register", data=second.form(slug=first.slug))
    # The password is not kept, and says so.
    assert set(note(browser, settings).errors) == {"slug", "password"}


def test_a_form_sent_twice_signs_in_to_the_workspace_it_made(
    browser: TestClient, settings: Settings
) -> None:
    person = Person()
    browser.post("/auth/register", data=person.form())
    browser.cookies.clear()
    again = browser.post("/auth/register", data=person.form())
    assert again.headers["location"] == "/dashboard"
    assert browser.cookies.get(cookie_name(settings))


def test_a_ten_thousand_character_password_is_a_field_error(
    browser: TestClient, settings: Settings
) -> None:
    browser.post("/auth/register", data=Person().form(password="long pass " * 1_000))
    assert set(note(browser, settings).errors) == {"password"}


def test_signing_in_again_and_out(browser: TestClient, person: Person, settings: Settings) -> None:
    out = browser.post("/auth/logout")
    assert (out.status_code, out.headers["location"]) == (303, "/login")
    assert browser.cookies.get(cookie_name(settings)) is None
    shouted = person.credentials(email=person.email.upper())
    assert browser.post("/auth/login", data=shouted).headers["location"] == "/dashboard"


def test_a_session_that_was_signed_out_is_over(
    browser: TestClient, person: Person, settings: Settings
) -> None:
    kept = browser.cookies.get(cookie_name(settings)) or ""
    browser.post("/auth/logout")
    browser.cookies.set(cookie_name(settings), kept)
    answer = browser.get("/dashboard")
    assert answer.headers["location"] == "/login?next=%2Fdashboard&ended=1"


@pytest.mark.parametrize("email", ["the person", "nobody@example.com", "not an address"])
def test_a_wrong_sign_in_does_not_tell_what_was_wrong(
    browser: TestClient, person: Person, settings: Settings, email: str
) -> None:
    browser.cookies.clear()
    typed = person.email if email == "the person" else email
    answer = browser.post("/auth/login", data={"email": typed, "password": "not this one"})
    assert answer.headers["location"] == "/login"
    told = note(browser, settings)
    assert (told.message, told.errors) == ("The email or the password is not right.", {})
    assert told.fields == {"email": typed}


def test_signing_in_leads_back_to_where_one_came_from(browser: TestClient, person: Person) -> None:
    browser.post("/auth/logout")
    wrong = browser.post("/auth/login", data={"email": "", "password": "", "next": "/jobs?a=1"})
    assert wrong.headers["location"] == "/login?next=%2Fjobs%3Fa%3D1"
    right = browser.post("/auth/login", data=person.credentials(next="/jobs?a=1"))
    assert right.headers["location"] == "/jobs?a=1"


def test_a_second_sign_in_is_not_needed(browser: TestClient, person: Person) -> None:
    assert (
        browser.post("/auth/login", data={"email": "", "password": ""}).headers["location"]
        == "/dashboard"
    )
    other = Person().form()
    assert browser.post("/auth/register", data=other).headers["location"] == "/dashboard"


def test_what_is_no_form_is_refused(browser: TestClient) -> None:
    answer = browser.post("/auth/login", json={"email": "a", "password": "b"})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "unreadable_form"
    many = "&".join(f"f{n}=1" for n in range(21))
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert browser.post("/auth/login", content=many, headers=kind).status_code == 400


def test_registering_again_under_somebody_elses_slug_opens_nothing(
    browser: TestClient, person: Person, admin_engine: Engine
) -> None:
    """The password is right, and the workspace is another: no session, and none left behind."""
    browser.cookies.clear()
    other = Person()
    browser.post("/auth/register", data=other.form())
    browser.cookies.clear()
    sessions = text(
        "SELECT count(*) FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.email = :email"
    )
    with admin_engine.connect() as connection:
        before = connection.scalar(sessions, {"email": person.email})
        answer = browser.post("/auth/register", data=person.form(slug=other.slug))
        after = connection.scalar(sessions, {"email": person.email})
    assert answer.headers["location"] == "/register"
    assert "session" not in browser.cookies
    assert after == before == 1
