"""An event that is cancelled leaves no lock behind.

Reflex cancels what a page was still loading when its person has gone on to another one. Where that
happens just as Redis grants the event the lock of its state, nobody releases it, and the next page
shows nothing until it expires: ten seconds.
"""

from __future__ import annotations

import asyncio

from reflex.istate.manager import StateManager
from reflex.istate.manager.redis import StateManagerRedis


def release_when_cancelled(manager: StateManager) -> None:
    """Have this state manager give back what an event was granted after it was cancelled."""
    if not isinstance(manager, StateManagerRedis):
        return
    take, wait = manager._try_get_lock, manager._wait_lock

    async def take_or_not(lock_key: bytes, lock_id: bytes) -> bool | None:
        answer = asyncio.ensure_future(take(lock_key, lock_id))
        try:
            return await asyncio.shield(answer)
        except asyncio.CancelledError:
            await asyncio.wait([answer])  # Only then is it known whose the lock is.
            raise

    async def wait_or_give_back(lock_key: bytes, lock_id: bytes) -> None:
        try:
            await wait(lock_key, lock_id)
        except asyncio.CancelledError:
            await asyncio.shield(_give_back(manager, lock_key, lock_id))
            raise

    manager._try_get_lock = take_or_not  # type: ignore[method-assign]  # no subclass hook
    manager._wait_lock = wait_or_give_back  # type: ignore[method-assign]


async def _give_back(manager: StateManagerRedis, lock_key: bytes, lock_id: bytes) -> None:
    if await manager.redis.get(lock_key) == lock_id:
        await manager.redis.delete(lock_key)
        manager._notify_next_waiter(lock_key)
