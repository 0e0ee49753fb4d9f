"""Reading the audit log: pages, filters, one event, and who may."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text

from bench.recorded import recorded
from ecomops import runtime
from ecomops.domains.audit.filters import LARGEST_PAGE
from ecomops.domains.audit.queries import (
    COUNTED_TO,
    count_events,
    get_event,
    latest_seal,
    list_events,
)
from ecomops.domains.audit.schemas import AuditQuery, EventCount, EventRow
from ecomops.domains.audit.verification import verify_log
from ecomops.kit.context import Context
from ecomops.kit.database import driver_of
from ecomops.kit.errors import InvalidInputError, NotFoundError, PermissionDeniedError
from tests.conftest import Workspace, make_workspace
from tests.integration.audit_log import add_events, seal

EVENTS = 30_000


@pytest.fixture(scope="module")
def large(runtime_started: None, admin_engine: Engine) -> Workspace:
    """A workspace with thirty thousand events beside another's."""
    workspace, other = make_workspace(), make_workspace()
    add_events(admin_engine, other, EVENTS // 5)
    add_events(admin_engine, workspace, EVENTS)
    seal()
    with admin_engine.begin() as database:
        database.execute(text("ANALYZE audit_events"))
    return workspace


def walk(ctx: Context, query: AuditQuery) -> list[EventRow]:
    """All pages; on the way back they are the same."""
    forward, cursor = [], None
    while True:
        page = runtime.run(ctx, list_events, _at(query, cursor))
        forward.append(page.rows)
        cursor = page.next_cursor
        if cursor is None:
            break
    backward = [forward[-1]]
    while page.previous_cursor is not None:
        page = runtime.run(ctx, list_events, _at(query, page.previous_cursor))
        backward.append(page.rows)
    assert backward[::-1] == forward
    return [row for page in forward for row in page]


def _at(query: AuditQuery, cursor: str | None) -> AuditQuery:
    names = AuditQuery.__dataclass_fields__
    return AuditQuery(**{name: getattr(query, name) for name in names} | {"cursor": cursor})


FILTERS: list[tuple[dict[str, Any], str]] = [
    ({}, "true"),
    ({"sort_dir": "asc"}, "true"),
    ({"category": "connection"}, "category = 'connection'"),
    ({"action": "connection_revoked"}, "action = 'connection_revoked'"),
    ({"actor": "p7@example.com"}, "actor = 'p7@example.com'"),
    ({"status": "denied"}, "status = 'denied'"),
    ({"status": "success"}, "status = 'success'"),
    ({"resource_type": "tenant"}, "resource_type = 'tenant'"),
    ({"resource_id": "r_17"}, "resource_id = 'r_17'"),
    ({"correlation_id": "c_17"}, "correlation_id = 'c_17'"),
    ({"search": "r_29"}, "resource_id LIKE 'r\\_29%'"),
    ({"search": " c_2999 "}, "correlation_id LIKE 'c\\_2999%'"),
    ({"date_from": date(2026, 1, 3), "date_to": date(2026, 1, 3)},
     "occurred_at >= '2026-01-03' AND occurred_at < '2026-01-04'"),
    ({"category": "auth", "status": "denied", "date_from": date(2026, 2, 1)},
     "category = 'auth' AND status = 'denied' AND occurred_at >= '2026-02-01'"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "condition"), FILTERS)
def test_pages_are_what_the_filter_lets_through_in_order(
    large: Workspace, stored: Any, changes: dict[str, Any], condition: str
) -> None:
    up = changes.get("sort_dir") == "asc" or "correlation_id" in changes
    direction = "ASC" if up else "DESC"
    wanted = stored(large).rows(
        f"SELECT id FROM audit_events WHERE tenant_id = :tenant AND {condition}"
        f" ORDER BY occurred_at {direction}, id {direction} LIMIT 600"
    )
    if len(wanted) < 600:
        query = AuditQuery(**changes, page_size=97)
        assert [row.id for row in walk(large.ctx, query)] == [event for (event,) in wanted]
        assert runtime.run(large.ctx, count_events, query) == EventCount(len(wanted), False)
    else:
        rows: tuple[EventRow, ...] = ()
        cursor = None
        while len(rows) < 600:
            page = runtime.run(large.ctx, list_events, AuditQuery(**changes, cursor=cursor))
            rows, cursor = rows + page.rows, page.next_cursor
        assert [row.id for row in rows] == [event for (event,) in wanted]
    assert wanted


EXPLAINED: dict[str, list[dict[str, Any]]] = {
    "occurred": [{}, {"sort_dir": "asc"}, {"status": "success"},
                 {"date_from": date(2026, 2, 1), "date_to": date(2026, 2, 1)}],
    "category": [{"category": "connection"}],
    "action": [{"action": "connection_revoked"}],
    "actor": [{"actor": "p7@example.com"}],
    "status": [{"status": "denied"}],
    "resource_type": [{"resource_type": "tenant"}],
    "resource": [{"resource_id": "r_17"}, {"search": "r_1777"}],
    "correlation": [{"correlation_id": "c_17"}, {"search": "c_177"}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("index", "changes"), [(name, one) for name, many in EXPLAINED.items() for one in many]
)
def test_a_page_is_read_from_its_index_as_the_app_role(
    large: Workspace, index: str, changes: dict[str, Any]
) -> None:
    with recorded() as sent:
        assert runtime.run(large.ctx, list_events, AuditQuery(**changes)).rows
    ((statement, values),) = [it for it in sent if b"FROM audit_events" in it[0]]
    with runtime.unit_of_work(large.ctx) as session:
        told = driver_of(session).execute(b"EXPLAIN " + statement, values)
        plan = "\n".join(line for (line,) in told)
    assert f"ix_audit_events_{index}" in plan, plan
    assert "Seq Scan" not in plan, plan
    if "search" not in changes:
        assert "Sort" not in plan, plan


def test_days_are_those_of_the_workspace(
    workspace: Workspace, admin_engine: Engine, stored: Any
) -> None:
    add_events(admin_engine, workspace, 1_000)
    with admin_engine.begin() as database:
        database.execute(text("UPDATE tenant_configs SET timezone = 'Asia/Kathmandu'"
                              " WHERE tenant_id = :t"), {"t": workspace.ctx.tenant})  # fmt: skip
    day = date(2026, 1, 3)
    page = runtime.run(workspace.ctx, list_events,
                       AuditQuery(date_from=day, date_to=day, page_size=500))  # fmt: skip
    shift = timedelta(hours=5, minutes=45)
    assert {(row.occurred_at + shift).date() for row in page.rows} == {day}
    assert len(page.rows) == 160


def test_counts_stop_at_ten_thousand(large: Workspace) -> None:
    counted = runtime.run(large.ctx, count_events, AuditQuery())
    assert counted == EventCount(COUNTED_TO, True)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"category": "cats"}, "category"),
        ({"status": "fine"}, "status"),
        ({"action": "x\x00"}, "action"),
        ({"search": "x" * 201}, "search"),
        ({"sort_dir": "up"}, "sort_dir"),
        ({"page_size": 0}, "page_size"),
        ({"page_size": LARGEST_PAGE + 1}, "page_size"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "W10"}, "cursor"),
        ({"date_from": date(2026, 2, 2), "date_to": date(2026, 2, 1)}, "date_from"),
    ],
)
def test_what_is_no_filter_is_told_by_field(
    workspace: Workspace, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInputError) as error:
        runtime.run(workspace.ctx, list_events, AuditQuery(**changes))
    assert set(error.value.fields) == {field}


