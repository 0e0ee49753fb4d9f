"""What every request goes through before it reaches a route."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from ecomops.api.app import create_api
from ecomops.api.edge import edge
from ecomops.api.headers import inline_script_hashes, policy
from ecomops.api.limits import SizeLimit
from ecomops.kit.settings import Settings
from tests.api.people import Person

FOREIGN = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "", "sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("path", ["/auth/register", "/auth/login", "/auth/logout"])
def test_a_form_of_another_site_is_refused(
    browser: TestClient, path: str, headers: dict[str, str]
) -> None:
    answer = browser.post(path, data=Person().form(), headers=headers)
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "foreign_origin"
    assert "set-cookie" not in answer.headers


def test_signing_out_by_a_link_is_impossible(browser: TestClient, person: Person) -> None:
    assert browser.get("/auth/logout").status_code == 405
    assert browser.get("/login").headers["location"] == "/dashboard"


def test_another_host_is_refused_and_another_name_of_this_machine_led_here(
    browser: TestClient, settings: Settings
) -> None:
    assert browser.get("/login", headers={"host": "evil.example"}).status_code == 421
    other = browser.get("/jobs?a=1", headers={"host": "127.0.0.1:9"})
    assert other.headers["location"] == f"{settings.origin}/jobs?a=1"
    assert browser.post("/auth/logout", headers={"host": "127.0.0.1:9"}).status_code == 421
    assert browser.get("/healthz", headers={"host": "10.0.0.7"}).status_code == 200


def test_a_large_body_is_refused_announced_or_not(browser: TestClient) -> None:
    large = b"a=" + b"x" * 70_000
    kind = {"content-type": "application/x-www-form-urlencoded"}
    announced = browser.post("/auth/login", content=large, headers=kind)
    chunked = browser.post("/auth/login", content=iter([large]), headers=kind)
    assert (announced.status_code, chunked.status_code) == (413, 413)
    assert chunked.json()["error"]["code"] == "body_too_large"


@pytest.mark.parametrize("path", ["/ping", "/_health", "/_upload", "/_all_routes", "/_event/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_endpoints_of_the_framework_are_closed(browser: TestClient, method: str, path: str) -> None:
    assert browser.request(method, path).status_code == 404


def test_a_plausible_correlation_id_is_taken_and_any_other_replaced(
    browser: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        kept = browser.get("/readyz", headers={"x-correlation-id": "order-2026-11.7"})
    assert kept.headers["x-correlation-id"] == "order-2026-11.7"
    odd = browser.get("/readyz", headers={"x-correlation-id": "a b"}).headers["x-correlation-id"]
    assert odd != "a b"
    assert len(odd) == 32


def test_errors_have_one_shape_and_the_id_of_the_request(browser: TestClient) -> None:
    answer = browser.get("/tables/payouts/export.csv", headers={"accept": "*/*"})
    assert answer.status_code == 401
    assert answer.json() == {
        "error": {
            "code": "unauthenticated",
            "message": "Please sign in.",
            "correlation_id": answer.headers["x-correlation-id"],
        }
    }


def test_an_unexpected_error_says_nothing_of_itself(settings: Settings, tmp_path: Path) -> None:
    async def fail(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise RuntimeError("canary")

    browser = TestClient(edge(fail, settings, tmp_path, ()), settings.origin)
    answer = browser.get("/jobs")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")
    assert "canary" not in answer.text + str(answer.headers)


ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def test_every_answer_carries_the_security_headers(browser: TestClient, settings: Settings) -> None:
    for path in ("/healthz", "/nothing", "/dashboard", "/tables/payouts/export.csv"):
        headers = browser.get(path).headers
        assert ALWAYS.items() <= headers.items()
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "access-control-allow-origin" not in headers
        assert "strict-transport-security" not in headers


def test_browsers_of_a_https_address_are_told_to_stay_there(
    settings: Settings, tmp_path: Path
) -> None:
    secure = settings.model_copy(update={"base_url": "https://app.example"})
    with TestClient(edge(create_api(), secure, tmp_path, ()), "https://app.example") as browser:
        headers = browser.get("/healthz").headers
    assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


def test_what_is_only_for_now_is_kept_in_no_cache(browser: TestClient) -> None:
    refused = browser.post("/auth/login", data={}, headers={"accept": "application/json"})
    for answer in (refused, browser.get("/nothing"), browser.get("/auth/nothing")):
        assert answer.status_code >= 400
        assert answer.headers["cache-control"] == "no-store"
    assert browser.get("/healthz").headers["cache-control"] == "no-store"


def test_the_policy_allows_the_inline_scripts_of_the_build_and_no_evaluation(
    tmp_path: Path,
) -> None:
    # The digest of `let a = 1;` was made with openssl
    page = "<script>let a = 1;</script><script src='/a.js'></script><style>b{}</style>"
    (tmp_path / "page.html").write_text(page)
    assert inline_script_hashes(tmp_path) == ["xY6QKfH9PRsQnLz56nj6MBwiK5oHg+im1Jkpdp1x/Ck="]
    text = policy("https://app.example", tmp_path)
    assert "script-src 'self' 'sha256-xY6QKfH9PRsQnLz56nj6MBwiK5oHg+im1Jkpdp1x/Ck=';" in text
    assert "connect-src 'self' wss://app.example;" in text
    assert "unsafe-eval" not in text
    assert "unsafe-inline" not in text.replace("style-src 'self' 'unsafe-inline'", "")
    assert {
        "default-src 'self'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
        "form-action 'self'",
    } <= set(text.split("; "))


BUILD = Path(__file__).parents[2] / ".web" / "build" / "client"


@pytest.mark.skipif(not BUILD.is_dir(), reason="the front end is not built")
def test_the_policy_has_a_hash_for_each_inline_script_of_our_build() -> None:
    text = policy("http://localhost:3000", BUILD)
    hashes = inline_script_hashes(BUILD)
    assert hashes
    assert all(f"'sha256-{digest}'" in text for digest in hashes)


def test_people_who_are_signed_out_sign_in_first(browser: TestClient) -> None:
    assert browser.get("/").headers["location"] == "/login"
    answer = browser.get("/tables/payouts?status=completed")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Ftables%2Fpayouts%3Fstatus%3Dcompleted"


def test_signed_in_people_pass(browser: TestClient, person: Person) -> None:
    assert browser.get("/").headers["location"] == "/dashboard"
    assert browser.get("/tables/").headers["location"] == "/tables/orders"
    assert browser.get("/dashboard").status_code == 404  # There are no pages in this test.


def test_readiness_names_each_part(browser: TestClient) -> None:
    answer = browser.get("/readyz")
    assert answer.status_code == 200
    parts = {"database": "ok", "migrations": "ok", "redis": "ok"}
    assert answer.json() == {"status": "ready", "parts": parts}


def test_what_is_announced_too_large_is_not_even_read() -> None:
    told: list[Message] = []

    async def unread() -> Message:
        raise AssertionError("the body was read")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()

    async def send(message: Message) -> None:
        told.append(message)

    headers = [(b"content-length", b"1000000000")]
    scope = {"type": "http", "method": "POST", "path": "/auth/login", "headers": headers}
    asyncio.run(SizeLimit(app)(scope, unread, send))
    assert told[0]["status"] == 413
