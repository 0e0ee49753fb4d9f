"""A sandbox for each test process, and what the database holds of a workspace."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine

from ecomops.connectors import breaker
from ecomops.kit.settings import Settings
from tests.conftest import Workspace
from tests.integration.provider import Sandbox, Stored, lead_to, serve
from tests.integration.rows import fill_every_table


@pytest.fixture(scope="session")
def sandbox_server(settings: Settings) -> Iterator[Sandbox]:
    """A month of a small shop."""
    with serve(days=24, orders_per_day=6) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(sandbox_server: Sandbox) -> Iterator[Sandbox]:
    """The sandbox with its clock at the end of its history and nothing wrong with it.

    Sandbox connections lead to it, wherever another test has led them.
    """
    lead_to(sandbox_server)
    sandbox_server.reset()
    yield sandbox_server
    sandbox_server.reset()


@pytest.fixture(autouse=True)
def closed_circuits(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test is refused because of what another one's provider did."""
    monkeypatch.setattr(breaker, "_BREAKERS", {})


@pytest.fixture(scope="session")
def shop(runtime_started: None, admin_engine: Engine) -> Workspace:
    """A workspace with forty rows in every table; to be read, not changed."""
    return fill_every_table(admin_engine)


@pytest.fixture
def stored(admin_engine: Engine) -> Callable[[Workspace], Stored]:
    """What the database holds of a workspace, read past row-level security."""

    def of(workspace: Workspace) -> Stored:
        return Stored(admin_engine, workspace.ctx.tenant)

    return of


@pytest.fixture
def audit(stored: Callable[[Workspace], Stored]) -> Callable[[Workspace], list[tuple[str, str]]]:
    """(action, status) of a workspace's audit events, in the order in which they happened."""

    def of(workspace: Workspace) -> list[tuple[str, str]]:
        rows = stored(workspace).rows(
            "SELECT action, status FROM audit_events WHERE tenant_id = :tenant ORDER BY xid, id"
        )
        return [(action, status) for action, status in rows]

    return of


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first, so that no process ends alone with them."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
