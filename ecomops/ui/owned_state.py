"""A State in a background handler's hands, for as long as it belongs to who started the handler."""

from __future__ import annotations

from typing import Any, Self

from reflex.istate.proxy import StateProxy

from ecomops.kit.errors import UnauthenticatedError
from ecomops.ui.session import identify, owner_of


class OwnedState(StateProxy):
    """Reflex's proxy, whose ``async with self`` fails once the session or the state has changed.

    Between two such blocks somebody else may have signed in, or come with the browser's token:
    then the state on the server is theirs, and what this handler loaded is not for them.
    """

    async def __aenter__(self) -> Self:
        """Lock and refresh the state. Raises UnauthenticatedError if it is no longer ours."""
        owner = owner_of(await identify())
        await super().__aenter__()
        if self.__wrapped__._owner != owner:
            await self.__aexit__(None, None, None)
            raise UnauthenticatedError
        return self


def owned(state: Any) -> OwnedState:
    """The same State as Reflex's proxy ``state``, guarded."""
    return OwnedState(state.__wrapped__, event=state._self_event)
