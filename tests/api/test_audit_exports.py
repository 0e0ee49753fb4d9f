"""Downloading the audit log."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from ecomops import runtime
from ecomops.kit.context import Context
from ecomops.operations.audit_sealing import seal_all
from tests.api.people import Person


@pytest.fixture
def sealed(person: Person) -> Person:
    """Somebody whose first events are sealed."""
    seal_all(Context("test-sealing", "worker"))
    return person


def lines(body: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in body.splitlines()]


def connections_in_use() -> int:
    return int(runtime.engine().pool.checkedout())  # type: ignore[attr-defined]


def test_the_log_comes_as_lines_of_json(browser: TestClient, sealed: Person) -> None:
    answer = browser.get("/audit/export.ndjson")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["cache-control"] == "no-store"
    name = r'attachment; filename="audit_log_\d{4}-\d\d-\d\d\.ndjson"'
    assert re.fullmatch(name, answer.headers["content-disposition"])
    events = [line for line in lines(answer.text) if line["type"] == "event"]
    assert "tenant_registered" in {event["action"] for event in events}
    assert connections_in_use() == 0


def test_the_log_comes_as_csv(browser: TestClient, sealed: Person) -> None:
    answer = browser.get("/audit/export.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert any("tenant_registered" in row for row in csv.reader(io.StringIO(answer.text)))


def test_the_filters_are_those_of_the_page(browser: TestClient, sealed: Person) -> None:
    answer = browser.get("/audit/export.ndjson?action=user_login")
    found = {line["action"] for line in lines(answer.text) if line["type"] == "event"}
    assert found <= {"user_login"}
    nothing = browser.get("/audit/export.ndjson?to=2001-01-01")
    assert [line for line in lines(nothing.text) if line["type"] == "event"] == []


@pytest.mark.parametrize(
    "query", ["from=yesterday", "status=odd", "category=odd", "from=2026-02-16&to=2026-02-09"]
)
@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_what_cannot_be_downloaded_is_told(
    browser: TestClient, person: Person, form: str, query: str
) -> None:
    answer = browser.get(f"/audit/export.{form}?{query}")
    assert answer.status_code == 422
    assert answer.json()["error"]["message"]
    assert connections_in_use() == 0


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_a_download_is_for_admins_and_a_denial_is_audited(
    browser: TestClient, person: Person, admin_engine: Engine, form: str
) -> None:
    tenant = {"slug": person.slug}
    where = "tenant_id = (SELECT id FROM tenants WHERE slug = :slug)"
    with admin_engine.begin() as connection:
        connection.execute(text(f"UPDATE memberships SET role = 'finance' WHERE {where}"), tenant)
    answer = browser.get(f"/audit/export.{form}")
    assert answer.status_code == 403
    told = text(f"SELECT action FROM audit_events WHERE {where} AND status = 'denied'")
    exported = text(f"SELECT count(*) FROM audit_events WHERE {where} AND action LIKE '%export%'")
    with admin_engine.connect() as connection:
        assert list(connection.scalars(told, tenant)) == ["permission_denied"]
        assert connection.scalar(exported, tenant) == 0


def test_a_download_needs_a_session_and_leads_people_to_sign_in(browser: TestClient) -> None:
    answer = browser.get("/audit/export.csv?category=job")
    assert answer.status_code == 303
    back = "/login?next=%2Faudit%2Fexport.csv%3Fcategory%3Djob"
    assert answer.headers["location"] == back
    program = browser.get("/audit/export.csv", headers={"accept": "text/csv"})
    assert program.status_code == 401
