"""audit_append and audit_filter: what an event costs until it is sealed, and finding events.

By hand a transaction is the same four statements: it begins, names its workspace, inserts, commits.
A page is asked for in a transaction that is open already, on both sides.
"""

from datetime import date
from functools import partial
from itertools import count
from statistics import median
from typing import Any

import psycopg
from sqlmodel import Session

from bench.cores import one_core
from bench.figures import Figure
from bench.place import Place, Workspace, anonymous, make_workspace
from bench.rounds import in_turns
from ecomops import runtime
from ecomops.domains.audit.queries import list_events
from ecomops.domains.audit.schemas import AuditQuery
from ecomops.domains.audit.service import Event, record
from ecomops.kit.context import Context
from ecomops.kit.database import driver_of
from ecomops.operations.audit_sealing import seal_all

APPEND_GOAL, FILTER_GOAL = 0.5, 0.33
BATCH = 250
OTHERS_SHARE = 5
# The log as it would be without seals: same columns, indexes, policy, and no trigger.
PLAIN = (
    "CREATE TABLE audit_plain (LIKE audit_events INCLUDING ALL)",
    "ALTER TABLE audit_plain ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY tenant ON audit_plain USING (tenant_id ="
    " (SELECT nullif(current_setting('app.current_tenant_id', true), '')::uuid))",
    "ALTER TABLE audit_plain ADD FOREIGN KEY (tenant_id) REFERENCES tenants (id)",
    "GRANT SELECT, INSERT ON audit_plain TO ecomops_app",
)
INSERT = (
    "INSERT INTO audit_plain (tenant_id, category, action, actor, channel, resource_type,"
    " resource_id, status, correlation_id, address, payload) VALUES"
    " (%s, 'job', 'job_completed', 'system', 'cli', 'job', %s, 'success', %s, '', %s)"
)
BIND = "SELECT set_config('app.current_tenant_id', %s, true)"
PAYLOAD = '{"rows": 1234, "stream": "charges", "phase": "fetch"}'
FILL = (
    "INSERT INTO audit_events (tenant_id, category, action, actor, channel, resource_type,"
    " resource_id, status, correlation_id, address, payload, occurred_at)"
    " SELECT '{tenant}', (ARRAY['job', 'auth', 'connection', 'table'])[n % 4 + 1],"
    " 'action_' || n % 40, 'p' || n % 500 || '@example.com', 'web', 'kind_' || n % 12,"
    " 'r_' || n / 6, CASE WHEN n % 500 = 0 THEN 'denied' ELSE 'success' END, 'c_' || n / 12, '',"
    " jsonb_build_object('rows', n), timestamptz '2025-01-01' + n * interval '5 s'"
    " FROM generate_series({first}, {last}) n"
)
FILL_AT_ONCE = 250_000
_PAGE = (
    "SELECT id, occurred_at, category, action, actor_id, actor, channel, resource_type,"
    " resource_id, status, correlation_id FROM audit_events WHERE {} ORDER BY occurred_at DESC,"
    " id DESC LIMIT 51"
)


def measure_append(place: Place, events: int, rounds: int) -> list[Figure]:
    """Events one a transaction, durable, and then their seals; the same inserts by hand."""
    workspace, numbers = make_workspace("auditor"), count()
    place.administer(*PLAIN)
    times = max(events // BATCH, 1) * rounds
    with psycopg.connect(place.app_url) as db:

        def ours() -> None:
            for _ in range(BATCH):
                runtime.run(workspace.ctx, _append, next(numbers))
            assert seal_all(anonymous()) >= BATCH

        def reference() -> None:
            for _ in range(BATCH):
                row = [workspace.tenant_id, str(next(numbers)), workspace.ctx.correlation_id]
                db.execute(BIND, [str(workspace.tenant_id)])
                db.execute(INSERT, [*row, PAYLOAD])
                db.commit()

        in_turns(ours, reference, rounds=2)
        with one_core(place):
            spent = in_turns(ours, reference, rounds=times)
    return [
        Figure("audit_append", BATCH / spent.ours, BATCH / spent.reference, "events/s", APPEND_GOAL)
    ]


def _append(session: Session, ctx: Context, command: int) -> None:
    payload = {"rows": 1234, "stream": "charges", "phase": "fetch"}
    record(session, ctx, Event("job", "job_completed", "job", str(command), payload=payload))


VIEWS: dict[str, tuple[AuditQuery, str]] = {
    "newest": (AuditQuery(), "true"),
    "category": (AuditQuery(category="auth"), "category = 'auth'"),
    "action": (AuditQuery(action="action_7"), "action = 'action_7'"),
    "actor": (AuditQuery(actor="p7@example.com"), "actor = 'p7@example.com'"),
    "status": (AuditQuery(status="denied"), "status = 'denied'"),
    "resource": (AuditQuery(resource_id="r_77"), "resource_id = 'r_77'"),
    "day": (
        AuditQuery(date_from=date(2025, 1, 2), date_to=date(2025, 1, 2)),
        "occurred_at >= '2025-01-02' AND occurred_at < '2025-01-03'",
    ),
}


def measure_filter(place: Place, events: int, rounds: int) -> list[Figure]:
    """A page of each filter, by its use case and as bare indexed SQL on the same connection."""
    workspace, other = make_workspace("reader"), make_workspace("beside")
    _fill(place, workspace, events)
    _fill(place, other, max(events // OTHERS_SHARE, 1))
    place.administer("TRUNCATE seal_queue", "VACUUM ANALYZE audit_events")
    ratios: dict[str, Any] = {}
    spent_ours, spent_sql = [], []
    with runtime.unit_of_work(workspace.ctx) as session:
        db = driver_of(session)
        with one_core(place):
            for name, (query, condition) in VIEWS.items():
                sql = _PAGE.format(condition).encode()
                ours = partial(list_events, session, workspace.ctx, query)
                spent = in_turns(ours, partial(_fetch, db, sql), rounds=rounds)
                spent_ours.append(spent.ours)
                spent_sql.append(spent.reference)
                ratios[name] = round(spent.ours / spent.reference, 2)
    pages, sql_pages = 1 / median(spent_ours), 1 / median(spent_sql)
    also = {"events": events, "times_the_sql": ratios}
    return [Figure("audit_filter", pages, sql_pages, "pages/s", FILTER_GOAL, also)]


def _fetch(db: psycopg.Connection[Any], sql: bytes) -> list[Any]:
    return db.execute(sql).fetchall()


def _fill(place: Place, workspace: Workspace, events: int) -> None:
    for first in range(1, events + 1, FILL_AT_ONCE):
        last = min(first + FILL_AT_ONCE - 1, events)
        place.administer(FILL.format(tenant=workspace.tenant_id, first=first, last=last))
