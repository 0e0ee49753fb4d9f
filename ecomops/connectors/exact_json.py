"""JSON read without loss: numbers as they were written, text that PostgreSQL's jsonb takes.

Binary floating point never appears: a number with a fraction or an exponent becomes a Decimal.
Each element of a list keeps the text it came in, so nothing is ever written out again.
"""

import json
import re
from decimal import Decimal, InvalidOperation
from json.decoder import WHITESPACE, JSONDecodeError  # type: ignore[attr-defined]  # public name
from typing import Any, NamedTuple, NoReturn

_MOST_DIGITS = 400
_WIDEST_EXPONENT = 1000
_TOO_LONG = "It holds a number that is too long to be kept exactly."

_SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL
)
_REPLACEMENT = r"\ufffd"


class NumberError(ValueError):
    """NaN, Infinity, or a number so long that it is no amount, rate or count."""


class Element(NamedTuple):
    """One element of a list: what it says, its own text, and why it cannot be used, if so."""

    value: Any
    text: str
    problem: str | None = None


def sanitised(text: str) -> str:
    """``text`` (JSON) with every NUL and lone surrogate escape replaced by U+FFFD."""
    if not _SUSPECT.search(text):
        return text
    return _ESCAPE.sub(_mended, text)


def _mended(match: re.Match[str]) -> str:
    escape = match[0]
    if len(escape) != 6:  # a pair of surrogates, or a short escape such as \n
        return escape
    code = int(escape[2:], 16)
    return _REPLACEMENT if code == 0 or 0xD800 <= code <= 0xDFFF else escape


def as_json_string(text: str) -> str:
    """``text``, which may be anything, as one JSON string that jsonb takes."""
    return sanitised(json.dumps(text))


def read_element(text: str) -> Element:
    """The one value in ``text``. Raises JSONDecodeError."""
    element, end = _element(text, _skip(text, 0))
    _expect_end(text, end)
    return element


def read_list(text: str, *path: str) -> tuple[dict[str, Any], list[Element] | None]:
    """The members of the JSON object ``text``, and the elements of the list that ``path`` leads to.

    The path is the list's name, after the names of the objects that hold it, outermost first. The
    elements are None where there is no such list; they are left out of the members. Raises
    JSONDecodeError.
    """
    members, elements, end = _members(text, _skip(text, 0), path)
    _expect_end(text, end)
    return members, elements


def _members(
    text: str, at: int, path: tuple[str, ...]
) -> tuple[dict[str, Any], list[Element] | None, int]:
    members: dict[str, Any] = {}
    elements: list[Element] | None = None
    at = _expect(text, at, "{")
    while text[at : at + 1] != "}":
        key, at = _value(text, at)
        if not isinstance(key, str):
            raise JSONDecodeError("Expecting a member name", text, at)
        at = _expect(text, _skip(text, at), ":")
        sign = text[at : at + 1]
        if path == (key,) and sign == "[":
            elements, at = _elements(text, at)
        elif key == path[0] and path[1:] and sign == "{":
            members[key], elements, at = _members(text, at, path[1:])
        else:
            members[key], at = _value(text, at)
        at = _next_item(text, at, "}")
    return members, elements, at + 1


def _elements(text: str, at: int) -> tuple[list[Element], int]:
    found = []
    at = _expect(text, at, "[")
    while text[at : at + 1] != "]":
        element, at = _element(text, at)
        found.append(element)
        at = _next_item(text, at, "]")
    return found, at + 1


def _element(text: str, at: int) -> tuple[Element, int]:
    try:
        value, end = _value(text, at)
    except JSONDecodeError:
        raise
    except ValueError as error:
        value, end = _LENIENT.raw_decode(text, at)
        problem = str(error) if isinstance(error, NumberError) else _TOO_LONG
        return Element(value, _unindented(text[at:end]), problem), end
    return Element(value, _unindented(text[at:end])), end


def _unindented(text: str) -> str:
    """The same in one line, so that an object reads the same alone and inside a list.

    ``text`` was read as JSON, whose strings hold no line break as such.
    """
    return "".join([line.lstrip() for line in text.split("\n")]) if "\n" in text else text


def _value(text: str, at: int) -> tuple[Any, int]:
    try:
        pair: tuple[Any, int] = _scan(text, at)
    except StopIteration as stop:
        raise JSONDecodeError("Expecting value", text, stop.value) from None
    return pair


def _next_item(text: str, at: int, closing: str) -> int:
    """Where the next item begins, or the closing bracket is."""
    at = _skip(text, at)
    if text[at : at + 1] == closing:
        return at
    at = _expect(text, at, ",")
    if text[at : at + 1] == closing:
        raise JSONDecodeError("Expecting an item after the comma", text, at)
    return at


def _expect(text: str, at: int, sign: str) -> int:
    if text[at : at + 1] != sign:
        raise JSONDecodeError(f"Expecting {sign!r}", text, at)
    return _skip(text, at + 1)


def _expect_end(text: str, at: int) -> None:
    if _skip(text, at) != len(text):
        raise JSONDecodeError("Extra data", text, at)


def _skip(text: str, at: int) -> int:
    end: int = WHITESPACE.match(text, at).end()
    return end


def _decimal(digits: str) -> Decimal:
    if len(digits) > _MOST_DIGITS:
        raise NumberError(_TOO_LONG)
    try:
        number = Decimal(digits)
    except InvalidOperation:  # its exponent has twenty digits itself
        raise NumberError(_TOO_LONG) from None
    if abs(number.adjusted()) > _WIDEST_EXPONENT:
        raise NumberError(_TOO_LONG)
    return number


def _refuse_constant(word: str) -> NoReturn:
    raise NumberError(f"It holds {word}, which is not a number in JSON.")


_scan: Any = json.JSONDecoder(parse_float=_decimal, parse_constant=_refuse_constant).scan_once  # type: ignore[attr-defined]  # the C scanner
_LENIENT = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
