"""Requests a second to one provider account, counted together for every process that calls it.

The budget is a token bucket in Redis. While Redis is away each process spends a fifth of it on its
own: slower than the account allows, and hardly too fast.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Final

from redis.exceptions import RedisError

from ecomops.connectors.gate import OpenGate, Pause
from ecomops.kit.errors import ProviderRateLimitedError
from ecomops.kit.logging import get_logger
from ecomops.kit.pace import Pace
from ecomops.kit.settings import get_settings
from ecomops.runtime.request_slots import shared_redis

PATIENCE: Final = 10.0  # seconds that a request waits for its turn
AWAY_SECONDS: Final = 5.0  # between two looks for a Redis that is away
_SHARE: Final = 5  # of the budget, at once; and for a process alone
_KEY: Final = "ecomops:budget:{}"

# The bucket is kept as the moment at which it is full again, by Redis's own clock, in
# microseconds. A moment further away than any turn can be means that the clock was set back.
_RESERVE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, slack, patience = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full = tonumber(redis.call('GET', KEYS[1]) or now)
if full < now or full > now + patience + slack + interval then full = now end
local wait = math.max(0, full - slack - now)
if wait > patience then return -1 end
full = full + interval
local life = math.ceil((full - now) / 1000) + 1000
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', string.format('%.0f', life))
return wait
"""
log = get_logger(__name__)

_AWAY_UNTIL: dict[str, float] = {}
"""By the address of Redis: until when it is not asked again."""


@dataclass(frozen=True, slots=True)
class SharedBudget(OpenGate):
    """Fills ``connectors.gate.Gate``: in no second more than ``per_second`` requests of ``name``.

    A fifth of them may go at once. ``patience`` is in seconds.
    """

    name: str
    per_second: int
    patience: float = PATIENCE

    @contextmanager
    def slot(self, pause: Pause) -> Iterator[None]:
        """Wait for a turn. Raises ProviderRateLimitedError when none comes in time."""
        wait = self._reserve()
        if wait is None:
            raise ProviderRateLimitedError(
                f"{self.per_second} requests a second go to this account already, as many as are "
                "meant to. It will be tried again later.",
                detail=f"no turn of {self.name} in {self.patience} seconds",
            )
        if wait:
            pause(wait)
        yield

    def _reserve(self) -> float | None:
        address = get_settings().redis_url.get_secret_value()
        if time.monotonic() >= _AWAY_UNTIL.get(address, 0):
            try:
                return self._reserve_shared()
            except RedisError as error:
                _AWAY_UNTIL[address] = time.monotonic() + AWAY_SECONDS
                log.warning("budget_not_shared", name=self.name, cause=type(error).__name__)
        return _alone(self.name, max(1, self.per_second // _SHARE)).reserve(self.patience)

    def _reserve_shared(self) -> float | None:
        burst = max(1, self.per_second // _SHARE)
        steady = max(1, self.per_second - burst)
        values = [1_000_000 // steady, (burst - 1) * 1_000_000 // steady]
        patience = round(self.patience * 1_000_000)
        wait = shared_redis().eval(_RESERVE, 1, _KEY.format(self.name), *values, patience)
        return None if wait < 0 else wait / 1_000_000


@cache
def _alone(name: str, per_second: int) -> Pace:
    return Pace(1, per_second)
