"""The whole web application in this process, on the real database, as browsers reach it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from ecomops import runtime
from ecomops.kit.settings import Settings
from ecomops.runtime.sessions import cookie_name
from tests.conftest import Workspace


@pytest.fixture(scope="session")
def server(runtime_started: object, settings: Settings) -> Iterator[TestClient]:
    """The application as the server process serves it, its pages not built."""
    os.environ["__REFLEX_SKIP_COMPILE"] = "true"
    from ecomops.ecomops import app

    with TestClient(app(), base_url=settings.origin, follow_redirects=False) as client:
        yield client
    runtime.start(settings)


@pytest.fixture
def cookie(server: TestClient, workspace: Workspace, settings: Settings) -> str:
    """The ``Cookie`` header of somebody new who is signed in."""
    return cookie_of(workspace, settings)


@pytest.fixture
def other_cookie(server: TestClient, other_workspace: Workspace, settings: Settings) -> str:
    """The same of somebody else, in another workspace."""
    return cookie_of(other_workspace, settings)


def cookie_of(workspace: Workspace, settings: Settings) -> str:
    return f"{cookie_name(settings)}={workspace.token.get_secret_value()}"
