"""What a browser may send with an event: exactly the arguments of its handler, and not too much.

The hints of a handler's arguments say what it takes. Nothing is converted: a number is no text.
Text whose name ends in ``_id`` is a UUID, or empty.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from functools import cache
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError, with_config
from reflex_base.utils.form import FORM_DATA_ENTRIES_KEY
from typing_extensions import TypedDict

LONGEST_TEXT = 10_000
MOST_ITEMS = 300
LONGEST_NAME = 100

_Name = Annotated[str, Field(max_length=LONGEST_NAME)]
_Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
_Id = Annotated[str, Field(pattern=r"^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})?$")]
_Scalar = _Text | bool | int | None
_STRICT = ConfigDict(strict=True, extra="forbid")


def _named(entry: list[Any]) -> list[Any]:
    if not isinstance(entry[0], str):
        raise ValueError("A field has a name.")
    return entry


_Entry = Annotated[list[_Scalar], Field(min_length=2, max_length=2), AfterValidator(_named)]
# How Reflex's browser code sends a form: its fields in order, as pairs.
_Form = with_config(_STRICT)(
    TypedDict(
        "_Form", {FORM_DATA_ENTRIES_KEY: Annotated[list[_Entry], Field(max_length=MOST_ITEMS)]}
    )
)


class UnusableHintError(TypeError):
    """A handler's argument says too little, or more than a browser can send."""


def refusal(function: Callable[..., Any], payload: Any) -> str | None:
    """Why ``payload`` is none for this handler, for the log; None if it is one.

    Says where and what kind of mistake, never what was sent.
    """
    try:
        payload_type(function).validate_python(payload)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False, include_context=False)[:3]
        return "; ".join(f"{'.'.join(map(str, w['loc']))[:80]}: {w['type']}" for w in wrong)
    return None


@cache
def payload_type(function: Callable[..., Any]) -> TypeAdapter[Any]:
    """The payloads that this handler takes. Raises UnusableHintError."""
    _state, *parameters = inspect.signature(function).parameters.values()
    hints = get_type_hints(function)
    fields = {p.name: _field(function, p, hints.get(p.name, Any)) for p in parameters}
    return TypeAdapter(with_config(_STRICT)(TypedDict("Payload", fields)))


def _field(function: Callable[..., Any], parameter: inspect.Parameter, hint: Any) -> Any:
    try:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise UnusableHintError
        bounded = _Id if hint is str and parameter.name.endswith("_id") else _bounded(hint)
    except UnusableHintError:
        where = f"{function.__qualname__}({parameter.name})"
        message = f"A browser cannot send {hint!r} to {where}. Use text, numbers, forms, lists."
        raise UnusableHintError(message) from None
    has_default = parameter.default is not inspect.Parameter.empty
    return NotRequired[bounded] if has_default else Required[bounded]


def _bounded(hint: Any) -> Any:
    """The hint with a limit on all that could be long."""
    arguments = get_args(hint)
    if hint is str:
        return _Text
    if hint in (bool, int, None, type(None)) or get_origin(hint) is Literal:
        return hint
    if get_origin(hint) in (Union, types.UnionType):
        return Union[tuple(_bounded(one) for one in arguments)]  # noqa: UP007  # made at run time
    if get_origin(hint) is list:
        return Annotated[list[_bounded(arguments[0])], Field(max_length=MOST_ITEMS)]  # type: ignore[misc]
    if get_origin(hint) is dict and arguments[0] is str:
        value = _Scalar if arguments[1] is Any else _bounded(arguments[1])
        return _Form | Annotated[dict[_Name, value], Field(max_length=MOST_ITEMS)]  # type: ignore[valid-type]
    raise UnusableHintError
