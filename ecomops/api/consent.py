"""Where a provider's consent page sends the browser back: ``/connections/consent/{provider}``."""

import asyncio
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ecomops.api.session_cookies import require_person
from ecomops.kit.errors import EcomopsError, UnauthenticatedError
from ecomops.kit.logging import get_logger
from ecomops.operations.consent import Return, finish

log = get_logger(__name__)
CONNECTIONS = "/connections"


async def consent(request: Request) -> Response:
    """``GET``: make the connection, and show it or what went wrong on the Connections page."""
    back = Return(request.path_params["provider"], dict(request.query_params))
    try:
        ctx = await require_person(request)
        card = await asyncio.to_thread(finish, ctx, back)
    except UnauthenticatedError:
        raise
    except EcomopsError as error:
        log.info("consent_failed", code=error.code, detail=error.detail)
        return _to_page({"consent": error.code})
    return _to_page({"consent": "done", "label": card.label})


def _to_page(query: dict[str, str]) -> Response:
    return RedirectResponse(
        f"{CONNECTIONS}?{urlencode(query)}", 303, headers={"Cache-Control": "no-store"}
    )
