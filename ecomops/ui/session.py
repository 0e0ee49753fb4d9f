"""The one bridge from a page's event to a use case."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from hashlib import sha256
from typing import Any, TypeVar

import structlog

from ecomops import runtime
from ecomops.kit.context import Context
from ecomops.kit.errors import PermissionDeniedError, UnauthenticatedError
from ecomops.kit.settings import get_settings
from ecomops.runtime.sessions import sessions, token_in
from ecomops.ui import operation

_Result = TypeVar("_Result")


async def perform(use_case: Callable[..., _Result], command: object = None) -> _Result:
    """Run a use case, in a thread, as the person whose browser sent the event being handled.

    Raises EcomopsError. What a handler does not catch is told to the person by ``@handler``.
    """
    ctx = await context()
    return await asyncio.to_thread(runtime.run, ctx, use_case, command)


async def perform_for_anybody(use_case: Callable[..., _Result], command: object = None) -> _Result:
    """The same, as nobody: for what is asked before anybody is known."""
    return await asyncio.to_thread(runtime.run, anonymous(), use_case, command)


async def call(function: Callable[..., _Result], *arguments: Any) -> _Result:
    """Run ``function(ctx, *arguments)`` in a thread: an operation of several units of work."""
    ctx = await context()
    return await asyncio.to_thread(function, ctx, *arguments)


async def context() -> Context:
    """Who sent the event being handled. Raises UnauthenticatedError when nobody is signed in."""
    token = token_in(operation.cookie_header(), get_settings())
    if token is None:
        raise UnauthenticatedError
    return await sessions.resolve(token, anonymous())


async def identify() -> Context:
    """Who sent the event being handled, as an anonymous Context when nobody is signed in."""
    try:
        ctx = await context()
    except UnauthenticatedError:
        return anonymous()
    structlog.contextvars.bind_contextvars(
        tenant_id=str(ctx.tenant_id), user_id=str(ctx.actor.user_id)
    )
    return ctx


def anonymous() -> Context:
    """The event being handled, before anybody is known."""
    return Context(
        correlation_id=operation.correlation_id(), channel="web", address=operation.address()
    )


def owner_of(ctx: Context) -> str:
    """The name under which a state belongs to the session of ``ctx``; says nothing by itself."""
    return sha256(ctx.session_id.bytes).hexdigest() if ctx.session_id else "anonymous"


async def refuse(ctx: Context, permission: str) -> None:
    """Have the denial of an event audited, as a service's is. Raises PermissionDeniedError."""
    await asyncio.to_thread(runtime.run, ctx, _deny, permission)


def _deny(_session: object, _ctx: Context, permission: str) -> None:
    raise PermissionDeniedError(permission)
