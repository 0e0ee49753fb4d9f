"""The cookies of a browser: the session, HttpOnly, and the note to the next page."""

from datetime import UTC, datetime

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response

from ecomops.api.errors import correlation_id
from ecomops.kit import flash
from ecomops.kit.context import Context
from ecomops.kit.errors import UnauthenticatedError
from ecomops.kit.settings import Settings, get_settings
from ecomops.runtime import link_cookies
from ecomops.runtime.sessions import cookie_name, sessions, token_in


def anonymous(request: Request) -> Context:
    """The request, before anybody is known."""
    address = request.client.host if request.client else ""
    return Context(correlation_id=correlation_id(), channel="web", address=address)


def token_of(request: Request, settings: Settings) -> SecretStr | None:
    """The session token that the browser sent, or None."""
    return token_in(request.headers.get("cookie", ""), settings)


async def find_person(request: Request, settings: Settings) -> Context | None:
    """Who sends the request, or None when nobody is signed in."""
    return await sessions.find(token_of(request, settings), anonymous(request))


async def require_person(request: Request) -> Context:
    """Who sends the request. Raises UnauthenticatedError when nobody is signed in."""
    token = token_of(request, get_settings())
    if token is None:
        raise UnauthenticatedError
    return await sessions.resolve(token, anonymous(request))


def set_session(
    response: Response, token: SecretStr, expires_at: datetime, settings: Settings
) -> None:
    """Keep the session in the browser until ``expires_at``, out of reach of its scripts."""
    seconds = int((expires_at - datetime.now(UTC)).total_seconds())
    _set(response, cookie_name(settings), token.get_secret_value(), max(seconds, 0), settings)


def clear_session(response: Response, settings: Settings) -> None:
    """Make the browser forget its session."""
    _set(response, cookie_name(settings), "", 0, settings)


def keep_link(response: Response, token: SecretStr, settings: Settings) -> None:
    """Have the browser hold a one-time link's token while its form is filled in."""
    name = link_cookies.link_cookie_name(settings)
    _set(response, name, token.get_secret_value(), link_cookies.SECONDS, settings)


def forget_link(response: Response, settings: Settings) -> None:
    """The link was used, or was none."""
    _set(response, link_cookies.link_cookie_name(settings), "", 0, settings)


def set_flash(response: Response, note: flash.Flash, settings: Settings) -> None:
    """Tell the next page something, for a minute."""
    sealed = flash.seal(note, settings.secret_key)
    _set(response, flash.COOKIE, sealed, flash.SECONDS, settings)


def clear_flash(response: Response, settings: Settings) -> None:
    """There is nothing to tell any more."""
    _set(response, flash.COOKIE, "", 0, settings)


def _set(response: Response, name: str, value: str, seconds: int, settings: Settings) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )
