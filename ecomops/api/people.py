"""Joining by a one-time link, and choosing another password, by the forms of the pages."""

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response

from ecomops.api.form_answers import HOME, end_session, go, hashing, refuse, signed_in_at
from ecomops.api.forms import read_form
from ecomops.api.session_cookies import (
    anonymous,
    find_person,
    forget_link,
    keep_link,
    set_flash,
)
from ecomops.domains.identity.account import ChangePassword, change_password, require_right
from ecomops.domains.identity.errors import LinkGoneError
from ecomops.domains.identity.joining import UseLink, use_link
from ecomops.domains.identity.schemas import SignedIn
from ecomops.domains.identity.service import require_signed_in
from ecomops.kit.errors import EcomopsError
from ecomops.kit.flash import Flash
from ecomops.kit.settings import get_settings
from ecomops.runtime.link_cookies import link_token, link_token_in

WELCOME = "/welcome"
ACCOUNT = "/settings/account"
ENDED = f"/login?next={ACCOUNT}&ended=1"


def open_link(request: Request) -> Response:
    """``GET /welcome?token=…``: keep the token out of sight, and show what the link is for."""
    response = go(WELCOME)
    token = link_token(request.query_params.get("token", ""))
    if token is None:
        forget_link(response, get_settings())
    else:
        keep_link(response, token, get_settings())
    return response


async def welcome(request: Request) -> Response:
    """``POST /auth/welcome``: use the link, and sign its person in."""
    form = await read_form(request, ("name", "password"))
    try:
        signed_in = await _use_link(request, form)
    except EcomopsError as error:
        return refuse(request, WELCOME, error, form)
    await end_session(request)
    response = signed_in_at(signed_in, HOME)
    forget_link(response, get_settings())
    return response


async def _use_link(request: Request, form: dict[str, str]) -> SignedIn:
    token = link_token_in(request.headers.get("cookie", ""), get_settings())
    if token is None:
        raise LinkGoneError
    agent = request.headers.get("user-agent", "")
    command = UseLink(token, form["name"], SecretStr(form["password"]), agent)
    return require_signed_in(await hashing(anonymous(request), use_link, command))


async def password(request: Request) -> Response:
    """``POST /auth/password``: choose another password; other browsers are signed out."""
    form = await read_form(request, ("current_password", "password"))
    ctx = await find_person(request, get_settings())
    if ctx is None:
        return go(ENDED)
    command = ChangePassword(SecretStr(form["current_password"]), SecretStr(form["password"]))
    try:
        require_right(await hashing(ctx, change_password, command))
    except EcomopsError as error:
        return refuse(request, ACCOUNT, error, form)
    response = go(ACCOUNT)
    done = Flash(ACCOUNT, "Your password was changed. Other browsers were signed out.")
    set_flash(response, done, get_settings())
    return response
