"""The state of a browser tab belongs to one session.

The token that names it is made with ``Math.random`` in the browser and travels in an address, so
whoever presents it is asked for the session's cookie as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reflex.state import BaseState, State

from ecomops.kit.context import Context
from ecomops.kit.logging import get_logger
from ecomops.ui.session import owner_of
from ecomops.ui.state import AppState

log = get_logger(__name__)


async def claim(state: BaseState, ctx: Context) -> dict[str, Any]:
    """Bind the state to the session; another session's is emptied first.

    Returns the emptied variables, to be sent to the browser; nothing if the state was its own.
    """
    owner = owner_of(ctx)
    shared = await state.get_state(AppState)
    if shared._owner == owner:
        return {}
    taken_over = bool(shared._owner)
    if taken_over:
        log.info("state_of_another_session_emptied")
        await _empty(state)
    shared._owner = owner
    return await _changes(state) if taken_over else {}


async def begin_anew(state: BaseState, ctx: Context) -> None:
    """Empty the state for a page that was just loaded: a reload closes what was open, as it should.

    What a page needs it loads again, as a new tab does.
    """
    if (await state.get_state(AppState))._owner:
        await claim(state, ctx)
        await _empty(state)


async def _empty(state: BaseState) -> None:
    """Reset the whole tree; with Redis, only what is loaded can be reset, so all is loaded."""
    for state_class in _tree(State):
        await state.get_state(state_class)
    root: Any = state._get_root_state()
    root.reset()


def _tree(state_class: type[BaseState]) -> Iterator[type[BaseState]]:
    yield state_class
    for child in state_class.get_substates():
        yield from _tree(child)


async def _changes(state: BaseState) -> dict[str, Any]:
    root: Any = state._get_root_state()
    delta: dict[str, Any] = await root._get_resolved_delta()
    root._clean()
    return delta
