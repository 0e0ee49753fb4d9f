"""Downloading a table."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from ecomops import runtime
from tests.api.people import Person


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
