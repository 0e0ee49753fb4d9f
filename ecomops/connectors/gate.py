"""How many requests may be under way at once, where a provider counts them for a whole account."""

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class Gate(Protocol):
    """A number of slots that all who call one account share, whatever process they are in."""

    def slot(self) -> AbstractContextManager[None]:
        """Wait for a slot, and hold it until the block is left.

        Raises ProviderRateLimitedError when none has come free in time.
        """


class OpenGate:
    """The gate of a provider that does not count."""

    def slot(self) -> AbstractContextManager[None]:
        return nullcontext()