def test_an_event_is_told_with_its_trace_and_its_seal(
    workspace: Workspace, admin_engine: Engine
) -> None:
    seal()
    add_events(admin_engine, workspace, 25)
    (row, *_) = runtime.run(workspace.ctx, list_events, AuditQuery(resource_id="r_4")).rows
    fresh = runtime.run(workspace.ctx, get_event, row.id)
    assert fresh.seal is None
    seal()
    told = runtime.run(workspace.ctx, get_event, row.id)
    assert told.event == row
    assert told.payload is not None
    assert told.payload["name"] == "Zoë"
    assert told.address.startswith("203.0.113.")
    times = [one.occurred_at for one in told.related]
    assert times == sorted(times)
    assert row in told.related
    assert {one.correlation_id for one in told.related} == {row.correlation_id}
    assert told.seal is not None
    assert told.seal.batch == 2
    newest = runtime.run(workspace.ctx, latest_seal)
    assert newest is not None
    assert (newest.number, newest.count, newest.total) == (2, 25, 26)


@pytest.mark.parametrize("role", ["finance", "ops", "readonly"])
def test_only_admins_look_at_the_log_and_denials_are_audited(
    workspace: Workspace, audit: Any, role: str
) -> None:
    ctx = workspace.as_role(role)
    looks: list[tuple[Any, Any]] = [
        (list_events, AuditQuery()),
        (count_events, AuditQuery()),
        (get_event, uuid4()),
        (latest_seal, None),
        (verify_log, None),
    ]
    before = len(audit(workspace))
    for use_case, command in looks:
        with pytest.raises(PermissionDeniedError):
            runtime.run(ctx, use_case, command)
    assert audit(workspace)[before:] == [("permission_denied", "denied")] * len(looks)


def test_looking_leaves_no_event(workspace: Workspace, audit: Any) -> None:
    before = audit(workspace)
    runtime.run(workspace.ctx, list_events, AuditQuery())
    runtime.run(workspace.ctx, verify_log)
    assert audit(workspace) == before


def test_another_workspaces_events_are_not_there(
    workspace: Workspace, other_workspace: Workspace, stored: Any
) -> None:
    ((theirs,),) = stored(other_workspace).rows(
        "SELECT id FROM audit_events WHERE tenant_id = :tenant"
    )
    assert isinstance(theirs, UUID)
    with pytest.raises(NotFoundError):
        runtime.run(workspace.ctx, get_event, theirs)
    found = runtime.run(workspace.ctx, list_events, AuditQuery(search=str(theirs)))
    assert found.rows == ()


def test_the_search_finds_an_event_by_its_id(workspace: Workspace) -> None:
    (row,) = runtime.run(workspace.ctx, list_events, AuditQuery()).rows
    found = runtime.run(workspace.ctx, list_events, AuditQuery(search=str(row.id)))
    assert found.rows == (row,)
