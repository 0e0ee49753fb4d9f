"""Uploading a file: one route, one file, one person; hostile bodies are refused and forgotten."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from sqlalchemy import Engine, text
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message

from ecomops.api import imports
from ecomops.core.files.text import MOST_BYTES
from ecomops.kit.settings import Settings
from ecomops.runtime.sessions import CACHE_SECONDS
from tests.api.people import Person

PATH = "/imports/upload"
CSV = b"Date,Amount,Currency\n2026-01-02,5.00,USD\n"
JSON = {"accept": "application/json"}


@pytest.fixture
def drafts(admin_engine: Engine) -> Any:
    """How many uploads there are, of everybody."""

    def count() -> int:
        with admin_engine.connect() as connection:
            return int(connection.scalar(text("SELECT count(*) FROM import_drafts")) or 0)

    return count


def post(browser: TestClient, content: bytes = CSV, kind: str = "bank", **more: Any) -> Any:
    files = {"file": ("statement.csv", content, "text/csv")}
    return browser.post(PATH, data={"kind": kind}, files=files, headers=JSON, **more)


def test_a_file_is_kept_and_its_id_told(browser: TestClient, person: Person, drafts: Any) -> None:
    before = drafts()
    answer = post(browser)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert len(answer.json()["id"]) == 36
    assert drafts() == before + 1


def test_a_large_file_passes_this_route_and_no_other(browser: TestClient, person: Person) -> None:
    large = CSV + b"2026-01-03,1.00,USD\n" * 100_000
    assert post(browser, large).status_code == 200
    answer = browser.post("/auth/login", content=large, headers=JSON)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")


def test_a_file_above_the_limit_is_refused(
    browser: TestClient, person: Person, drafts: Any
) -> None:
    before = drafts()
    answer = post(browser, b"x" * (MOST_BYTES + 1))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_input")
    answer = post(browser, b"x" * (imports.MOST_OF_A_REQUEST + 1))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")
    assert drafts() == before


def test_nobody_uploads_without_a_session(browser: TestClient, drafts: Any) -> None:
    before = drafts()
    answer = post(browser)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthenticated")
    assert drafts() == before


def test_another_site_uploads_nothing(
    browser: TestClient, person: Person, settings: Settings, drafts: Any
) -> None:
    before = drafts()
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        answer = browser.post(PATH, data={"kind": "bank"}, files={"file": ("a.csv", CSV)},
                              headers=JSON | headers)  # fmt: skip
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign_origin")
    assert drafts() == before


BOUNDARY = "multipart/form-data; boundary=x"
PART = 'Content-Disposition: form-data; name="{}"'
FILE = f'{PART.format("file")}; filename="a.csv"'
HOSTILE = {
    "another content type": ("application/json", b"{}"),
    "a form that is no upload": ("application/x-www-form-urlencoded", b"kind=bank&file=a"),
    "no content type": ("", CSV),
    "no boundary": ("multipart/form-data", CSV),
    "an empty boundary": ("multipart/form-data; boundary=", CSV),
    "another boundary": ("multipart/form-data; boundary=y", b"--x\r\n\r\n--x--\r\n"),
    "an empty body": (BOUNDARY, b""),
    "no file": (BOUNDARY, f"--x\r\n{PART.format('kind')}\r\n\r\nbank\r\n--x--\r\n".encode()),
    "no kind": (BOUNDARY, f"--x\r\n{FILE}\r\n\r\na,b\r\n--x--\r\n".encode()),
    "a file that is a field": (
        BOUNDARY, (f"--x\r\n{PART.format('kind')}\r\n\r\nbank\r\n--x\r\n"
                   f"{PART.format('file')}\r\n\r\na,b\r\n--x--\r\n").encode()),
    "two files": (
        BOUNDARY, (f"--x\r\n{PART.format('kind')}\r\n\r\nbank\r\n" + f"--x\r\n{FILE}\r\n\r\na\r\n"
                   * 2 + "--x--\r\n").encode()),
    "many fields": (
        BOUNDARY, (f"--x\r\n{PART.format('kind')}\r\n\r\nbank\r\n" * 50 + "--x--\r\n").encode()),
    "a header without end": (BOUNDARY, b"--x\r\nContent-Disposition: " + b"a" * 50_000),
    "a kind beyond its limit": (
        BOUNDARY, f"--x\r\n{PART.format('kind')}\r\n\r\n{'a' * 2_000_000}\r\n--x--\r\n".encode()),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_is_refused_and_nothing_kept(
    browser: TestClient, person: Person, drafts: Any, name: str
) -> None:
    before = drafts()
    content_type, body = HOSTILE[name]
    answer = browser.post(PATH, content=body, headers=JSON | {"content-type": content_type})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "unreadable_form")
    assert drafts() == before


@pytest.mark.parametrize("kind", ["", "excel", "x" * 1000])
def test_an_unknown_kind_is_told(browser: TestClient, person: Person, kind: str) -> None:
    answer = post(browser, kind=kind)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_input")


def cookie_of(browser: TestClient) -> str:
    return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


def drive(
    application: ASGIApp, settings: Settings, cookie: str, chunks: list[bytes], *, hangs: bool
) -> list[Message]:
    """Send a body in chunks whose length nobody announced; ``hangs``: it never ends."""
    waiting, answers = list(chunks), []

    async def receive() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(0), "more_body": True}
        if hangs:
            await asyncio.sleep(3600)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        answers.append(message)

    host = settings.origin.removeprefix("http://").encode()
    headers = [(b"host", host), (b"origin", settings.origin.encode()),
               (b"cookie", cookie.encode()), (b"transfer-encoding", b"chunked"),
               (b"content-type", BOUNDARY.encode())]  # fmt: skip
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": PATH,
        "raw_path": PATH.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": None,
    }
    asyncio.run(asyncio.wait_for(application(scope, receive, send), 20))
    return answers


START = f"--x\r\n{PART.format('kind')}\r\n\r\nbank\r\n--x\r\n{FILE}\r\n\r\n".encode()


def test_a_body_that_grows_beyond_the_limit_is_cut_off(
    browser: TestClient, person: Person, application: ASGIApp, settings: Settings,
    drafts: Any, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(imports, "MOST_OF_A_REQUEST", 100_000)
    before = drafts()
    answers = drive(application, settings, cookie_of(browser), [START, *[b"x" * 9_000] * 50],
                    hangs=True)  # fmt: skip
    assert answers[0]["status"] == 413
    assert drafts() == before


def test_a_body_that_never_ends_is_given_up(
    browser: TestClient, person: Person, application: ASGIApp, settings: Settings,
    drafts: Any, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(imports, "PATIENCE", 0.2)
    before = drafts()
    answers = drive(application, settings, cookie_of(browser), [START, b"Date"], hangs=True)
    assert answers[0]["status"] == 408
    assert drafts() == before


def test_an_upload_that_breaks_off_keeps_nothing(
    browser: TestClient, person: Person, application: ASGIApp, settings: Settings, drafts: Any
) -> None:
    before = drafts()
    answers = drive(application, settings, cookie_of(browser), [START, b"Date"], hangs=False)
    assert answers[0]["status"] == 400
    assert drafts() == before


def test_uploads_have_places_and_give_them_back(
    browser: TestClient, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "AT_ONCE", 0)
    answer = post(browser)
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "too_many_uploads")
    monkeypatch.undo()
    assert post(browser, kind="odd").status_code == 422
    assert post(browser).status_code == 200
    assert imports._Places.taken == 0


@pytest.mark.parametrize("role", ["ops", "readonly"])
def test_a_role_without_the_permission_is_refused_before_its_file_is_read(
    browser: TestClient, person: Person, application: ASGIApp, settings: Settings,
    admin_engine: Engine, drafts: Any, role: str,
) -> None:  # fmt: skip
    before = drafts()
    with admin_engine.begin() as admin:
        admin.execute(
            text("UPDATE memberships SET role = :role WHERE user_id ="
                 " (SELECT id FROM users WHERE email = :email)"),
            {"role": role, "email": person.email},
        )  # fmt: skip
    time.sleep(CACHE_SECONDS + 0.1)
    answers = drive(application, settings, cookie_of(browser), [START], hangs=True)
    assert answers[0]["status"] == 403
    assert drafts() == before
