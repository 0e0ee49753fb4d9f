"""T7: no door leads to another workspace: tables, use cases, routes, events, tasks, exports.

The doors are found, not listed: tables in the model, use cases by their shape, routes in the
application, events in the registry. What is new is tried without anybody adding it here.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from ecomops import runtime
from ecomops.api.app import create_api
from ecomops.domains.tables.catalog import TABLES
from ecomops.domains.tables.export import export_file
from ecomops.domains.tables.queries import count_rows, list_rows
from ecomops.domains.tables.schemas import Export, TableQuery
from ecomops.kit.context import Context
from ecomops.kit.settings import Settings
from ecomops.models import metadata
from ecomops.ui.registry import load_pages
from tests.conftest import Workspace, make_workspace
from tests.integration.rows import fill_every_table
from tests.integration.test_jobs import waiting
from tests.torture.commands import Commands, Function, use_cases, wider_operations
from tests.torture.payloads import arguments, valid
from tests.torture.report import SEED, Figures, reported, times
from tests.torture.test_events import handlers
from tests.torture.victim import TENANT_TABLES, Victim, make_victim
from tests.ui.tabs import HYDRATE, LOAD_SHELL, tab
from tests.web import cookie_of

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("strangers")]

SEEN = (
    "SELECT * FROM {t} WHERE tenant_id = :b",
    "SELECT * FROM {t} WHERE id = :id",
    "SELECT * FROM {t} WHERE id = :id FOR UPDATE",
    "SELECT * FROM {t} WHERE tenant_id = :b OR id = :id",
    "SELECT t::text FROM {t} t WHERE id = :id",
    "SELECT {c} FROM {t} WHERE id = :id UNION ALL SELECT {c} FROM {t} WHERE tenant_id = :b",
    "SELECT cast({c}::text AS int) FROM {t} WHERE tenant_id = :b",
    "WITH x AS MATERIALIZED (SELECT * FROM {t}) SELECT * FROM x WHERE tenant_id = :b",
    "SELECT * FROM {t} o JOIN {t} t ON t.id = :id LIMIT 5",
    "SELECT {c} FROM {t} WHERE tenant_id = :b GROUP BY {c} HAVING count(*) > 0",
    "SELECT * FROM {t} TABLESAMPLE SYSTEM (100) WHERE tenant_id = :b",
    "UPDATE {t} SET {c} = {c} WHERE tenant_id = :b RETURNING *",
    "UPDATE {t} SET {c} = {c} WHERE id = :id RETURNING *",
    "UPDATE {t} SET tenant_id = :b RETURNING id",
    "UPDATE {t} SET tenant_id = :b WHERE id = :id RETURNING id",
    "DELETE FROM {t} WHERE tenant_id = :b RETURNING *",
    "DELETE FROM {t} WHERE id = :id RETURNING *",
    "INSERT INTO {t} (tenant_id) VALUES (:b) RETURNING *",
    "INSERT INTO {t} (tenant_id, id) VALUES (:b, :id) ON CONFLICT DO NOTHING RETURNING *",
    "INSERT INTO {t} SELECT * FROM {t} WHERE id = :id RETURNING *",
    "MERGE INTO {t} t USING (VALUES (CAST(:b AS uuid))) s (b) ON t.tenant_id = s.b"
    " WHEN MATCHED THEN DELETE RETURNING t.*",
    "TRUNCATE {t}",
    "ALTER TABLE {t} DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE {t} NO FORCE ROW LEVEL SECURITY",
    "CREATE POLICY open ON {t} USING (true)",
)  # fmt: skip
"""Statements of which no row may come back, in the context of somebody else."""
BY_DESIGN = {
    "domains.identity.queries.find_tenant": "asked on the command line only, for a name and an id",
    "domains.identity.queries.list_tenants": "the same, for the ids of all",
    "domains.identity.service.sign_in": "who fails is written into the log of whose name it was",
}
"""What does reach beyond one's own workspace, and why it may."""


@pytest.fixture(scope="module")
def victim(runtime_started: None, admin_engine: Engine) -> Victim:
    return make_victim(admin_engine, per_table=times(full=12, short=1))


@pytest.fixture(scope="module")
def stranger(runtime_started: None, admin_engine: Engine) -> Workspace:
    """An admin next door, with rows of their own."""
    return fill_every_table(admin_engine)


class Probes:
    """Counts what was asked; each answer must tell nothing, and at the end nothing has changed."""

    def __init__(self, victim: Victim, figures: Figures) -> None:
        self.victim, self.figures = victim, figures
        self._before = victim.fingerprint()

    def note(self, answer: object, asked: object, *, leaked: bool = False) -> None:
        self.figures.count += 1
        self.figures.failed += leaked or self.victim.leaks(str(answer), asked)
        assert self.figures.failed == 0, (asked, str(answer)[:2000])

    def finish(self, at_least: int) -> None:
        after = self.victim.fingerprint()
        changed = [table for table, digest in self._before.items() if after[table] != digest]
        self.figures.failed += len(changed)
        assert changed == []
        assert self.figures.count >= at_least


