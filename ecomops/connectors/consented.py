"""The token that a person's consent gave: it ends within the hour, and its successor is kept."""

import time
from collections.abc import Callable, Mapping
from typing import Final

from pydantic import SecretStr

from ecomops.kit.errors import ProviderAuthError

Credentials = Mapping[str, SecretStr]
Renew = Callable[[Credentials], Credentials]
"""Given the credentials in use, those to be used from now on, stored. Raises ProviderError."""

_RENEWED_EARLY: Final = 300  # seconds before a token ends


def _unix_now() -> int:
    return time.time_ns() // 10**9


class ConsentedAccess:
    """Gives the stored token, renewed in time. Without a refresh token it does not end.

    ``lost`` is what a person is told when it is taken no more.
    """

    scopes: tuple[str, ...] = ()

    def __init__(
        self,
        credentials: Credentials,
        renew: Renew | None,
        *,
        lost: str,
        now: Callable[[], int] = _unix_now,
    ) -> None:
        self._credentials, self._renew, self._now = credentials, renew, now
        self._refused, self._lost = False, lost

    @property
    def renewable(self) -> bool:
        """Whether another token can be had when one is refused."""
        return self._renew is not None and "refresh_token" in self._credentials

    def token(self) -> str:
        """The token in use, or a new one. Raises ProviderError subclasses."""
        if self.renewable and (self._refused or self._ends_soon()):
            assert self._renew is not None
            self._credentials, self._refused = self._renew(self._credentials), False
        if self._refused:
            raise ProviderAuthError(self._lost)
        return self._credentials["access_token"].get_secret_value()

    def forget(self) -> None:
        """The token in use was refused: the next one is asked for."""
        self._refused = True

    def _ends_soon(self) -> bool:
        if "access_token" not in self._credentials:
            return True
        ends = self._credentials.get("expires_at")
        return ends is not None and self._now() >= int(ends.get_secret_value()) - _RENEWED_EARLY
