"""Registering, signing in and signing out, by the forms of the pages."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ecomops import runtime
from ecomops.api.errors import correlation_id
from ecomops.api.forms import local_path, read_form
from ecomops.api.line import line
from ecomops.api.session_cookies import (
    anonymous,
    clear_flash,
    clear_session,
    find_person,
    set_flash,
    set_session,
    token_of,
)
from ecomops.domains.identity import service
from ecomops.domains.identity.queries import get_shell
from ecomops.domains.identity.schemas import Register, Resolve, SignedIn, SignIn, SignOut
from ecomops.kit.context import Context
from ecomops.kit.errors import EcomopsError, InvalidInputError
from ecomops.kit.flash import Flash
from ecomops.kit.logging import get_logger
from ecomops.kit.settings import get_settings
from ecomops.runtime.sessions import sessions

log = get_logger(__name__)

HOME = "/dashboard"
_REGISTER_FIELDS = ("organization_name", "slug", "name", "email", "password")
_LOGIN_FIELDS = ("email", "password", "next")


async def register(request: Request) -> Response:
    """``POST /auth/register``: make a workspace and sign its first person in."""
    form = await read_form(request, _REGISTER_FIELDS)
    if await find_person(request, get_settings()):
        return _go(HOME)
    try:
        return _welcome(await _create(request, form), HOME)
    except EcomopsError as error:
        return _refuse(request, "/register", error, form)


async def login(request: Request) -> Response:
    """``POST /auth/login``: sign in, and go to ``next`` or the dashboard."""
    form = await read_form(request, _LOGIN_FIELDS)
    target = local_path(form["next"], HOME)
    if await find_person(request, get_settings()):
        return _go(target)
    try:
        outcome = await _hashing(anonymous(request), service.sign_in, _credentials(request, form))
        return _welcome(service.require_signed_in(outcome), target)
    except EcomopsError as error:
        query = "?" + urlencode({"next": target}) if target != HOME else ""
        return _refuse(request, "/login", error, form, query)


async def logout(request: Request) -> Response:
    """``POST /auth/logout``: end the session, here and in the database."""
    token = token_of(request, get_settings())
    if token is not None:
        try:
            await _run(anonymous(request), service.sign_out, SignOut(token=token))
        finally:
            sessions.forget(token)
    response = _go("/login")
    clear_session(response, get_settings())
    return response


async def _create(request: Request, form: Mapping[str, str]) -> SignedIn:
    command = Register(
        organization_name=form["organization_name"],
        slug=form["slug"],
        name=form["name"],
        email=form["email"],
        password=SecretStr(form["password"]),
        user_agent=request.headers.get("user-agent", ""),
    )
    try:
        signed_in: SignedIn = await _hashing(anonymous(request), service.register, command)
        return signed_in
    except InvalidInputError as error:
        if set(error.fields) != {"slug"}:
            raise
        made = await _created_before(request, form)
        if made is None:
            raise
        return made


async def _created_before(request: Request, form: Mapping[str, str]) -> SignedIn | None:
    """A form that is sent twice made its workspace the first time: sign its owner in."""
    ctx = anonymous(request)
    outcome: SignedIn | None = await _hashing(ctx, service.sign_in, _credentials(request, form))
    if outcome is None:
        return None
    owner = await _run(ctx, service.resolve, Resolve(token=outcome.token))
    if (await _run(owner, get_shell)).workspace_slug == form["slug"]:
        return outcome
    await _run(owner, service.sign_out, SignOut(token=outcome.token))
    return None


def _welcome(signed_in: SignedIn, target: str) -> Response:
    response = _go(target)
    set_session(response, signed_in.token, signed_in.expires_at, get_settings())
    clear_flash(response, get_settings())
    return response


def _credentials(request: Request, form: Mapping[str, str]) -> SignIn:
    return SignIn(
        email=form["email"],
        password=SecretStr(form["password"]),
        user_agent=request.headers.get("user-agent", ""),
    )


def _go(target: str) -> RedirectResponse:
    return RedirectResponse(target, 303, headers={"Cache-Control": "no-store"})


def _refuse(
    request: Request, page: str, error: EcomopsError, form: Mapping[str, str], query: str = ""
) -> Response:
    """People are led back to their form; programs are told the status."""
    if "text/html" not in request.headers.get("accept", ""):
        raise error
    return _back_to(page, error, form, query)


def _back_to(
    page: str, error: EcomopsError, form: Mapping[str, str], query: str
) -> RedirectResponse:
    """Back to the form: the errors beside the fields, all kept but the password."""
    log.info("form_refused", page=page, code=error.code, detail=error.detail)
    errors = error.fields if isinstance(error, InvalidInputError) else {}
    kept = {name: value for name, value in form.items() if name not in ("password", "next")}
    message = "" if errors else error.message
    if error.status >= 500:
        message = f"{message} Reference {correlation_id()}."
    response = _go(page + query)
    set_flash(response, Flash(page, message, errors, kept), get_settings())
    return response


async def _run(ctx: Context, use_case: Callable[..., Any], command: object = None) -> Any:
    return await asyncio.to_thread(runtime.run, ctx, use_case, command)


async def _hashing(ctx: Context, use_case: Callable[..., Any], command: object) -> Any:
    return await line.run(runtime.run, ctx, use_case, command)
