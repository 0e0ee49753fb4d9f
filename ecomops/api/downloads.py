"""Files that are streamed to whoever asked for them, under a name of their own."""

from collections.abc import Iterator

from anyio.to_thread import run_sync
from starlette.responses import Response

from ecomops.api.slots import slots
from ecomops.api.streaming import RowStream, close
from ecomops.kit.context import Context


async def stream_file(
    ctx: Context, chunks: Iterator[bytes], name: str, media_type: str
) -> Response:
    """``chunks`` as a download. What their first step raises is raised here."""
    chunks = slots.limited(ctx.tenant, chunks)
    try:
        # Not in the threads of pages: it may take long.
        first = await run_sync(next, chunks, b"")
    except BaseException:
        await close(chunks)
        raise
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return RowStream(first, chunks, headers, media_type=media_type)
