"""Downloads of the audit log, each with the proof that it is as it was sealed."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from ecomops import runtime
from ecomops.api.downloads import stream_file
from ecomops.api.session_cookies import require_person
from ecomops.domains.audit.export import ExportEvents, begin_export, export_events
from ecomops.domains.audit.schemas import AuditQuery, Format
from ecomops.domains.identity.queries import get_shell
from ecomops.kit.context import Context
from ecomops.kit.errors import InvalidInputError

MEDIA_TYPES: Final[dict[Format, str]] = {
    "csv": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson",
}
TEXTS = (
    *("category", "action", "actor", "status"),
    *("resource_type", "resource_id", "correlation_id", "search"),
)


async def export_csv(request: Request) -> Response:
    """``GET /audit/export.csv?category=&status=&actor=&from=&to=…``: all events of the filter.

    The parameters are those of the page's address. Dates mean the workspace's day, so does the
    one in the file name.
    """
    return await _export(request, "csv")


async def export_ndjson(request: Request) -> Response:
    """``GET /audit/export.ndjson``: the same, one JSON object a line."""
    return await _export(request, "ndjson")


async def _export(request: Request, form: Format) -> Response:
    ctx = await require_person(request)
    command = ExportEvents(_query(request.query_params), form)
    await asyncio.to_thread(runtime.run, ctx, begin_export, command)
    name = f"audit_log_{await _today(ctx)}.{form}"
    chunks = runtime.stream(ctx, export_events, command)
    return await stream_file(ctx, chunks, name, MEDIA_TYPES[form])


def _query(given: QueryParams) -> AuditQuery:
    texts: dict[str, Any] = {name: given.get(name, "") for name in TEXTS}
    return AuditQuery(**texts, date_from=_day(given, "from"), date_to=_day(given, "to"))


def _day(given: QueryParams, name: str) -> date | None:
    text = given.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInputError({name: f"{name} must be a date like 2026-02-16."}) from None


async def _today(ctx: Context) -> date:
    shell = await asyncio.to_thread(runtime.run, ctx, get_shell)
    return datetime.now(UTC).astimezone(ZoneInfo(shell.timezone)).date()
