"""What the browser is told after it posted a form, and how what the form asks for is run."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ecomops import runtime
from ecomops.api.errors import correlation_id
from ecomops.api.line import line
from ecomops.api.session_cookies import (
    anonymous,
    clear_flash,
    set_flash,
    set_session,
    token_of,
)
from ecomops.domains.identity.schemas import SignedIn, SignOut
from ecomops.domains.identity.service import sign_out
from ecomops.kit.context import Context
from ecomops.kit.errors import EcomopsError, InvalidInputError
from ecomops.kit.flash import Flash
from ecomops.kit.logging import get_logger
from ecomops.kit.settings import get_settings
from ecomops.runtime.sessions import sessions

log = get_logger(__name__)

HOME = "/dashboard"
AGAIN = "Enter your password again: it is never kept."
_NEVER_KEPT = frozenset({"password", "current_password", "next"})


def go(target: str) -> RedirectResponse:
    """On to another page."""
    return RedirectResponse(target, 303, headers={"Cache-Control": "no-store"})


def signed_in_at(signed_in: SignedIn, target: str) -> RedirectResponse:
    """On to a page, with a new session."""
    response = go(target)
    set_session(response, signed_in.token, signed_in.expires_at, get_settings())
    clear_flash(response, get_settings())
    return response


def refuse(
    request: Request, page: str, error: EcomopsError, form: Mapping[str, str], query: str = ""
) -> Response:
    """People are led back to their form; programs are told the status."""
    if "text/html" not in request.headers.get("accept", ""):
        raise error
    return _back_to(page, error, form, query)


def _back_to(
    page: str, error: EcomopsError, form: Mapping[str, str], query: str
) -> RedirectResponse:
    """Back to the form: the errors beside the fields, all kept but passwords."""
    log.info("form_refused", page=page, code=error.code, detail=error.detail)
    errors = error.fields if isinstance(error, InvalidInputError) else {}
    if errors and form.get("password"):
        errors = {"password": AGAIN, **errors}
    kept = {name: value for name, value in form.items() if name not in _NEVER_KEPT}
    message = "" if errors else error.message
    if error.status >= 500:
        message = f"{message} Reference {correlation_id()}."
    response = go(page + query)
    set_flash(response, Flash(page, message, errors, kept), get_settings())
    return response


async def end_session(request: Request) -> None:
    """End the session of this browser, here and in the database; nothing where there is none."""
    token = token_of(request, get_settings())
    if token is not None:
        try:
            await run(anonymous(request), sign_out, SignOut(token=token))
        finally:
            sessions.forget(token)


async def run(ctx: Context, use_case: Callable[..., Any], command: object = None) -> Any:
    """Run a use case in a thread."""
    return await asyncio.to_thread(runtime.run, ctx, use_case, command)


async def hashing(ctx: Context, use_case: Callable[..., Any], command: object) -> Any:
    """Run a use case that hashes a password, in the line for that."""
    return await line.run(runtime.run, ctx, use_case, command)
