"""Registering, signing in and signing out, by the forms of the pages."""

from collections.abc import Mapping
from urllib.parse import urlencode

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response

from ecomops.api.form_answers import HOME, end_session, go, hashing, refuse, run, signed_in_at
from ecomops.api.forms import local_path, read_form
from ecomops.api.session_cookies import anonymous, clear_session, find_person
from ecomops.domains.identity import service
from ecomops.domains.identity.queries import get_shell
from ecomops.domains.identity.schemas import Register, Resolve, SignedIn, SignIn, SignOut
from ecomops.kit.errors import EcomopsError, InvalidInputError
from ecomops.kit.settings import get_settings

_REGISTER_FIELDS = ("organization_name", "slug", "name", "email", "password")
_LOGIN_FIELDS = ("email", "password", "next")


async def register(request: Request) -> Response:
    """``POST /auth/register``: make a workspace and sign its first person in."""
    form = await read_form(request, _REGISTER_FIELDS)
    if await find_person(request, get_settings()):
        return go(HOME)
    try:
        return signed_in_at(await _create(request, form), HOME)
    except EcomopsError as error:
        return refuse(request, "/register", error, form)


async def login(request: Request) -> Response:
    """``POST /auth/login``: sign in, and go to ``next`` or the dashboard."""
    form = await read_form(request, _LOGIN_FIELDS)
    target = local_path(form["next"], HOME)
    if await find_person(request, get_settings()):
        return go(target)
    try:
        outcome = await hashing(anonymous(request), service.sign_in, _credentials(request, form))
        return signed_in_at(service.require_signed_in(outcome), target)
    except EcomopsError as error:
        query = "?" + urlencode({"next": target}) if target != HOME else ""
        return refuse(request, "/login", error, form, query)


async def logout(request: Request) -> Response:
    """``POST /auth/logout``: end the session, here and in the database."""
    await end_session(request)
    response = go("/login")
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
        signed_in: SignedIn = await hashing(anonymous(request), service.register, command)
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
    outcome: SignedIn | None = await hashing(ctx, service.sign_in, _credentials(request, form))
    if outcome is None:
        return None
    owner = await run(ctx, service.resolve, Resolve(token=outcome.token))
    if (await run(owner, get_shell)).workspace_slug == form["slug"]:
        return outcome
    await run(owner, service.sign_out, SignOut(token=outcome.token))
    return None


def _credentials(request: Request, form: Mapping[str, str]) -> SignIn:
    return SignIn(
        email=form["email"],
        password=SecretStr(form["password"]),
        user_agent=request.headers.get("user-agent", ""),
    )
