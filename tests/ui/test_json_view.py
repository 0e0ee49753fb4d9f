"""JSON taken apart for its colours is all there, each part what it is."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ecomops.ui.components.json_view import Token, json_text, tokens

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
documents = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@given(documents)
def test_the_pieces_together_are_the_document(document: Any) -> None:
    pieces = tokens(document)
    assert "".join(piece.text for piece in pieces) == json_text(document)
    assert json.loads(json_text(document)) == document


def test_each_part_is_what_it_is() -> None:
    told = [token for token in tokens({'a"b': ["1: null", -1.5e3, None], "c": True}) if token.kind]
    assert told == [
        Token("key", '"a\\"b"'),
        Token("string", '"1: null"'),
        Token("number", "-1500.0"),
        Token("word", "null"),
        Token("key", '"c"'),
        Token("word", "true"),
    ]


@given(documents)
def test_what_lies_between_has_no_letters(document: Any) -> None:
    between = "".join(piece.text for piece in tokens(document) if not piece.kind)
    assert set(between) <= set(" \n[]{},:")
