"""JSON as people read it: indented, its parts told apart by colour.

It is taken apart here and not in the browser, which needs no library for it and evaluates nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import reflex as rx

from ecomops.ui.components.values import Text

_PARTS = re.compile(
    r'(?P<key>"(?:\\.|[^"\\])*"(?=:))'
    r'|(?P<string>"(?:\\.|[^"\\])*")'
    r"|(?P<number>-?\d[\d.eE+-]*)"
    r"|(?P<word>true|false|null)"
)


@dataclass
class Token:
    """A piece of JSON text; ``kind`` is key, string, number, word, or empty for what is between."""

    kind: str
    text: str


def json_text(document: Any) -> str:
    """``document`` with an indent of two, and its letters as they are."""
    return json.dumps(document, indent=2, ensure_ascii=False, default=str)


def tokens(document: Any) -> list[Token]:
    """The text of ``document`` in pieces; together they are all of it."""
    return list(_pieces(json_text(document)))


def _pieces(text: str) -> Iterator[Token]:
    end = 0
    for part in _PARTS.finditer(text):
        if part.start() > end:
            yield Token("", text[end : part.start()])
        yield Token(part.lastgroup or "", part.group())
        end = part.end()
    if end < len(text):
        yield Token("", text[end:])


def json_view(pieces: rx.Var[list[Token]], label: Text) -> rx.Component:
    """The pieces as one block that scrolls by itself and is reached by keys."""
    return rx.el.pre(
        rx.foreach(pieces, lambda piece: rx.el.span(piece.text, data_kind=piece.kind)),
        class_name="json",
        role="region",
        aria_label=label,
        tab_index=0,
    )