def asked(ctx: Context, function: Function, command: Any) -> str:
    """What comes of a use case: its answer, or the error that a person or the log would see."""
    try:
        if function is export_file:
            return b"".join(runtime.stream(ctx, function, command)).decode()
        return repr(runtime.run(ctx, function, command))
    except Exception as error:
        return f"{error!r} {getattr(error, 'detail', '')}"


def test_no_statement_reaches_them(victim: Victim, stranger: Workspace) -> None:
    with reported("T7 tables") as figures:
        probes = Probes(victim, figures)
        for row_id, statement in statements(victim):
            rows = answer_of(stranger.ctx, statement, victim.tenant, row_id)
            probes.note(rows, statement, leaked=isinstance(rows, list) and bool(rows))
        probes.finish(times(full=6_000, short=300))


def statements(victim: Victim) -> Iterator[tuple[UUID, str]]:
    """Every table with every statement, each id, and a column after the other."""
    chance = random.Random(SEED)
    for table in TENANT_TABLES:
        columns = [c.name for c in metadata.tables[table].columns if c.computed is None]
        for row_id in (victim.ids[table] * times(full=12, short=1))[: times(full=16, short=1)]:
            for statement in SEEN:
                yield row_id, statement.format(t=table, c=chance.choice(columns))


def answer_of(ctx: Context, statement: str, tenant: UUID, row_id: UUID) -> list[str] | str:
    """The rows as text, or the database's refusal. A change is committed if it is let through."""
    values = {"b": tenant, "id": row_id}
    wanted = {name: value for name, value in values.items() if f":{name}" in statement}
    try:
        with runtime.unit_of_work(ctx) as session:
            found: Any = session.execute(text(statement), wanted)
            return [str(row) for row in found] if found.returns_rows else [f"done: {statement}"]
    except Exception as error:
        return str(error)


def test_no_use_case_reaches_them(victim: Victim) -> None:
    with reported("T7 use cases") as figures:
        probes, commands = Probes(victim, figures), Commands(victim, random.Random(SEED))
        functions = {name: f for name, f in use_cases().items() if name not in BY_DESIGN}
        assert len(functions) > 40
        assert set(use_cases()) >= set(BY_DESIGN)
        understood = 0
        for name, function in functions.items():
            ctx = make_workspace().ctx  # It may sign itself out, or spoil itself.
            for command in commands.for_(function, times(full=40, short=2)):
                answer = asked(ctx, function, command)
                understood += not answer.startswith(("TypeError", "AttributeError"))
                probes.note(answer, (name, command))
        assert understood > figures.count * 0.9
        probes.finish(len(functions))


def test_no_operation_reaches_them(victim: Victim, stranger: Workspace) -> None:
    """The Test button, a record's Retry, a worker: they call a provider if they are let through."""
    with reported("T7 operations") as figures:
        probes, commands = Probes(victim, figures), Commands(victim, random.Random(SEED))
        functions = wider_operations()
        assert len(functions) >= 3
        for name, function in functions.items():
            for command in commands.for_(function, times(full=40, short=3)):
                try:
                    answer = repr(function(stranger.ctx, command))
                except Exception as error:
                    answer = f"{error!r} {getattr(error, 'detail', '')}"
                probes.note(answer, (name, command))
        probes.finish(len(functions))


def test_no_cursor_and_no_filter_of_theirs_reaches_them(
    victim: Victim, stranger: Workspace
) -> None:
    with reported("T7 exports") as figures:
        probes = Probes(victim, figures)
        readers: list[Function] = [list_rows, count_rows, export_file]
        for table, function in product(TABLES, readers):
            for query in queries(victim, table):
                command = Export(query) if function is export_file else query
                probes.note(asked(stranger.ctx, function, command), query)
        probes.finish(len(TABLES) * 3)


def queries(victim: Victim, table: str) -> Iterator[TableQuery]:
    sorts = [None, *(column.name for column in TABLES[table].columns)]
    chosen = sorts if times(full=1, short=0) else sorts[:2]
    for sort, direction, cursor in product(chosen, ("asc", "desc"), [None, *victim.cursors[table]]):
        yield TableQuery(table, sort_by=sort, sort_dir=direction, cursor=cursor, page_size=500)  # type: ignore[arg-type]  # of two words


def test_no_route_reaches_them(
    server: TestClient, victim: Victim, stranger: Workspace, settings: Settings
) -> None:
    cookie = cookie_of(stranger, settings)
    with reported("T7 routes") as figures:
        probes = Probes(victim, figures)
        for method, address, form in requests(victim):
            answer = server.request(
                method, address, headers={"cookie": cookie, "origin": settings.origin}, data=form
            )
            probes.note(f"{answer.headers} {answer.text}", (method, address, form))
        probes.finish(times(full=300, short=20))


