"""Downloads of whole tables, and of files that were prepared in the background."""

import asyncio
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from ecomops import runtime
from ecomops.api.downloads import stream_file
from ecomops.api.session_cookies import require_person
from ecomops.api.streaming import CSV
from ecomops.domains.exports.service import open_download
from ecomops.domains.tables import export
from ecomops.domains.tables.parameters import export_of
from ecomops.domains.tables.schemas import Format
from ecomops.kit.errors import NotFoundError
from ecomops.kit.settings import get_settings
from ecomops.operations.file_store import file_store

MEDIA_TYPES: dict[Format, str] = {
    "csv": CSV,
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


async def export_csv(request: Request) -> Response:
    """``GET /tables/{table}/export.csv?status=&from=&sort=&columns=…``: all rows of the filter.

    The parameters are those of the table's page, and ``columns`` and ``bom``. Dates mean the
    workspace's day, so does the one in the file name.
    """
    return await _table(request, "csv")


async def export_excel(request: Request) -> Response:
    """``GET /tables/{table}/export.xlsx``: the same as a workbook."""
    return await _table(request, "xlsx")


async def _table(request: Request, format_: Format) -> Response:
    ctx = await require_person(request)
    table = request.path_params["table"]
    command = export_of(table, format_, request.query_params.multi_items())
    name = await asyncio.to_thread(runtime.run, ctx, export.begin_export, command)
    chunks = runtime.stream(ctx, export.export_file, command)
    return await stream_file(ctx, chunks, name, MEDIA_TYPES[format_])


async def download(request: Request) -> Response:
    """``GET /exports/{export_id}/download``: a prepared file, for the person who asked for it."""
    ctx = await require_person(request)
    file = await asyncio.to_thread(runtime.run, ctx, open_download, _id(request))
    chunks = file_store(get_settings()).read(file.key)
    return await stream_file(ctx, chunks, file.name, MEDIA_TYPES[file.format])


def _id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["export_id"])
    except ValueError:
        raise NotFoundError("There is no such file.") from None
