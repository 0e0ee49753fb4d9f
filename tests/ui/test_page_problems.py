"""When what a page needs cannot be had, the page says so with a reference, and recovers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient

from ecomops.ui import routes
from ecomops.ui.layouts.activity import Activity
from ecomops.ui.layouts.counts import TableCounts
from ecomops.ui.layouts.onboarding import Onboarding
from ecomops.ui.layouts.sources import Sources
from ecomops.ui.pages.audit.seal_state import SealState
from ecomops.ui.pages.audit.state import AuditState
from ecomops.ui.pages.audit.views_state import AuditViews
from ecomops.ui.pages.connection.accounts import AccountsState
from ecomops.ui.pages.connections.state import ConnectionsState
from ecomops.ui.pages.dashboard.state import DashboardState
from ecomops.ui.pages.exports.state import ExportsState
from ecomops.ui.pages.imports.lines_state import BankLinesState
from ecomops.ui.pages.imports.state import ImportsState
from ecomops.ui.pages.rejects.state import RejectsState
from ecomops.ui.pages.settings.account_state import AccountState
from ecomops.ui.pages.settings.people_state import PeopleState
from ecomops.ui.pages.settings.plan import PlanState
from ecomops.ui.pages.settings.retention_state import RetentionState
from ecomops.ui.pages.settings.stream_state import StreamState
from ecomops.ui.pages.settings.workspace import WorkspaceState
from ecomops.ui.pages.tables.state import TablesState
from ecomops.ui.registry import load_pages
from tests.conftest import Workspace
from tests.integration.provider import connect
from tests.integration.rows import KEY
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
    Case(AccountsState, "load_accounts", routes.connection("{connection}"),
         f"{PAGES}.connection.accounts.list_accounts", "accounts"),
    Case(RejectsState, "load_rejects", "/jobs/rejects",
         f"{PAGES}.rejects.state.list_rejects", "rejects"),
    Case(TablesState, "load_table", "/tables/payouts",
         f"{PAGES}.tables.state.read_table", "table"),
    Case(TablesState, "load_table", "/tables/payouts",
         f"{PAGES}.tables.saved_views.list_views", "table"),
    Case(Activity, "load_jobs", "/jobs", f"{LAYOUTS}.activity.list_jobs", "jobs"),
    Case(TableCounts, "load_counts", "/dashboard", f"{LAYOUTS}.counts.table_counts", "counts"),
    Case(Onboarding, "load_onboarding", "/dashboard",
         f"{LAYOUTS}.onboarding.get_onboarding", "onboarding"),
    Case(DashboardState, "load_insights", "/dashboard",
         f"{PAGES}.dashboard.state.get_insights", "insights"),
    Case(Sources, "load_sources", "/dashboard", f"{LAYOUTS}.sources.list_freshness", "sources"),
    Case(ExportsState, "load_exports", "/exports",
         f"{PAGES}.exports.state.list_exports", "exports"),
    Case(ImportsState, "load_imports", "/imports",
         f"{PAGES}.imports.state.list_imports", "imports"),
    Case(BankLinesState, "load_lines", "/imports/bank-lines",
         f"{PAGES}.imports.lines_state.list_bank_lines", "lines"),
    Case(AuditState, "load_log", "/audit", f"{PAGES}.audit.state.read_log", "log"),
    Case(SealState, "load_seal", "/audit", f"{PAGES}.audit.seal_state.latest_seal", "seal"),
    Case(AuditViews, "load_views", "/audit", f"{PAGES}.audit.views_state.list_views", "views"),
    Case(RetentionState, "load_retention", "/settings/audit",
         f"{PAGES}.settings.retention_state.get_retention", "retention"),
    Case(StreamState, "load_stream", "/settings/audit",
         f"{PAGES}.settings.stream_state.get_stream", "stream"),
    Case(WorkspaceState, "load_workspace", "/settings/workspace",
         f"{PAGES}.settings.workspace.get_workspace", "workspace"),
    Case(PeopleState, "load_people", "/settings/people",
         f"{PAGES}.settings.people_state.list_people", "people"),
    Case(PlanState, "load_plan", "/settings/plan", f"{PAGES}.settings.plan.get_usage", "plan"),
    Case(AccountState, "load_account", "/settings/account",
         f"{PAGES}.settings.account_state.list_sessions", "account"),
)  # fmt: skip


def broken(*_given: object) -> None:
    raise RuntimeError("canary of a stack trace")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.problem)
def test_a_page_says_that_it_could_not_be_loaded_and_recovers(
    server: TestClient, cookie: str, workspace: Workspace, case: Case,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    path = case.path.format(connection=connect(workspace.ctx, KEY))
    with tab(server, cookie=cookie, path=path) as person:
        with monkeypatch.context() as patch:
            patch.setattr(case.service, broken)
            told = person.send(case.event)
        assert told.value(f"{case.problem}_problem")
        assert len(told.value(f"{case.problem}_reference")) >= 8
        assert "canary" not in told.text
        again = person.send(case.event)
        assert again.value(f"{case.problem}_problem") == ""
        assert again.value(f"{case.problem}_reference") == ""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.problem)
def test_what_is_said_stands_on_the_page(case: Case) -> None:
    page = load_pages()[case.path.partition("?")[0]]
    assert f".{case.problem}_problem" in str(page.component())
