"""Strict readers of one field of a JSON object, the same for every provider that sends JSON.

Whatever is not as documented is refused: all raise UnreadableError. Absent and null are the same;
an empty string is no value.
"""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final, TypeGuard

Json = Mapping[str, Any]

LONGEST_ID: Final = 255
_RATE_STEP: Final = Decimal("1e-10")
_LARGEST_RATE: Final = Decimal(10**10)


class UnreadableError(Exception):
    """An object cannot be kept as a record. ``code`` is stable, ``message`` is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def valid_id(value: object) -> TypeGuard[str]:
    """Whether ``value`` can name a record: 1-255 printable characters, none of them replaced."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= LONGEST_ID
        and value.isprintable()
        and "\ufffd" not in value
    )


def word(source: Json, name: str) -> str:
    """A word of a vocabulary, which may be one that is not known yet."""
    value = source.get(name)
    if not valid_id(value):
        raise UnreadableError("bad_word", f"{name} is not a word.")
    return str(value)


def known_word(source: Json, name: str, meanings: Mapping[str, str]) -> str:
    """What the word in ``name`` means, by ``meanings``."""
    value = word(source, name)
    if value not in meanings:
        raise UnreadableError(f"unknown_{_snake(name)}", f"{name} {value!r} is not known.")
    return meanings[value]


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda capital: f"_{capital[0].lower()}", name)


def text(source: Json, name: str) -> str | None:
    """Free text."""
    value = source.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise UnreadableError("bad_text", f"{name} is not text.")
    return value


def part(source: Json, name: str) -> Json:
    """A nested object; empty where it is missing."""
    value = source.get(name)
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise UnreadableError("bad_object", f"{name} is not an object.")
    return value


def parts(source: Json, name: str) -> list[Any]:
    """A nested list; empty where it is missing."""
    value = source.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise UnreadableError("bad_list", f"{name} is not a list.")
    return value


def flag(source: Json, name: str) -> bool:
    """A truth value that must be there."""
    value = source.get(name)
    if not isinstance(value, bool):
        raise UnreadableError("bad_flag", f"{name} is neither true nor false.")
    return value


def rate_text(number: Decimal, name: str) -> str:
    """An exchange rate as decimal text, rounded half-even where it has more than ten places."""
    if not 0 < number < _LARGEST_RATE or not 0 < (kept := _rounded(number)) < _LARGEST_RATE:
        raise UnreadableError("bad_rate", f"{name} is not a rate.")
    return f"{kept:f}"


def _rounded(number: Decimal) -> Decimal:
    if -number.as_tuple().exponent <= 10:  # type: ignore[operator]  # finite
        return number
    return number.quantize(_RATE_STEP, ROUND_HALF_EVEN)
