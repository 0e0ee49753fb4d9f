"""Where providers tell us that something happened: ``/webhooks/{provider}/{connection}``."""

import asyncio
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from ecomops.api.session_cookies import anonymous
from ecomops.kit.errors import NotFoundError
from ecomops.operations.webhooks import Incoming, accept_webhook

PREFIX = "/webhooks/"
MOST_BYTES = 2 * 1024 * 1024


async def webhook(request: Request) -> Response:
    """``POST``: 200 once it is kept, whether it is new or not; then the provider stops sending."""
    try:
        connection_id = UUID(request.path_params["connection"])
    except ValueError:
        raise NotFoundError("There is no such webhook address.") from None
    headers = {name.lower(): value for name, value in request.headers.items()}
    provider = request.path_params["provider"]
    incoming = Incoming(provider, connection_id, headers, await request.body())
    await asyncio.to_thread(accept_webhook, anonymous(request), incoming)
    return Response(status_code=200)
