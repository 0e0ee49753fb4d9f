"""A cancelled event leaves its state unlocked for the next one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from redis.asyncio import Redis
from reflex.istate.manager.redis import StateManagerRedis
from reflex.istate.manager.token import BaseStateToken
from reflex.state import State

from ecomops.kit.settings import Settings
from ecomops.ui.state_lock import release_when_cancelled

ANSWER_SECONDS = 0.1


class Distant(StateManagerRedis):
    """A state manager that hears a while later what Redis has answered."""

    async def _try_get_lock(self, lock_key: bytes, lock_id: bytes) -> bool | None:
        granted = await super()._try_get_lock(lock_key, lock_id)
        await asyncio.sleep(ANSWER_SECONDS)
        return granted


@asynccontextmanager
async def manager_on(settings: Settings) -> AsyncIterator[Distant]:
    """A state manager as the app has it, on the real Redis."""
    # Reflex declares methods of its manager twice, which mypy takes for abstract ones.
    kind: Any = Distant
    manager: Distant = kind(redis=Redis.from_url(settings.redis_url.get_secret_value()))
    release_when_cancelled(manager)
    yield manager
    await manager.close()  # type: ignore[no-untyped-call]  # Reflex's own is untyped


def new_token() -> BaseStateToken:
    return BaseStateToken(ident=str(uuid4()), cls=State)


async def hold(manager: StateManagerRedis, token: BaseStateToken, seconds: float = 60) -> None:
    async with manager._lock(token):
        await asyncio.sleep(seconds)


@pytest.mark.parametrize("after", [ANSWER_SECONDS / 2, ANSWER_SECONDS * 2])
def test_an_event_cancelled_before_or_after_it_knows_of_its_lock_releases_it(
    settings: Settings, after: float
) -> None:
    async def main() -> None:
        async with manager_on(settings) as manager:
            token = new_token()
            event = asyncio.create_task(hold(manager, token))
            await asyncio.sleep(after)
            assert await manager.redis.get(manager._lock_key(token)) is not None
            event.cancel()
            with pytest.raises(asyncio.CancelledError):
                await event
            assert await manager.redis.get(manager._lock_key(token)) is None

    asyncio.run(main())


def test_an_event_cancelled_in_the_queue_leaves_the_lock_to_its_holder(
    settings: Settings,
) -> None:
    async def main() -> None:
        async with manager_on(settings) as manager:
            token = new_token()
            holder = asyncio.create_task(hold(manager, token, ANSWER_SECONDS * 4))
            await asyncio.sleep(ANSWER_SECONDS)
            held = await manager.redis.get(manager._lock_key(token))
            waiting = asyncio.create_task(hold(manager, token))
            await asyncio.sleep(ANSWER_SECONDS * 2)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert await manager.redis.get(manager._lock_key(token)) == held
            await holder
            assert await manager.redis.get(manager._lock_key(token)) is None

    asyncio.run(main())
