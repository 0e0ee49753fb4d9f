"""Downloads of whole tables."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from ecomops import runtime
from ecomops.api.session_cookies import require_person
from ecomops.api.slots import slots
from ecomops.api.streaming import RowStream, close
from ecomops.domains.identity.queries import get_shell
from ecomops.domains.tables import export
from ecomops.domains.tables.schemas import TableQuery
from ecomops.kit.context import Context
from ecomops.kit.errors import InvalidInputError


async def export_csv(request: Request) -> Response:
    """``GET /tables/{table}/export.csv?status=&from=&to=&sort=&dir=``: all rows of the filter.

    ``status`` may be repeated. Dates mean the workspace's day, so does the one in the file name.
    """
    ctx = await require_person(request)
    table = request.path_params["table"]
    name = f"{table}_{await _today(ctx)}.csv"
    query = _query(table, request)
    await asyncio.to_thread(runtime.run, ctx, export.begin_export, query)
    rows = slots.limited(ctx.tenant, runtime.stream(ctx, export.export_csv, query))
    try:
        # Not in the threads of pages: it may take long.
        first = await run_sync(next, rows, b"")
    except BaseException:
        await close(rows)
        raise
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return RowStream(first, rows, headers)


def _query(table: str, request: Request) -> TableQuery:
    given = request.query_params
    statuses = tuple(status for status in given.getlist("status") if status)
    return TableQuery(
        table=table,
        status=statuses,
        date_from=_day(given, "from"),
        date_to=_day(given, "to"),
        sort_by=given.get("sort") or None,
        sort_dir="asc" if given.get("dir") == "asc" else "desc",
    )


def _day(given: Mapping[str, str], name: str) -> date | None:
    text = given.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInputError({name: f"{name} must be a date like 2026-02-16."}) from None


async def _today(ctx: Context) -> date:
    shell = await asyncio.to_thread(runtime.run, ctx, get_shell)
    return datetime.now(UTC).astimezone(ZoneInfo(shell.timezone)).date()
