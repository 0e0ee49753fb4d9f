"""ui_event: a page of a table asked for through a websocket, beside an event that does nothing.

Both go the whole way: the socket, the gate, the State out of Redis and back. The one that shows a
table's page also runs a use case in a unit of work of its own, so its floor is the other one and
twice the bare SQL of the page and its count.
"""

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import psycopg

from bench.figures import Figure
from bench.place import PASSWORD, Place, Workspace, anonymous, make_workspace
from bench.recorded import recorded
from bench.rounds import timed
from bench.tabs import HYDRATE, ORIGIN, Tab, tab
from bench.volume import fill, settle
from bench.web import WHOLE, serving
from ecomops import runtime
from ecomops.domains.identity.schemas import SignIn
from ecomops.domains.identity.service import require_signed_in, sign_in
from ecomops.domains.tables.queries import read_table
from ecomops.domains.tables.schemas import TableQuery
from ecomops.local.redis_server import EmbeddedRedis

GOAL = 1.0
P95_MS = 15
CLIENTS = 10
TABLE = "payout_lines"
STATE = "reflex___state____state.ecomops___ui___state____app_state"
STATE += ".ecomops___ui___pages___tables___saved_views____saved_views"
STATE += ".ecomops___ui___pages___tables___state____tables_state"
SHOW, NOTHING = f"{STATE}.load_table", f"{STATE}.toggle_filters"
# In the order and with the filters that have an index, each with the same query for the bare SQL.
VIEWS = {
    f"/tables/{TABLE}": TableQuery(TABLE),
    f"/tables/{TABLE}?sort=created_at&dir=asc": TableQuery(TABLE, sort_by="created_at"),
    f"/tables/{TABLE}?status=unsettled": TableQuery(TABLE, status=("unsettled",)),
}
# One session may send twenty events a second.
BETWEEN = 0.06
# A quick person's clicks, when there are several of them.
THINKING = 0.3
# A page that is opened loads its shell and its table by events of its own.
LOADING = 1.0


def measure(place: Place, rows: int, rounds: int) -> list[Figure]:
    """One tab by itself, then ten at a time, each of a session of its own."""
    workspace = make_workspace("clicker")
    fill(place, workspace, rows)
    settle(place)
    with (
        _bare_sql(place, workspace) as sql,
        tempfile.TemporaryDirectory(prefix="ecomops-bench-") as name,
        EmbeddedRedis.temporary() as redis,
        serving(Path(name), WHOLE, REDIS_URL=redis.url, ECOMOPS_BASE_URL=ORIGIN) as (port, _),
    ):
        cookies = [_cookie() for _ in range(CLIENTS)]
        nothing, shown, bare = asyncio.run(_alone(port, cookies[0], rounds, sql))
        crowd = asyncio.run(_together(port, cookies, rounds))
    return [_figure(median(nothing), median(shown), median(bare), crowd)]


def _figure(nothing: float, shown: float, sql: float, crowd: list[float]) -> Figure:
    p95 = quantiles(crowd, n=20)[-1]
    also = {
        "event_ms": _ms(shown), "empty_event_ms": _ms(nothing), "sql_ms": _ms(sql),
        "clients": CLIENTS, "median_ms_of_clients": _ms(median(crowd)),
        "p95_ms_of_clients": _ms(p95),
    }  # fmt: skip
    broken = (f"p95 of {CLIENTS} clients is {_ms(p95)} ms",) if _ms(p95) > P95_MS else ()
    return Figure("ui_event", 1 / shown, 1 / (nothing + 2 * sql), "events/s", GOAL, also, broken)


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 2)


def _cookie() -> str:
    """The cookie of one more session of the workspace's person."""
    asked = SignIn("clicker@example.com", PASSWORD)
    token = require_signed_in(runtime.run(anonymous(), sign_in, asked)).token
    return f"session={token.get_secret_value()}"


async def _alone(
    port: int, cookie: str, rounds: int, sql: Mapping[str, Callable[[], object]]
) -> tuple[list[float], list[float], list[float]]:
    """Seconds of events that do nothing, of those that show a page, and of its SQL, in turns.

    All three after a pause: a processor that rested is slow at first.
    """
    found: tuple[list[float], list[float], list[float]] = ([], [], [])
    async with tab(port, cookie) as one:
        await _begin(one)
        for path in _paths(rounds):
            found[0].append(await one.send(NOTHING, path, "filters_open"))
            await asyncio.sleep(BETWEEN)
            found[1].append(await one.send(SHOW, path, "rows"))
            await asyncio.sleep(BETWEEN)
            found[2].append(timed(sql[path]))
            await asyncio.sleep(BETWEEN)
    return found


async def _together(port: int, cookies: list[str], rounds: int) -> list[float]:
    """Seconds that pages took which several sessions asked for at the same time."""
    async with AsyncExitStack() as stack:
        tabs = [await stack.enter_async_context(tab(port, cookie)) for cookie in cookies]
        await asyncio.gather(*map(_begin, tabs))
        several = [_clicks(one, rounds, number) for number, one in enumerate(tabs)]
        return [spent for some in await asyncio.gather(*several) for spent in some]


async def _clicks(one: Tab, rounds: int, number: int) -> list[float]:
    await asyncio.sleep(THINKING * number / CLIENTS)
    spent = []
    for path in _paths(rounds):
        spent.append(await one.send(SHOW, path, "rows"))
        await asyncio.sleep(THINKING)
    return spent


async def _begin(one: Tab) -> None:
    """Load the page as a browser does, and each view once."""
    for path in VIEWS:
        await one.send(HYDRATE, path, "is_hydrated")
        await one.overhear(LOADING)


def _paths(rounds: int) -> Iterator[str]:
    return (path for path, _ in zip(cycle(VIEWS), range(rounds * len(VIEWS)), strict=False))


@contextmanager
def _bare_sql(place: Place, workspace: Workspace) -> Iterator[Mapping[str, Callable[[], object]]]:
    """By view: the SQL behind its page, its transaction and tenant included, prepared."""
    with psycopg.connect(place.app_url, options="-c plan_cache_mode=force_custom_plan") as db:
        units: dict[str, Callable[[], object]] = {
            path: partial(_run, db, _statements(workspace, q)) for path, q in VIEWS.items()
        }
        for unit in [*units.values()] * 6:
            unit()
        yield units


def _run(db: psycopg.Connection, unit: list[tuple[bytes, Any]]) -> None:
    for statement, values in unit:
        db.execute(statement, values).fetchall()
    db.commit()


def _statements(workspace: Workspace, query: TableQuery) -> list[tuple[bytes, Any]]:
    """What the use cases of a page send to the database."""
    with recorded() as sent:
        runtime.run(workspace.ctx, read_table, query)
    return sent
