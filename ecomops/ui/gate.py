"""The gate before every event: deny by default, for the person of the session, on their own state.

A State's functions are a public API, so each event is checked against the rule of its handler, for
the session in the HttpOnly cookie that opened the websocket. Services check again.
"""

from __future__ import annotations

from typing import Any

import reflex as rx
import reflex.istate.dynamic
from reflex.middleware.middleware import Middleware
from reflex.state import (
    BaseState,
    FrontendEventExceptionState,
    OnLoadInternalState,
    State,
    StateUpdate,
)
from reflex_base.event import Event
from reflex_base.registry import RegisteredEventHandler, RegistrationContext
from reflex_base.utils.format import format_event_handler

from ecomops.kit.context import Context
from ecomops.kit.errors import EcomopsError, PermissionDeniedError
from ecomops.kit.logging import get_logger
from ecomops.ui import operation, routes
from ecomops.ui.components.toasts import toast
from ecomops.ui.failures import explain
from ecomops.ui.handlers import Rule, permits, rule_of
from ecomops.ui.ownership import begin_anew, claim
from ecomops.ui.payloads import payload_type, refusal
from ecomops.ui.returning import just_loaded
from ecomops.ui.session import identify, refuse
from ecomops.ui.state import AppState

log = get_logger(__name__)

OTHER_SESSION = "This page was opened by another session. Reload it to go on."
NOT_UNDERSTOOD = "This page is out of date or was changed. Reload it to go on."

ARRIVAL = format_event_handler(State.event_handlers["hydrate_and_load"])
# What Reflex's own browser code sends: here on connecting, load on navigating, report an error.
INTERNAL = {ARRIVAL} | {
    format_event_handler(state.event_handlers[name])
    for state, name in (
        (OnLoadInternalState, "on_load_internal"),
        (OnLoadInternalState, "set_is_hydrated"),
        (FrontendEventExceptionState, "handle_frontend_exception"),
    )
}


class UnguardedStateError(RuntimeError):
    """The app must not start: somebody could call these events unasked."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(
            "Every State extends AppState, and every event handler has @handler(PUBLIC), "
            f"@handler(SIGNED_IN) or @handler('a.permission'). These do not: {', '.join(names)}"
        )


def check_states() -> None:
    """Raise UnguardedStateError unless every event of the app's own States has its rule.

    Raises UnusableHintError if one of those that are let through takes what no browser can send.
    """
    wrong = [name for name, registered in _registered().items() if _is_unguarded(name, registered)]
    if wrong:
        raise UnguardedStateError(sorted(wrong))
    for name, registered in _registered().items():
        if rule_for(name) is not None or name in INTERNAL:
            payload_type(registered.handler.fn)


def rule_for(event_name: str) -> Rule | None:
    """The rule of the handler that answers to this event name; None blocks it."""
    registered = _registered().get(event_name)
    return rule_of(registered.handler.fn) if registered else None


class Gate(Middleware):
    """Lets an event pass to its handler, or answers in the handler's place."""

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:
        """None to let the event pass. See ``reflex.middleware.Middleware``."""
        operation.begin(event.name)
        try:
            return await self._judge(state, event)
        except EcomopsError as error:
            return _answer(explain(error))

    async def _judge(self, state: BaseState, event: Event) -> StateUpdate | None:
        rule = rule_for(event.name)
        if (rule is None and event.name not in INTERNAL) or not operation.connection():
            log.warning("event_blocked")
            return StateUpdate()
        ctx = await identify()
        if event.name == ARRIVAL and just_loaded(event.payload):
            await begin_anew(state, ctx)
        emptied = await claim(state, ctx)
        if rule is not None and not permits(rule, ctx):
            return await _refusal(rule, ctx, emptied)
        if wrong := refusal(_registered()[event.name].handler.fn, event.payload):
            log.warning("event_with_wrong_payload", why=wrong)
            return _answer(toast(NOT_UNDERSTOOD, tone="error"), emptied)
        if rule is None or not emptied:
            return None
        return _answer(toast(OTHER_SESSION, tone="error"), emptied)


async def _refusal(rule: Rule, ctx: Context, delta: dict[str, Any]) -> StateUpdate:
    if ctx.session_id is None:
        log.info("event_refused_signed_out")
        return _answer(rx.redirect(routes.sign_in_again(operation.current_path())), delta)
    try:
        await refuse(ctx, rule.permission)
    except PermissionDeniedError as denied:
        return _answer(explain(denied), delta)
    raise AssertionError("A denial was not raised.")


def _answer(event: Any, delta: dict[str, Any] | None = None) -> StateUpdate:
    return StateUpdate(delta=delta or {}, events=Event.from_event_type(event))


def _registered() -> dict[str, RegisteredEventHandler]:
    return RegistrationContext.get().event_handlers


def _is_unguarded(name: str, registered: RegisteredEventHandler) -> bool:
    ours = [state for state in registered.states if not _is_of_reflex(state)]
    if name.endswith(".setvar"):  # Never let through; each State has one.
        return not all(issubclass(state, AppState) for state in ours)
    return bool(ours) and rule_of(registered.handler.fn) is None


def _is_of_reflex(state: type[BaseState]) -> bool:
    """Whether the framework defines it; a State made in a function is moved to ``dynamic``."""
    module = state.__module__
    return module.startswith("reflex.") and module != reflex.istate.dynamic.__name__
