"""A circuit breaker for each account: who does not answer is left alone for a while.

It belongs to one process: each finds out for itself, and a restart forgets. That is enough to keep
workers from spending their time on waiting, and needs nothing that could be down itself.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from threading import Lock
from typing import Final

from ecomops.connectors.gate import OpenGate
from ecomops.kit.errors import ProviderRateLimitedError, ProviderTransientError

FAILURES: Final = 5  # whole calls in a row, each with all its attempts
FIRST_PAUSE: Final = 10.0  # seconds
LONGEST_PAUSE: Final = 300.0


class Breaker(OpenGate):
    """Closed until ``after`` calls in a row have failed; then open for a pause that doubles.

    After the pause one call is let through: if the provider answers, whatever it says, all may
    call again. Times are seconds. Used by all threads of a process.
    """

    def __init__(
        self,
        provider: str,
        *,
        after: int = FAILURES,
        first: float = FIRST_PAUSE,
        longest: float = LONGEST_PAUSE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._provider, self._after = provider, after
        self._first, self._longest, self._clock = first, longest, clock
        self._lock = Lock()
        self._failures = 0
        self._pauses = 0
        self._until = 0.0
        self._trying = False

    @contextmanager
    def call(self) -> Iterator[None]:
        """Raises ProviderTransientError at once while the circuit is open."""
        trial = self._enter()
        answered: bool | None = None
        try:
            yield
            answered = True
        except Exception as error:
            answered = _is_answer(error)
            raise
        finally:
            self._leave(trial, answered)

    def _enter(self) -> bool:
        """Whether this call is the one that tries whether the provider is back."""
        with self._lock:
            if not self._pauses:
                return False
            left = self._until - self._clock()
            if left > 0 or self._trying:
                raise self._open(max(1, ceil(left)))
            self._trying = True
            return True

    def _leave(self, trial: bool, answered: bool | None) -> None:
        """``answered`` None: the call ended without having learned anything."""
        with self._lock:
            if trial:
                self._trying = False
            if answered:
                self._failures = self._pauses = 0
            elif answered is False and (trial or not self._pauses):
                self._failures += 1
                if trial or self._failures >= self._after:
                    self._rest()

    def _rest(self) -> None:
        self._until = self._clock() + min(self._longest, self._first * 2**self._pauses)
        self._pauses += 1

    def _open(self, seconds: int) -> ProviderTransientError:
        return ProviderTransientError(
            f"{self._provider} has not answered {self._failures} times in a row. "
            f"It will be tried again in {seconds} seconds.",
            detail="the circuit is open",
        )


def _is_answer(error: Exception) -> bool | None:
    """Whether the provider was there, as far as an error tells."""
    if not isinstance(error, ProviderTransientError):
        return True
    # Somebody's Cancel, or the wait for a slot of ours, says nothing of the provider.
    if not error.retryable or isinstance(error, ProviderRateLimitedError):
        return None
    return False


_BREAKERS: dict[str, Breaker] = {}
_MAKING = Lock()


def breaker_of(provider: str, account: str) -> Breaker:
    """What all calls to an account share in this process. ``provider`` is for people."""
    with _MAKING:
        return _BREAKERS.setdefault(account, Breaker(provider))
