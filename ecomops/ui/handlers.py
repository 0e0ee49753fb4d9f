"""Who may call an event handler: said where the handler is defined.

Every public function of a State can be called by any websocket client, shown on a page or not,
so each carries a rule. ``ecomops.ui.gate`` enforces it and refuses to start without one.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import reflex as rx

from ecomops.domains.access.rules import PERMISSIONS
from ecomops.kit.context import Context
from ecomops.ui.failures import explain
from ecomops.ui.owned_state import owned

_RULE = "_ecomops_rule"
_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Rule:
    """What a caller must be: nobody in particular, signed in, or the holder of a permission."""

    signed_in: bool
    permission: str = ""

    def __post_init__(self) -> None:
        if self.permission and self.permission not in PERMISSIONS:
            raise ValueError(f"There is no permission named {self.permission!r}.")


PUBLIC = Rule(signed_in=False)
SIGNED_IN = Rule(signed_in=True)


def rule_from(named: Rule | str) -> Rule:
    """``PUBLIC``, ``SIGNED_IN``, or the name of a permission. Raises ValueError if unknown."""
    return named if isinstance(named, Rule) else Rule(signed_in=True, permission=named)


def rule_of(function: object) -> Rule | None:
    """The rule its definition gave to an event handler; None means that nobody may call it."""
    return getattr(function, _RULE, None)


def permits(rule: Rule, ctx: Context) -> bool:
    """Whether the person in ``ctx`` meets the rule."""
    if rule.permission:
        return rule.permission in ctx.permissions
    return ctx.session_id is not None or not rule.signed_in


def handler(rule: Rule | str, **options: Any) -> Callable[[_Function], _Function]:
    """Make an event handler that only those whom ``rule`` admits can call.

    ``options`` are those of ``rx.event`` (``background=True``, ``throttle=…``). What the handler
    raises is logged and told to the person; the State's changes up to there are kept and sent.
    """
    admitted = rule_from(rule)

    def decorate(function: _Function) -> _Function:
        safe = _with_failures_explained(function, owned if options.get("background") else _as_is)
        setattr(safe, _RULE, admitted)
        return cast(_Function, rx.event(safe, **options))

    return decorate


def _as_is(state: Any) -> Any:
    return state


def _with_failures_explained(function: Any, prepare: Callable[[Any], Any]) -> Any:
    if inspect.isasyncgenfunction(function):
        return _asynchronous_generator(function, prepare)
    if inspect.iscoroutinefunction(function):
        return _coroutine(function, prepare)
    if inspect.isgeneratorfunction(function):
        return _generator(function)
    return _plain(function)


def _asynchronous_generator(
    function: Callable[..., AsyncGenerator[Any, None]], prepare: Callable[[Any], Any]
) -> Any:
    @functools.wraps(function)
    async def run(state: Any, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        try:
            async with aclosing(function(prepare(state), *args, **kwargs)) as events:
                async for event in events:
                    yield event
        except Exception as error:
            yield explain(error)

    return run


def _coroutine(function: Callable[..., Awaitable[Any]], prepare: Callable[[Any], Any]) -> Any:
    @functools.wraps(function)
    async def run(state: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return await function(prepare(state), *args, **kwargs)
        except Exception as error:
            return explain(error)

    return run


def _generator(function: Callable[..., Iterator[Any]]) -> Any:
    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Iterator[Any]:
        try:
            yield from function(*args, **kwargs)
        except Exception as error:
            yield explain(error)

    return run


def _plain(function: Callable[..., Any]) -> Any:
    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            return explain(error)

    return run
