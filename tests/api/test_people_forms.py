"""One-time links and passwords by native forms: what the browser is told and what it keeps."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from ecomops import runtime
from ecomops.domains.identity.invitations import renew_link
from ecomops.domains.identity.schemas import Resolve
from ecomops.domains.identity.service import resolve
from ecomops.kit import flash
from ecomops.kit.errors import UnauthenticatedError
from ecomops.kit.settings import Settings
from ecomops.runtime.link_cookies import link_cookie_name
from ecomops.runtime.sessions import cookie_name
from tests.api.people import Person
from tests.api.test_sign_in import note
from tests.conftest import Workspace, anonymous
from tests.integration.people import id_of, invited, joined, may_sign_in
from tests.web import cookie_of

JOINING = {"name": "Bo Berg", "password": "plum tractor violin 88"}
LINKED = "/welcome?token="


def opened(browser: TestClient, token: str) -> None:
    """Follow a link, as far as the page."""
    answer = browser.get(LINKED + token)
    assert (answer.status_code, answer.headers["location"]) == (303, "/welcome")
    assert answer.headers["cache-control"] == "no-store"


def test_a_link_leads_to_its_page_without_its_token_and_in_by_its_form(
    browser: TestClient, workspace: Workspace, settings: Settings
) -> None:
    made = invited(workspace, "ops")
    opened(browser, made.token.get_secret_value())
    answer = browser.post("/auth/welcome", data=JOINING)
    assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard")
    assert may_sign_in(made.email)
    assert browser.cookies.get(cookie_name(settings))
    assert browser.cookies.get(link_cookie_name(settings)) is None
    assert browser.get("/login").headers["location"] == "/dashboard"


def test_the_cookie_of_a_link_is_out_of_reach_of_scripts(
    browser: TestClient, workspace: Workspace
) -> None:
    token = invited(workspace).token.get_secret_value()
    answer = browser.get(LINKED + token)
    (kept,) = answer.headers.get_list("set-cookie")
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Max-Age=3600"} <= set(kept.split("; "))


def test_a_refused_form_keeps_the_name_and_the_link(
    browser: TestClient, workspace: Workspace, settings: Settings
) -> None:
    made = invited(workspace)
    opened(browser, made.token.get_secret_value())
    answer = browser.post("/auth/welcome", data={"name": "Bo", "password": "short"})
    assert answer.headers["location"] == "/welcome"
    told = note(browser, settings)
    assert (set(told.errors), told.fields) == ({"password"}, {"name": "Bo"})
    assert browser.post("/auth/welcome", data=JOINING).headers["location"] == "/dashboard"


@pytest.mark.parametrize("token", ["", "x", "a" * 200, "a" * 43, "%0d%0aSet-Cookie:x=1", "é" * 30])
def test_a_link_that_is_none_gets_nobody_in(
    browser: TestClient, settings: Settings, token: str
) -> None:
    answer = browser.get(LINKED + token)
    assert answer.headers["location"] == "/welcome"
    answer = browser.post("/auth/welcome", data=JOINING)
    assert answer.headers["location"] == "/welcome"
    assert "Ask an admin" in note(browser, settings).message
    assert browser.cookies.get(cookie_name(settings)) is None


def test_programs_are_told_that_a_link_is_gone(browser: TestClient) -> None:
    answer = browser.post("/auth/welcome", data=JOINING, headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "link_gone")


def test_a_link_used_by_who_was_signed_in_ends_that_session(
    browser: TestClient, workspace: Workspace, settings: Settings
) -> None:
    browser.cookies.set(cookie_name(settings), workspace.token.get_secret_value())
    made = invited(workspace)
    opened(browser, made.token.get_secret_value())
    browser.post("/auth/welcome", data=JOINING)
    with pytest.raises(UnauthenticatedError):
        runtime.run(anonymous(), resolve, Resolve(workspace.token))


def test_another_site_cannot_post_these_forms(browser: TestClient) -> None:
    for path in ("/auth/welcome", "/auth/password"):
        answer = browser.post(path, data=JOINING, headers={"origin": "https://evil.example"})
        assert answer.status_code == 403


def test_a_password_is_changed_and_the_page_says_so(
    browser: TestClient, person: Person, settings: Settings
) -> None:
    new = "copper meadow lantern 41"
    form = {"current_password": person.password, "password": new}
    answer = browser.post("/auth/password", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/account")
    assert note(browser, settings) == flash.Flash(
        "/settings/account", "Your password was changed. Other browsers were signed out."
    )
    assert browser.get("/login").headers["location"] == "/dashboard", "still signed in"


def test_a_refused_change_tells_which_field_and_keeps_neither_password(
    browser: TestClient, person: Person, settings: Settings
) -> None:
    for form, field in (
        ({"current_password": "not the right one", "password": "copper meadow lantern 41"},
         "current_password"),
        ({"current_password": person.password, "password": "tiny secret"}, "password"),
    ):  # fmt: skip
        answer = browser.post("/auth/password", data=form)
        assert answer.headers["location"] == "/settings/account"
        told = note(browser, settings)
        assert (set(told.errors), told.fields) == ({field, "password"}, {})


def test_who_is_signed_out_signs_in_first(browser: TestClient) -> None:
    answer = browser.post("/auth/password", data={"current_password": "x", "password": "y"})
    assert answer.status_code == 303
    assert urlsplit(answer.headers["location"]).path == "/login"


def test_a_link_to_choose_a_password_signs_in(
    browser: TestClient, workspace: Workspace, settings: Settings
) -> None:
    bo = joined(workspace)
    made = runtime.run(workspace.ctx, renew_link, id_of(bo))
    opened(browser, made.token.get_secret_value())
    answer = browser.post("/auth/welcome", data={"password": "copper meadow lantern 41"})
    assert answer.headers["location"] == "/dashboard"
    assert cookie_of(workspace, settings) != browser.cookies.get(cookie_name(settings))
