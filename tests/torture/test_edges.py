"""T5, T6, T14: what is not there, other people's sites, and hosts that are nobody's business."""

from __future__ import annotations

import random
import socket
from itertools import product
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from ecomops.api.app import create_api
from ecomops.domains.connections import fields
from ecomops.domains.connections.schemas import CreateConnection
from ecomops.kit.errors import InvalidInputError
from ecomops.ui.registry import PAGES
from tests.connectors.test_hostile_names import HOSTILE_ACCOUNTS, HOSTILE_SHOPS
from tests.torture.report import FULL, SEED, reported
from tests.ui.tabs import LOAD_SHELL, tab

pytestmark = pytest.mark.slow

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD")
CLOSED = (
    "/_upload", "/_upload/", "/_upload/a.txt", "/_health", "/_all_routes", "/ping", "/_event/",
    "/_event/upload", "/_event", "/_static", "/_auth_codespace", "/_upload?token=x",
)  # fmt: skip
FOREIGN = (
    "https://evil.example", "null", "http://localhost", "http://localhost:1", "https://localhost:3000",
    "http://localhost:3000.evil.example", "http://evil.example:3000", "http://LOCALHOST:3000",
    "http://localhost:3000/", "http://user@localhost:3000", "file://", "http://127.0.0.1:3000",
)  # fmt: skip


def some(cases: list[Any], short: int) -> list[Any]:
    return cases if FULL else random.Random(SEED).sample(cases, short)


def test_there_is_no_endpoint_to_upload_to(server: TestClient, cookie: str) -> None:
    with reported("T5") as figures, tab(server, cookie=cookie, token="uploading") as person:
        person.send(LOAD_SHELL)
        headers = {
            "origin": str(server.base_url).rstrip("/"),
            "cookie": cookie,
            "reflex-client-token": "uploading",
            "reflex-event-handler": LOAD_SHELL,
        }
        for method, path in some(list(product(METHODS, CLOSED)), 20):
            files = {"files": ("a.txt", b"x" * 100)} if method == "POST" else None
            answer = server.request(method, path, headers=headers, files=files)
            figures.count += 1
            figures.failed += answer.status_code != 404
        assert figures.failed == 0


def addresses() -> list[str]:
    """Every route of ours, every page, the websocket, and nowhere."""
    routes = [route.path.replace("{table}", "payouts") for route in create_api().routes]  # type: ignore[attr-defined]  # all are Routes
    return [*routes, *[page.route for page in PAGES.values()], "/_event/", "/nowhere", "/"]


def test_no_other_site_reads_or_sends_anything(server: TestClient, cookie: str) -> None:
    with reported("T6") as figures:
        for path, origin, method in some(list(product(addresses(), FOREIGN, METHODS)), 60):
            headers = {
                "origin": origin,
                "cookie": cookie,
                "access-control-request-method": "POST",
                "access-control-request-headers": "content-type",
            }
            answer = server.request(method, path, headers=headers)
            echoed = answer.headers.get("access-control-allow-origin")
            changing = method not in ("GET", "HEAD", "OPTIONS")
            sent = changing and path not in ("/healthz", "/readyz") and answer.status_code != 403
            if path.startswith("/webhooks/"):  # Believed for its signature, wherever it comes from.
                sent = changing and answer.status_code < 400
            figures.count += 1
            figures.failed += bool(echoed) or sent or "session=" in str(answer.headers)
            assert figures.failed == 0, (method, path, origin, answer.status_code, echoed)


def test_the_names_of_shops_and_accounts_lead_nowhere_else(
    runtime_started: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That a connection made before the check leads nowhere either: test_hostile_names."""
    tried: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **_: tried.append(a))
    monkeypatch.setattr(socket.socket, "connect", lambda *a: tried.append(a))
    secret = SecretStr("k" * 20)
    with reported("T14") as figures:
        for provider, name, hostile in (
            ("shopify", "shop_domain", HOSTILE_SHOPS),
            ("netsuite", "account_id", HOSTILE_ACCOUNTS),
        ):
            for value in hostile:
                given = dict.fromkeys(fields.FORMS[provider], secret) | {name: SecretStr(value)}
                figures.count += 1
                figures.failed += accepted(CreateConnection(provider, "A", "provider", given), name)
        assert (figures.failed, tried) == (0, [])
        assert figures.count >= 300


def accepted(command: CreateConnection, field: str) -> bool:
    try:
        fields.check(command)
    except InvalidInputError as error:
        return set(error.fields) != {field}
    return True
