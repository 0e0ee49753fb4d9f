"""Slots for requests to one provider account, shared by every process that calls it.

A slot is a lease in Redis that ends by itself when its holder dies. While Redis is away each
process takes one slot at a time on its own: slower than the account allows, and hardly too many.
"""

import random
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, Final

from redis import Redis
from redis.exceptions import RedisError

from ecomops.connectors.gate import OpenGate, Pause
from ecomops.kit.errors import ProviderRateLimitedError
from ecomops.kit.ids import new_id
from ecomops.kit.logging import get_logger
from ecomops.kit.settings import get_settings

PATIENCE: Final = 10  # seconds that a request waits for a slot
LEASE_SECONDS: Final = 120  # longer than any request may take
_REDIS_SECONDS: Final = 2
_LONGEST_LOOK: Final = 0.25  # seconds between two looks for a slot
_KEY: Final = "ecomops:slots:{}"

# Redis's own clock counts, so that no two machines disagree about a lease.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
"""
log = get_logger(__name__)


_ALONE: defaultdict[str, Lock] = defaultdict(Lock)
"""By name: what a process holds while Redis is away."""


@dataclass(frozen=True, slots=True)
class SharedGate(OpenGate):
    """Fills ``connectors.gate.Gate``: at most ``limit`` slots of ``name`` in all processes.

    ``patience`` and ``lease`` are seconds.
    """

    name: str
    limit: int
    patience: float = PATIENCE
    lease: int = LEASE_SECONDS

    @contextmanager
    def slot(self, pause: Pause = time.sleep) -> Iterator[None]:
        """Hold a slot. Raises ProviderRateLimitedError when none has come free in time."""
        holder, until = new_id().hex, time.monotonic() + self.patience
        try:
            self._take_shared(holder, until, pause)
        except RedisError as error:
            log.warning("slots_not_shared", name=self.name, cause=type(error).__name__)
            with self._alone(until, pause):
                yield
            return
        try:
            yield
        finally:
            # Lost with Redis: the lease ends by itself.
            with suppress(RedisError):
                shared_redis().zrem(_KEY.format(self.name), holder)

    def _take_shared(self, holder: str, until: float, pause: Pause) -> None:
        keys, values = [_KEY.format(self.name)], [self.limit, self.lease * 1000, holder]
        while not shared_redis().eval(_TAKE, len(keys), *keys, *values):
            if time.monotonic() > until:
                raise self._none_free()
            pause(random.uniform(_LONGEST_LOOK / 10, _LONGEST_LOOK))

    @contextmanager
    def _alone(self, until: float, pause: Pause) -> Iterator[None]:
        lock = _ALONE[self.name]
        while not lock.acquire(blocking=False):
            if time.monotonic() > until:
                raise self._none_free()
            pause(_LONGEST_LOOK / 10)
        try:
            yield
        finally:
            lock.release()

    def _none_free(self) -> ProviderRateLimitedError:
        return ProviderRateLimitedError(
            f"{self.limit} requests to this account are under way, as many as it allows at once. "
            "It will be tried again later.",
            detail=f"no slot of {self.name} in {self.patience} seconds",
        )


def shared_redis() -> Any:
    """The Redis that all processes share, on kept connections; it answers soon or raises."""
    return _client(get_settings().redis_url.get_secret_value())


@cache
def _client(url: str) -> Any:
    return Redis.from_url(url, socket_timeout=_REDIS_SECONDS, socket_connect_timeout=_REDIS_SECONDS)
