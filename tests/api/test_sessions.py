"""Looking sessions up: seldom, and never for longer than promised."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from pydantic import SecretStr
from sqlmodel import Session

from ecomops import runtime
from ecomops.domains.identity.schemas import Resolve, SignOut
from ecomops.domains.identity.service import resolve, sign_out
from ecomops.kit.context import Context
from ecomops.kit.errors import UnauthenticatedError
from ecomops.runtime import sessions as module
from ecomops.runtime.sessions import CACHE_SECONDS, Sessions
from tests.conftest import Workspace, anonymous


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def with_sessions(body: Callable[[Sessions, Clock], Awaitable[None]]) -> None:
    async def main() -> None:
        clock = Clock()
        await body(Sessions(clock), clock)

    asyncio.run(main())


def test_many_events_at_once_are_one_look_up(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[Resolve] = []

    def counted(session: Session, ctx: Context, command: Resolve) -> Context:
        looked_up.append(command)
        return resolve(session, ctx, command)

    monkeypatch.setattr(module, "resolve", counted)

    async def body(sessions: Sessions, _clock: Clock) -> None:
        requests = [anonymous() for _ in range(50)]
        found = await asyncio.gather(*(sessions.resolve(workspace.token, r) for r in requests))
        assert [ctx.correlation_id for ctx in found] == [r.correlation_id for r in requests]
        assert {ctx.session_id for ctx in found} == {workspace.ctx.session_id}

    with_sessions(body)
    assert len(looked_up) == 1


def test_a_session_revoked_elsewhere_is_believed_for_a_second(workspace: Workspace) -> None:
    async def body(sessions: Sessions, clock: Clock) -> None:
        await sessions.resolve(workspace.token, anonymous())
        runtime.run(anonymous(), sign_out, SignOut(workspace.token))
        clock.now = CACHE_SECONDS - 0.001
        await sessions.resolve(workspace.token, anonymous())
        clock.now = CACHE_SECONDS
        with pytest.raises(UnauthenticatedError):
            await sessions.resolve(workspace.token, anonymous())

    with_sessions(body)


def test_a_session_revoked_here_is_not_believed_at_all(workspace: Workspace) -> None:
    async def body(sessions: Sessions, _clock: Clock) -> None:
        await sessions.resolve(workspace.token, anonymous())
        runtime.run(anonymous(), sign_out, SignOut(workspace.token))
        sessions.forget(workspace.token)
        assert await sessions.find(workspace.token, anonymous()) is None

    with_sessions(body)


def test_tokens_that_are_none_do_not_fill_the_memory(
    runtime_started: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CACHE_SIZE", 5)

    async def body(sessions: Sessions, _clock: Clock) -> None:
        for number in range(20):
            assert await sessions.find(SecretStr(f"no-token-{number}"), anonymous()) is None
        assert len(sessions._lookups) == 5

    with_sessions(body)
