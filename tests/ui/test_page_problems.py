"""When what a page needs cannot be had, the page says so with a reference, and recovers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient

from ecomops.ui.layouts.activity import Activity
from ecomops.ui.layouts.counts import TableCounts
from ecomops.ui.layouts.onboarding import Onboarding
from ecomops.ui.pages.connections.state import ConnectionsState
from ecomops.ui.pages.dashboard.state import DashboardState
from ecomops.ui.pages.rejects.state import RejectsState
from ecomops.ui.pages.tables.state import TablesState
from tests.ui.tabs import tab

PAGES = "ecomops.ui.pages"
LAYOUTS = "ecomops.ui.layouts"


@dataclass(frozen=True)
class Case:
    """A handler, the page it loads, and the service that it asks."""

    state: Any
    handler: str
    path: str
    service: str
    problem: str

    @property
    def event(self) -> str:
        return f"{self.state.get_full_name()}.{self.handler}"


CASES = (
    Case(ConnectionsState, "load_connections", "/connections",
         f"{PAGES}.connections.state.list_connections", "connections"),
    Case(RejectsState, "load_rejects", "/jobs/rejects",
         f"{PAGES}.rejects.state.list_rejects", "rejects"),
    Case(TablesState, "load_table", "/tables/payouts",
         f"{PAGES}.tables.state.read_table", "table"),
    Case(Activity, "load_jobs", "/jobs", f"{LAYOUTS}.activity.list_jobs", "jobs"),
    Case(TableCounts, "load_counts", "/dashboard", f"{LAYOUTS}.counts.table_counts", "counts"),
    Case(Onboarding, "load_onboarding", "/dashboard",
         f"{LAYOUTS}.onboarding.get_onboarding", "onboarding"),
    Case(DashboardState, "load_insights", "/dashboard",
         f"{PAGES}.dashboard.state.get_insights", "insights"),
)  # fmt: skip


def broken(*_given: object) -> None:
    raise RuntimeError("canary of a stack trace")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.problem)
def test_a_page_says_that_it_could_not_be_loaded_and_recovers(
    server: TestClient, cookie: str, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tab(server, cookie=cookie, path=case.path) as person:
        with monkeypatch.context() as patch:
            patch.setattr(case.service, broken)
            told = person.send(case.event)
        assert told.value(f"{case.problem}_problem")
        assert len(told.value(f"{case.problem}_reference")) >= 8
        assert "canary" not in told.text
        again = person.send(case.event)
        assert again.value(f"{case.problem}_problem") == ""
        assert again.value(f"{case.problem}_reference") == ""
