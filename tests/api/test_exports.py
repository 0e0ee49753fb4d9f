"""Downloading a table."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from openpyxl import load_workbook
from pydantic import SecretStr
from sqlalchemy import Engine, text
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from ecomops import runtime
from ecomops.domains.exports.service import start_export
from ecomops.domains.identity.schemas import Resolve
from ecomops.domains.identity.service import resolve
from ecomops.domains.tables import export
from ecomops.domains.tables.schemas import Export, TableQuery
from ecomops.kit.settings import Settings, get_settings
from ecomops.operations.run_job import run_job
from ecomops.runtime.sessions import cookie_name, sessions
from tests.api.people import Person
from tests.conftest import anonymous


def test_an_empty_table_is_its_header(browser: TestClient, person: Person) -> None:
    answer = browser.get("/tables/payouts/export.csv")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    days = [datetime.now(UTC) + timedelta(hours=hours) for hours in (-1, 0, 1)]
    names = {f'attachment; filename="payouts_{day:%Y-%m-%d}.csv"' for day in days}
    assert answer.headers["content-disposition"] in names
    header, *rows = csv.reader(io.StringIO(answer.text))
    assert {"source", "source_id", "status", "amount", "currency", "created_at"} <= set(header)
    assert rows == []
    assert runtime.engine().pool.checkedout() == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/tables/nothing/export.csv", 404),
        ("/tables/payouts/export.csv?from=yesterday", 422),
        ("/tables/payouts/export.csv?status=odd", 422),
        ("/tables/payouts/export.csv?sort=odd", 422),
    ],
)
def test_what_cannot_be_downloaded_is_told(
    browser: TestClient, person: Person, address: str, status: int
) -> None:
    answer = browser.get(address)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]
    assert runtime.engine().pool.checkedout() == 0  # type: ignore[attr-defined]


def test_a_download_needs_a_session_and_leads_people_to_sign_in(browser: TestClient) -> None:
    answer = browser.get("/tables/payouts/export.csv?dir=asc")
    assert answer.status_code == 303
    back = "/login?next=%2Ftables%2Fpayouts%2Fexport.csv%3Fdir%3Dasc"
    assert answer.headers["location"] == back


def token_of(browser: TestClient, settings: Settings) -> SecretStr:
    """The session of whoever is signed in."""
    return SecretStr(browser.cookies[cookie_name(settings)])


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def pro(browser: TestClient, person: Person, admin_engine: Engine, settings: Settings) -> Person:
    """The same person, whose workspace is on Pro."""
    with admin_engine.begin() as connection:
        connection.execute(
            text("UPDATE tenants SET plan = 'pro', plan_expires_at = NULL WHERE slug = :slug"),
            {"slug": person.slug},
        )
    sessions.forget(token_of(browser, settings))
    return person


def test_a_workbook_is_downloaded_by_its_own_address(browser: TestClient, pro: Person) -> None:
    answer = browser.get("/tables/payouts/export.xlsx?columns=amount,source_id")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == XLSX
    assert answer.headers["content-disposition"].endswith('.xlsx"')
    (head,) = load_workbook(io.BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True)
    assert head == ("amount", "source_id")
    assert runtime.engine().pool.checkedout() == 0  # type: ignore[attr-defined]


def test_a_trial_is_told_what_excel_needs(browser: TestClient, person: Person) -> None:
    answer = browser.get("/tables/payouts/export.xlsx")
    assert answer.status_code == 402
    assert answer.json()["error"]["code"] == "entitlement_denied"


def test_a_workbook_too_large_to_wait_for_is_refused(
    browser: TestClient, pro: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(export.AT_ONCE, "xlsx", -1)
    answer = browser.get("/tables/payouts/export.xlsx")
    assert answer.status_code == 409
    assert "background" in answer.json()["error"]["message"]
    assert browser.get("/tables/payouts/export.csv").status_code == 200


def test_the_parameters_are_those_of_the_page(browser: TestClient, person: Person) -> None:
    everything = (
        "status=failed&status=completed&source=stripe&source=shopify&currency=USD"
        "&connection=00000000-0000-0000-0000-000000000007&from=2026-01-01&to=2026-01-31"
        "&min=1.50&max=99999&q=po_1&sort=amount&dir=desc&columns=currency,amount&bom=1"
        "&size=25&row=x&cols=y"
    )
    answer = browser.get(f"/tables/payouts/export.csv?{everything}")
    assert (answer.status_code, answer.content) == (200, b"\xef\xbb\xbfcurrency,amount\r\n")


@pytest.mark.parametrize(
    "wrong",
    ["columns=tenant_id", "connection=1", "min=abc", "max=NaN", "min=1e999999", "currency=XXQ",
     "source=nobody", "to=2026-02-30"],
)  # fmt: skip
def test_a_parameter_that_makes_no_sense_is_told(
    browser: TestClient, person: Person, wrong: str
) -> None:
    answer = browser.get(f"/tables/payouts/export.csv?{wrong}")
    assert answer.status_code == 422
    assert runtime.engine().pool.checkedout() == 0  # type: ignore[attr-defined]


def test_a_prepared_file_is_downloaded_by_its_person(
    browser: TestClient, person: Person, application: ASGIApp, settings: Settings,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("ECOMOPS_DATA_DIR", str(tmp_path))
    get_settings.cache_clear()
    ctx = runtime.run(anonymous(), resolve, Resolve(token_of(browser, settings)))
    started = runtime.run(ctx, start_export, Export(TableQuery("payouts")))
    address = f"/exports/{started.export_id}/download"
    assert browser.get(address).status_code == 404, "it is not there yet"
    assert run_job(replace(ctx, channel="worker"), started.job_id) == "completed"
    answer = browser.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"].startswith('attachment; filename="payouts_20')
    assert answer.content.count(b"\r\n") == 1
    headers = {"origin": settings.origin, "sec-fetch-site": "same-origin"}
    with TestClient(application, base_url=settings.origin, headers=headers) as elsewhere:
        assert elsewhere.get(address).status_code == 401
        elsewhere.post("/auth/register", data=Person().form(), follow_redirects=False)
        assert elsewhere.get(address).status_code == 404
    (path,) = [one for one in (tmp_path / "exports").rglob("*") if one.is_file()]
    path.unlink()
    assert browser.get(address).status_code == 503, "the disk has lost it"
    get_settings.cache_clear()


@pytest.mark.parametrize("export_id", ["1", "..", f"{UUID(int=7)}", "%00"])
def test_a_file_that_is_not_there_is_not_found(
    browser: TestClient, person: Person, export_id: str
) -> None:
    assert browser.get(f"/exports/{export_id}/download").status_code == 404