def requests(victim: Victim) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Every route of ours and every page, filled with what is theirs."""
    chance = random.Random(SEED)
    pages = [("GET", page.route) for page in load_pages().values()]
    ours = [(method, route.path) for route in create_api().routes  # type: ignore[attr-defined]  # Routes only
            for method in sorted(route.methods - {"HEAD"})]  # type: ignore[attr-defined]  # fmt: skip
    for method, path in (*ours, *pages):
        # Guesses at passwords are counted, and another suite's: a few will do.
        for _ in range(times(full=4 if method == "POST" else 40, short=2)):
            name = chance.choice([*TABLES, *map(str, victim.all_ids)])
            filled = path.replace("{table}", chance.choice(list(TABLES)))
            for part in ("[table]", "[id]", "[connection_id]", "[job_id]"):
                filled = filled.replace(part, name)
            words = {"id": name, "tenant_id": str(victim.tenant), "workspace": str(victim.tenant),
                     "cursor": chance.choice(victim.cursors["payments"])}  # fmt: skip
            asked_for = "&".join(f"{key}={value}" for key, value in words.items())
            yield method, f"/{filled.lstrip('/')}?{asked_for}", words if method == "POST" else {}


def test_no_event_reaches_them(
    server: TestClient, victim: Victim, stranger: Workspace, settings: Settings
) -> None:
    chance, cookie = random.Random(SEED), cookie_of(stranger, settings)
    with reported("T7 events") as figures:
        probes = Probes(victim, figures)
        for path in paths(victim):
            with tab(server, cookie=cookie, path=path) as sender:
                sender.send(HYDRATE)
                sender.send(LOAD_SHELL)
                for name, function in handlers().items():
                    payload = about_them(function, victim, chance)
                    probes.note(sender.send(name, payload).text, (path, name, payload))
        probes.finish(times(full=1_000, short=30))


def paths(victim: Victim) -> list[str]:
    cursor = victim.cursors["payments"][0]
    found = [f"/tables/payments?cursor={cursor}", f"/tables/{victim.ids['payments'][0]}"]
    found += [f"/tables/{table}?cursor={victim.cursors[table][-1]}" for table in TABLES]
    found += [f"/jobs?job={one}" for one in victim.ids["jobs"]]
    return (found * 5)[: times(full=30, short=1)]


def about_them(function: Function, victim: Victim, chance: random.Random) -> dict[str, Any]:
    """A payload of the right kind in which every id, and now and then a word, is theirs."""
    payload = valid(function)
    for name in arguments(function):
        if name.endswith("_id") or (payload[name] == "x" and chance.random() < 0.5):
            payload[name] = str(chance.choice(victim.all_ids))
        elif payload[name] == {}:
            payload[name] = {"connection_id": str(chance.choice(victim.all_ids)), "label": "x"}
    return payload


def test_no_task_reaches_them(victim: Victim, stranger: Workspace) -> None:
    from workers.tasks.jobs import run

    ids = [*victim.ids["jobs"], *victim.all_ids, uuid4()]
    with reported("T7 tasks") as figures:
        probes = Probes(victim, figures)
        for job_id in ids[: times(full=len(ids), short=10)]:
            for tenant in (stranger.ctx.tenant, uuid4()):
                ended = run(str(tenant), str(job_id))
                probes.note(ended, (tenant, job_id), leaked=ended != "not_taken")
        own = waiting(make_workspace())
        ended = run(str(victim.tenant), str(own))
        probes.note(ended, own, leaked=ended != "not_taken")
        probes.finish(20)


def test_the_probes_would_see_a_leak(victim: Victim) -> None:
    """Asked by the victim, the same statements and use cases do tell the word."""
    own = victim.workspace.ctx
    told = answer_of(own, SEEN[0].format(t="payments", c="id"), victim.tenant, uuid4())
    assert isinstance(told, list)
    assert victim.leaks(str(told))
    commands = Commands(victim, random.Random(SEED))
    seen = [name for name, function in use_cases().items()
            if name.endswith((".list_rows", ".list_jobs", ".list_rejects", ".list_connections"))
            and victim.leaks(asked(own, function, next(commands.for_(function, 1))))]  # fmt: skip
    assert len(seen) == 4
    before = victim.fingerprint()
    with victim.engine.begin() as connection:
        connection.execute(text("UPDATE payments SET currency = currency WHERE id = :id"),
                           {"id": victim.ids["payments"][0]})  # fmt: skip
    assert victim.fingerprint() != before


def test_without_row_level_security_the_probes_fail(
    victim: Victim, stranger: Workspace, admin_engine: Engine
) -> None:
    """The same questions of the same stranger, with the one guard taken away."""
    query = TableQuery("payments", page_size=500)
    with unguarded(admin_engine, "payments"):
        told = [
            answer_of(stranger.ctx, one.format(t="payments", c="source_id"), victim.tenant, row_id)
            for one in SEEN if one.startswith(("SELECT", "WITH")) and "cast" not in one
            for row_id in victim.ids["payments"][:1]
        ]  # fmt: skip
        # A page may be full of what other tests have left; a download has all.
        told.append(asked(stranger.ctx, export_file, Export(query)))
    assert len(told) >= 10
    assert all(victim.leaks(str(one)) for one in told), [one[:99] for one in told]


@contextmanager
def unguarded(engine: Engine, table: str) -> Iterator[None]:
    with engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"))
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"))
