"""The audit log's page over the real websocket: what its address asks for, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from reflex_base.registry import RegistrationContext
from reflex_base.utils.format import format_event_handler
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from ecomops import runtime
from ecomops.domains.audit.queries import list_events
from ecomops.domains.audit.schemas import AuditQuery, EventRow
from ecomops.domains.audit.service import Event, record
from ecomops.kit.context import Context
from ecomops.ui.gate import rule_for
from ecomops.ui.handlers import SIGNED_IN, rule_from
from ecomops.ui.pages.audit.state import AuditState
from ecomops.ui.registry import PAGES
from ecomops.ui.state import AppState
from tests.conftest import Workspace
from tests.ui.tabs import LOAD_SHELL, Answer, tab

LOAD_LOG = f"{AuditState.get_full_name()}.load_log"
REFRESH = f"{AuditState.get_full_name()}.refresh"
APPLY = f"{AuditState.get_full_name()}.apply_filters"
CHANGE_SIZE = f"{AuditState.get_full_name()}.change_size"


def happen(workspace: Workspace, *actions: str, correlation_id: str = "", **fields: Any) -> None:
    """Write events, all of one operation."""
    ctx = workspace.ctx
    if correlation_id:
        ctx = Context(
            correlation_id, "web", ctx.tenant_id, ctx.actor, ctx.role, ctx.permissions, ctx.plan
        )
    for action in actions:
        with runtime.unit_of_work(ctx) as session:
            record(session, ctx, Event("job", action, **fields))


def events_of(workspace: Workspace) -> tuple[EventRow, ...]:
    return runtime.run(workspace.ctx, list_events, AuditQuery()).rows


def open_page(server: TestClient, cookie: str, path: str) -> Answer:
    """What the page at ``path`` shows as it opens."""
    with tab(server, cookie=cookie, path=path) as person:
        person.send(LOAD_SHELL)
        return person.send(LOAD_LOG)


def actions(answer: Answer) -> list[str]:
    return [line["action"] for line in answer.value("events")]


def test_the_newest_events_come_first(
    server: TestClient, cookie: str, workspace: Workspace
) -> None:
    happen(workspace, "first_thing", "second_thing")
    shown = actions(open_page(server, cookie, "/audit"))
    assert shown[:2] == ["second_thing", "first_thing"]
    assert shown[-1] == "tenant_registered"


def test_only_the_workspaces_own_events_are_shown(
    server: TestClient, other_cookie: str, workspace: Workspace
) -> None:
    happen(workspace, "nobody_elses_business")
    ours = next(it for it in events_of(workspace) if it.action == "nobody_elses_business")
    assert "nobody_elses_business" not in open_page(server, other_cookie, "/audit").text
    answer = open_page(server, other_cookie, f"/audit?event={ours.id}")
    assert "nobody_elses_business" not in answer.text
    assert answer.value("event_problem") == "This event does not exist."


def test_a_trace_is_one_operation_in_the_order_in_which_it_went_on(
    server: TestClient, cookie: str, workspace: Workspace
) -> None:
    operation = uuid4().hex
    happen(workspace, "job_started", "page_stored", "job_completed", correlation_id=operation)
    happen(workspace, "something_else")
    answer = open_page(server, cookie, f"/audit?correlation_id={operation}")
    assert actions(answer) == ["job_started", "page_stored", "job_completed"]
    assert answer.value("tracing") == operation
    assert answer.value("total") == "3 events"


def test_an_event_opens_with_its_payload_and_what_belongs_to_it(
    server: TestClient, cookie: str, workspace: Workspace
) -> None:
    operation = uuid4().hex
    happen(workspace, "job_started", "job_failed", correlation_id=operation, payload={"rows": 12})
    failed = next(it for it in events_of(workspace) if it.action == "job_failed")
    answer = open_page(server, cookie, f"/audit?category=job&event={failed.id}")
    assert answer.value("event_id") == str(failed.id)
    assert [line["action"] for line in answer.value("related")] == ["job_started", "job_failed"]
    payload = "".join(piece["text"] for piece in answer.value("event_payload"))
    assert payload == '{\n  "rows": 12\n}'
    assert answer.value("event_link").endswith(f"/audit?event={failed.id}")
    assert answer.value("close_address") == "/audit?category=job"


def test_an_event_that_is_not_there_is_told_beside_the_list(
    server: TestClient, cookie: str
) -> None:
    answer = open_page(server, cookie, f"/audit?event={uuid4()}")
    assert answer.value("event_problem") == "This event does not exist."
    assert actions(answer)


def test_rows_do_not_move_when_an_event_is_opened_and_do_on_refresh(
    server: TestClient, cookie: str, workspace: Workspace
) -> None:
    with tab(server, cookie=cookie, path="/audit") as person:
        person.send(LOAD_SHELL)
        before = actions(person.send(LOAD_LOG))
        happen(workspace, "meanwhile")
        [one, *_] = events_of(workspace)
        person.go(f"/audit?event={one.id}")
        opened = person.send(LOAD_LOG)
        assert "events_rx_state_" not in opened.text
        assert opened.value("event_action") == "meanwhile"
        person.go("/audit")
        closed = person.send(LOAD_LOG)
        assert (closed.value("event_id"), "events_rx_state_" in closed.text) == ("", False)
        assert actions(person.send(REFRESH)) == ["meanwhile", *before]


def test_who_comes_back_from_another_page_sees_what_happened_since(
    server: TestClient, cookie: str, workspace: Workspace
) -> None:
    [one, *_] = events_of(workspace)
    with tab(server, cookie=cookie, path=f"/audit?event={one.id}") as person:
        person.send(LOAD_SHELL)
        person.send(LOAD_LOG)
        person.go("/jobs")
        person.send(f"{AuditState.get_full_name()}.leave")
        happen(workspace, "meanwhile")
        person.go("/audit")
        assert actions(person.send(LOAD_LOG))[0] == "meanwhile"


def sent_to(answer: Answer) -> str:
    [event] = answer.events
    assert event["name"] == "_redirect"
    return str(event["payload"]["path"])


def test_applied_filters_become_an_address(server: TestClient, cookie: str) -> None:
    form = {
        "category": "connection",
        "status": "drop table",
        "actor": "  ada@example.com ",
        "correlation_id": "",
        "when": "days",
        "from": "2026-02-16",
        "to": "2026-02-09",
    }
    with tab(server, cookie=cookie, path="/audit?size=25") as person:
        person.send(LOAD_SHELL)
        person.send(LOAD_LOG)
        assert sent_to(person.send(APPLY, {"form": form})) == (
            "/audit?category=connection&actor=ada%40example.com"
            "&from=2026-02-09&to=2026-02-16&size=25"
        )
        assert sent_to(person.send(CHANGE_SIZE, {"size": "100"})) == "/audit?size=100"
        assert person.send(CHANGE_SIZE, {"size": "1000000"}).events == []


def opening_events() -> Iterator[str]:
    """What the browser of whoever opens the page sends."""
    for event in (AppState.load_shell, *PAGES["/audit"].on_load):
        yield format_event_handler(event)


@pytest.mark.parametrize("role", ["finance", "ops", "readonly"])
def test_a_view_of_the_page_is_denied_and_audited_once(
    server: TestClient, cookie: str, workspace: Workspace, admin_engine: Engine, role: str
) -> None:
    happen(workspace, "for_admins_only")
    with runtime.unit_of_work(workspace.ctx) as session:
        session.execute(text("UPDATE memberships SET role = :role"), {"role": role})
    with tab(server, cookie=cookie, path="/audit") as person:
        answers = [person.send(name) for name in opening_events()]
    assert all("for_admins_only" not in answer.text for answer in answers)
    query = (
        "SELECT payload ->> 'permission' FROM audit_events"
        " WHERE tenant_id = :tenant AND status = 'denied'"
    )
    with admin_engine.connect() as connection:
        denied = list(connection.scalars(text(query), {"tenant": workspace.ctx.tenant}))
    assert denied == ["audit.view"]


def test_looking_at_the_log_leaves_no_event(
    server: TestClient, cookie: str, workspace: Workspace
) -> None:
    before = events_of(workspace)
    open_page(server, cookie, f"/audit?event={before[0].id}")
    assert events_of(workspace) == before


@pytest.mark.usefixtures("server")
def test_every_event_of_the_page_asks_for_its_permission() -> None:
    """Named here once more: the gate's own tests ask the rule itself what is allowed."""
    rules = {
        name: rule_for(name)
        for name, registered in RegistrationContext.get().event_handlers.items()
        if registered.handler.fn.__module__.startswith("ecomops.ui.pages.audit.")
    }
    left = rules.pop(f"{AuditState.get_full_name()}.leave")
    assert left == SIGNED_IN
    assert len(rules) >= 7
    assert set(rules.values()) == {rule_from("audit.view")}
