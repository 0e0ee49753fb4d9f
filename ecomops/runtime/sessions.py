"""From the session cookie of a browser to the person it speaks for."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from uuid import UUID

from pydantic import SecretStr

from ecomops import runtime
from ecomops.domains.identity.schemas import Resolve
from ecomops.domains.identity.service import resolve
from ecomops.kit.context import Context
from ecomops.kit.errors import UnauthenticatedError
from ecomops.kit.settings import Settings
from ecomops.runtime import revocations

CACHE_SECONDS = 1.0
CACHE_SIZE = 10_000


def cookie_name(settings: Settings) -> str:
    """The session cookie's name. ``__Host-`` binds it to this host, and needs https."""
    return "__Host-session" if settings.secure_cookies else "session"


def cookie_in(header: str, name: str) -> str | None:
    """The value of one cookie in a ``Cookie`` header (RFC 6265, section 4.2.1), or None."""
    for pair in header.split(";"):
        key, found, value = pair.strip().partition("=")
        if found and key == name:
            return value or None
    return None


def token_in(header: str, settings: Settings) -> SecretStr | None:
    """The session token in a ``Cookie`` header, or None."""
    value = cookie_in(header, cookie_name(settings))
    return SecretStr(value) if value else None


@dataclass(frozen=True, slots=True)
class _Lookup:
    stale_at: float
    task: asyncio.Task[Context]

    def may_be_of(self, user_id: UUID) -> bool:
        """Whether it found this person, or is still looking."""
        if not self.task.done():
            return True
        failed = self.task.cancelled() or self.task.exception()
        return not failed and self.task.result().actor.user_id == user_id


class Sessions:
    """Looks sessions up, at most once a second each; for the event loop of one process.

    A session revoked here (``forget``) ends at once, one revoked in another process within
    ``CACHE_SECONDS`` of its revocation.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lookups: OrderedDict[bytes, _Lookup] = OrderedDict()
        self._listeners: list[Callable[[], object]] = []

    async def resolve(self, token: SecretStr, request: Context) -> Context:
        """``request`` with the person, workspace and permissions of the session filled in.

        Raises UnauthenticatedError when there is no such session, or no longer.
        """
        key = _key(token)
        found = self._lookups.get(key)
        if found is None or found.stale_at <= self._clock() or found.task.cancelled():
            found = self._look_up(key, token, request)
        ctx = await asyncio.shield(found.task)
        return replace(
            ctx,
            correlation_id=request.correlation_id,
            channel=request.channel,
            address=request.address,
        )

    async def find(self, token: SecretStr | None, request: Context) -> Context | None:
        """As ``resolve``, None for nobody."""
        if token is None:
            return None
        try:
            return await self.resolve(token, request)
        except UnauthenticatedError:
            return None

    def forget(self, token: SecretStr) -> None:
        """Look this session up anew at its next use: it was changed or revoked."""
        self._lookups.pop(_key(token), None)
        self._tell()

    def forget_person(self, user_id: UUID) -> None:
        """The same for all sessions of one person."""
        for key in [key for key, found in self._lookups.items() if found.may_be_of(user_id)]:
            del self._lookups[key]
        self._tell()

    @contextmanager
    def telling(self, call: Callable[[], object]) -> Iterator[None]:
        """Call ``call``, in this event loop, whenever this process changed or revoked a session.

        For as long as the block runs; so long, what use cases revoke is forgotten by itself.
        """
        loop = asyncio.get_running_loop()

        def forget(user_id: UUID) -> None:
            loop.call_soon_threadsafe(self.forget_person, user_id)

        self._listeners.append(call)
        try:
            with revocations.heard(forget):
                yield
        finally:
            self._listeners.remove(call)

    def _tell(self) -> None:
        for call in self._listeners:
            call()

    def _look_up(self, key: bytes, token: SecretStr, request: Context) -> _Lookup:
        work = asyncio.to_thread(runtime.look_up, request, resolve, Resolve(token=token))
        lookup = _Lookup(self._clock() + CACHE_SECONDS, asyncio.ensure_future(work))
        lookup.task.add_done_callback(_mark_as_seen)
        self._lookups[key] = lookup
        self._lookups.move_to_end(key)
        while len(self._lookups) > CACHE_SIZE:
            self._lookups.popitem(last=False)
        return lookup


def _key(token: SecretStr) -> bytes:
    return sha256(token.get_secret_value().encode()).digest()


def _mark_as_seen(task: asyncio.Task[Context]) -> None:
    if not task.cancelled():
        task.exception()


sessions = Sessions()
