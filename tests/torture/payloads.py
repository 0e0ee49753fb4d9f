"""Payloads for any event handler: one that it takes, and many that it does not."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, get_args, get_origin, get_type_hints
from uuid import uuid4

_PLAIN: dict[Any, Any] = {str: "x", int: 1, bool: True, dict: {}, list: []}
_HOSTILE: tuple[Any, ...] = (
    None, {"$ne": 1}, [[]] * 50, 2**70, -1.5, "x" * 20_000, "\x00", "' OR 1=1 --", {"a": {"b": {}}},
    {"__class__": "x"}, {"__reflex_form_data__": [["a"]]}, [{"role": "admin"}], "../../etc/passwd",
)  # fmt: skip
_WHOLE: tuple[dict[str, Any], ...] = (
    {"self": {}, "state": {}}, {"ctx": {"role": "admin"}}, {"unknown": [None] * 50},
    {"value": {"$ne": 1}}, {"var_name": "role", "value": "admin"}, {"__proto__": {}}, {"": ""},
    {"_owner": "anonymous"}, {"args": [], "kwargs": {"role": "admin"}},
)  # fmt: skip


def valid(function: Callable[..., Any]) -> dict[str, Any]:
    """Something of the right kind for every argument."""
    hints = get_type_hints(function)
    return {
        name: str(uuid4()) if name.endswith("_id") else _example(hints[name])
        for name in arguments(function)
    }


def arguments(function: Callable[..., Any]) -> list[str]:
    return list(inspect.signature(function).parameters)[1:]


def hostile(function: Callable[..., Any]) -> Iterator[dict[str, Any]]:
    """Unknown arguments, and something odd in the place of each known one.

    Some are of the right kind all the same: ``payload_type`` says which.
    """
    right = valid(function)
    for extra in _WHOLE:
        yield right | extra
    for name in right:
        yield {other: value for other, value in right.items() if other != name}
        for odd in _HOSTILE:
            yield right | {name: odd}


def _example(hint: Any) -> Any:
    choices = get_args(hint)
    kind = get_origin(hint) or hint
    if kind in _PLAIN:
        return _PLAIN[kind]
    return _example(choices[0]) if isinstance(choices[0], type) else choices[0]
