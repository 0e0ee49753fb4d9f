"""page_filtered, page_with_count, page_deep, search_prefix: the explorer on a large table.

A million payouts of one workspace beside another's. Each pair is use cases in units of work of
their own beside bare SQL as the application's role, or beside our own first page.
"""

from collections.abc import Iterator
from datetime import date
from itertools import cycle
from typing import Any

import psycopg

from bench.cores import one_core
from bench.figures import Figure
from bench.place import Place, Workspace, connect_stripe, make_workspace
from bench.recorded import recorded
from bench.rounds import Work, in_turns
from ecomops import runtime
from ecomops.domains.tables.queries import list_rows, read_table
from ecomops.domains.tables.schemas import TableQuery
from ecomops.kit.context import Context
from ecomops.kit.keyset import Place as Beside

BATCH = 10
OTHERS_SHARE = 5
DEEP = 0.9
GOALS = {"page_filtered": 0.33, "page_with_count": 2.5, "page_deep": 0.5, "search_prefix": 0.5}
"""As rates: three times the time of bare SQL, 0.4 times that of an exact count, twice our first."""

FIRST = TableQuery("payouts")
FILTERED = TableQuery("payouts", status=("completed", "failed"), currency=("USD",),
                      date_from=date(2025, 1, 1), date_to=date(2027, 1, 1))  # fmt: skip
EXACT_COUNT = (
    "SELECT count(*) FROM payouts WHERE status IN ('completed', 'failed') AND currency = 'USD'"
    " AND created_at >= '2025-01-01' AND created_at < '2027-01-02'"
)
# One in twenty failed; every tenth is in euros.
PAYOUTS = """
INSERT INTO payouts (
    tenant_id, connection_id, source, source_id, dedupe_key, source_status, currency, created_at,
    content_hash, raw_data, status, amount, kind, itemizable, contents_complete, initiated_at,
    arrival_date, trace_id, bank_ref, statement_descriptor)
SELECT '{tenant}', '{connection}', 'stripe', id, 'stripe:' || id, 'paid',
    CASE WHEN n % 10 = 0 THEN 'EUR' ELSE 'USD' END, at, sha256(id::bytea), raw,
    CASE WHEN n % 20 = 0 THEN 'failed' ELSE 'completed' END, (n * 7919::bigint % 1000003) * 100,
    'automatic', true, true, at, at::date + 2, 'TR' || number, 'ba_1Q', 'NORDWIND'
FROM generate_series(1, {count}) n,
    LATERAL (SELECT substr(md5(n::text), 1, 22)) digest(number),
    LATERAL (SELECT 'po_1Q' || number) name(id),
    LATERAL (SELECT timestamptz '2025-01-01 00:00Z' + n * interval '30 seconds') time(at),
    LATERAL (SELECT jsonb_build_object(
        'id', id, 'object', 'payout', 'amount', n, 'currency', 'usd', 'automatic', true,
        'status', 'paid', 'livemode', false, 'destination', 'ba_1Q')) payload(raw)
"""


def measure(place: Place, rows: int, rounds: int) -> list[Figure]:
    """All four in one table."""
    workspace, other = make_workspace("explorer"), make_workspace("bystander")
    for owner, count in ((workspace, rows), (other, max(rows // OTHERS_SHARE, 1))):
        connection = connect_stripe(owner).connection_id
        place.administer(PAYOUTS.format(tenant=owner.tenant_id, connection=connection, count=count))
    place.administer("VACUUM ANALYZE payouts", "CHECKPOINT")
    with psycopg.connect(
        place.app_url, options="-c plan_cache_mode=force_custom_plan -c timezone=UTC"
    ) as db:
        pairs = dict(_pairs(place, workspace, db, rows))
        for ours, reference in pairs.values():
            in_turns(ours, reference, rounds=1)  # statements are made, and prepared
        with one_core(place):
            return [_figure(name, *pair, rounds) for name, pair in pairs.items()]


def _figure(name: str, ours: Work, reference: Work, rounds: int) -> Figure:
    spent = in_turns(ours, reference, rounds=rounds)
    also = {
        "ours_ms": round(1000 * spent.ours / BATCH, 2),
        "reference_ms": round(1000 * spent.reference / BATCH, 2),
    }
    return Figure(name, BATCH / spent.ours, BATCH / spent.reference, "pages/s", GOALS[name], also)


Pair = tuple[Work, Work]


def _pairs(
    place: Place, workspace: Workspace, db: psycopg.Connection, rows: int
) -> Iterator[tuple[str, Pair]]:
    ctx = workspace.ctx
    first = _often(lambda: _rows(ctx, FIRST))
    yield "page_filtered", (_often(lambda: _rows(ctx, FILTERED)), _bare(db, ctx))
    count = _often(lambda: _counted(db, workspace))
    yield "page_with_count", (_often(lambda: runtime.run(ctx, read_table, FILTERED)), count)
    deep = TableQuery("payouts", cursor=_place_at(place, workspace, int(rows * DEEP)))
    yield "page_deep", (_often(lambda: _rows(ctx, deep)), first)
    searches = _searches(place, workspace)
    yield (
        "search_prefix",
        (_each(ctx, searches), first),
    )


def _often(work: Work) -> Work:
    def batch() -> None:
        for _ in range(BATCH):
            work()

    return batch


def _each(ctx: Context, queries: list[TableQuery]) -> Work:
    def batch() -> None:
        for query, _ in zip(cycle(queries), range(BATCH), strict=False):
            _rows(ctx, query)

    return batch


def _rows(ctx: Context, query: TableQuery) -> None:
    assert runtime.run(ctx, list_rows, query).rows


def _bare(db: psycopg.Connection, ctx: Context) -> Work:
    """The statements of the filtered page by themselves, tenant and transaction included."""
    with recorded() as sent:
        _rows(ctx, FILTERED)

    def page() -> None:
        for statement, values in sent:
            db.execute(statement, values).fetchall()
        db.commit()

    return _often(page)


def _counted(db: psycopg.Connection, workspace: Workspace) -> None:
    tenant = str(workspace.tenant_id)
    db.execute("SELECT set_config('app.current_tenant_id', %s, true)", [tenant])
    assert db.execute(EXACT_COUNT.encode()).fetchone() != (0,)
    db.commit()


def _place_at(place: Place, workspace: Workspace, row: int) -> str:
    """The cursor of the page behind so many rows, newest first."""
    found: Any = place.ask(
        f"SELECT created_at, id FROM payouts WHERE tenant_id = '{workspace.tenant_id}'"
        f" ORDER BY created_at DESC, id DESC OFFSET {row} LIMIT 1"
    )
    return Beside(found[0], found[1], backwards=False).encoded()


def _searches(place: Place, workspace: Workspace) -> list[TableQuery]:
    """Whole ids, and beginnings: of a million rows five letters leave one, four 15, three 250."""
    mine = f"WHERE tenant_id = '{workspace.tenant_id}' ORDER BY dedupe_key LIMIT 1"
    whole = str(place.ask(f"SELECT source_id FROM payouts {mine}"))
    known = len("po_1Q")
    texts = (
        whole,
        whole[: known + 4],
        whole[: known + 3],
        f"TR{whole[known:]}",
        whole[: known + 5],
    )
    return [TableQuery("payouts", search=text) for text in texts]
