"""The HTTP routes behind the edge, on the real database, and people who use them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from ecomops.api.app import create_api
from ecomops.api.edge import edge
from ecomops.kit.settings import Settings
from tests.api.people import Person

PRIVATE = {"/dashboard", "/tables", "/jobs", "/audit"}


@pytest.fixture
def application(runtime_started: object, settings: Settings, tmp_path: Path) -> ASGIApp:
    """The routes behind the edge, without pages."""
    return edge(create_api(), settings, tmp_path, PRIVATE)


@pytest.fixture
def browser(application: ASGIApp, settings: Settings) -> Iterator[TestClient]:
    """A browser on one of our own pages; redirects are looked at, not followed."""
    headers = {"origin": settings.origin, "sec-fetch-site": "same-origin", "accept": "text/html"}
    with TestClient(
        application, base_url=settings.origin, headers=headers, follow_redirects=False
    ) as client:
        yield client


@pytest.fixture
def person(browser: TestClient) -> Person:
    """Somebody who has just created a workspace, and is signed in."""
    somebody = Person()
    answer = browser.post("/auth/register", data=somebody.form())
    assert answer.headers["location"] == "/dashboard"
    return somebody
