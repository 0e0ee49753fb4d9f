"""What a call has to pass before it reaches a provider, where that is counted for a whole account.

Gates compose: a circuit breaker around the call, a budget and slots around each of its attempts.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Protocol

Pause = Callable[[float], None]
"""Waits so many seconds. Raises InterruptedWaitError as soon as the call's job is to stop."""


class Gate(Protocol):
    """What all who call one account share."""

    def call(self) -> AbstractContextManager[None]:
        """Around a whole call with all its attempts.

        Raises ProviderTransientError when the account is not to be called now.
        """

    def slot(self, pause: Pause) -> AbstractContextManager[None]:
        """Wait with ``pause`` for leave to send one request; left when it is answered.

        Raises ProviderRateLimitedError when there was none in time.
        """


class OpenGate:
    """The gate of a provider that does not count."""

    def call(self) -> AbstractContextManager[None]:
        return nullcontext()

    def slot(self, pause: Pause) -> AbstractContextManager[None]:
        return nullcontext()


@dataclass(frozen=True, slots=True)
class Gates:
    """Several gates, entered in order."""

    gates: tuple[Gate, ...]

    @contextmanager
    def call(self) -> Iterator[None]:
        with ExitStack() as entered:
            for gate in self.gates:
                entered.enter_context(gate.call())
            yield

    @contextmanager
    def slot(self, pause: Pause) -> Iterator[None]:
        with ExitStack() as entered:
            for gate in self.gates:
                entered.enter_context(gate.slot(pause))
            yield
