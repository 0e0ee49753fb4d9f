"""The whole web application in this process, on the real database, as browsers reach it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from ecomops import runtime
from ecomops.kit.buckets import Buckets
from ecomops.kit.settings import Settings
from ecomops.runtime.sessions import cookie_name

if TYPE_CHECKING:
    # Reflex is slow to import: only for the tests that need it.
    from starlette.testclient import TestClient

    from ecomops.ui.door import Door
    from tests.conftest import Workspace


@pytest.fixture(scope="session")
def server(runtime_started: object, settings: Settings) -> Iterator[TestClient]:
    """The application as the server process serves it, its pages not built."""
    os.environ["__REFLEX_SKIP_COMPILE"] = "true"
    from starlette.testclient import TestClient

    from ecomops.ecomops import app
    from ecomops.ui.pages.audit import seal_state

    seal_state.FIRST_SEAL_LOOKS = 0  # no worker seals here: who waits for it waits in vain
    with TestClient(app(), base_url=settings.origin, follow_redirects=False) as client:
        open_wide(door())
        yield client
    runtime.start(settings)


def door() -> Door:
    """The door of the application in this process."""
    from reflex_base.registry import RegistrationContext

    application: Any = RegistrationContext.get().app
    found: Door = application.event_namespace.trigger_event.__self__
    return found


def open_wide(one: Door) -> None:
    """Let as much through as tests send, which no person does."""
    one.people, one.strangers = Buckets(10**9, 10**9), Buckets(10**9, 10**9)


@pytest.fixture
def narrow_door(server: TestClient) -> Iterator[Door]:
    """The same door with the limits that it has in earnest."""
    from ecomops.ui.door import people, strangers

    found = door()
    found.people, found.strangers = people(), strangers()
    yield found
    open_wide(found)


@pytest.fixture
def unwatched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sockets of sessions that end stay open: the gate is alone."""
    from ecomops.ui.sockets import Sockets

    async def look(_self: Sockets) -> None:
        """See nothing."""

    monkeypatch.setattr(Sockets, "look", look)


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
