"""The one translator of errors at the edge of HTTP."""

from urllib.parse import urlencode

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from ecomops.kit.errors import EcomopsError, UnauthenticatedError
from ecomops.kit.ids import new_correlation_id
from ecomops.kit.logging import get_logger

log = get_logger(__name__)


def correlation_id() -> str:
    """The id of the request being answered; a new one outside of any."""
    bound = structlog.contextvars.get_contextvars().get("correlation_id")
    return str(bound) if bound else new_correlation_id()


def answer_error(request: Request, error: Exception) -> Response:
    """What a refused request is told: people who are not signed in go to the sign-in page."""
    assert isinstance(error, EcomopsError)
    level = log.error if error.status >= 500 else log.info
    level("request_refused", code=error.code, detail=error.detail)
    if isinstance(error, UnauthenticatedError) and is_navigation(request):
        return RedirectResponse(sign_in_url(request, ended=True), 303)
    return error_response(error.code, error.message, error.status)


def error_response(code: str, message: str, status: int) -> JSONResponse:
    """The shape of every error: a stable code, a message for a person, an id for the log."""
    body = {"code": code, "message": message, "correlation_id": correlation_id()}
    return JSONResponse({"error": body}, status, headers={"Cache-Control": "no-store"})


def is_navigation(request: Request) -> bool:
    """Whether a person's browser asks for a page, rather than a program for data."""
    accepts = request.headers.get("accept", "")
    return request.method in ("GET", "HEAD") and "text/html" in accepts


def sign_in_url(request: Request, *, ended: bool) -> str:
    """The sign-in page, to come back to this address afterwards."""
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    query = {"next": back} | ({"ended": "1"} if ended else {})
    return f"/login?{urlencode(query)}"
