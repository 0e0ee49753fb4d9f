import json
from decimal import Decimal
from json import JSONDecodeError
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecomops.connectors.exact_json import as_json_string, read_element, read_list, sanitised

_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.lists(_VALUES, max_size=6),
    st.dictionaries(st.text().filter(lambda key: key != "data"), _VALUES, max_size=3),
    st.sampled_from([None, 2]),
    st.booleans(),
)
def test_a_list_is_read_as_the_standard_library_reads_it(
    data: list[Any], others: dict[str, Any], indent: int | None, ascii_only: bool
) -> None:
    body = json.dumps({**others, "data": data}, indent=indent, ensure_ascii=ascii_only)
    members, elements = read_list(body, "data")
    assert members == others
    assert elements is not None
    assert [element.value for element in elements] == data
    assert [json.loads(element.text) for element in elements] == data


def test_numbers_keep_every_digit() -> None:
    element = read_element('{"rate": 1.0800000000000000000001, "big": 9007199254740993}')
    assert element.value == {"rate": Decimal("1.0800000000000000000001"), "big": 2**53 + 1}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e5000", "1e-5000"])
def test_a_number_that_cannot_be_kept_spoils_its_element_only(number: str) -> None:
    _, elements = read_list(f'{{"data": [{{"a": {number}, "id": "x"}}, {{"a": 1}}]}}', "data")
    assert elements is not None
    spoilt, whole = elements
    assert spoilt.problem
    assert spoilt.value["id"] == "x"
    assert whole.value == {"a": 1}
    assert whole.problem is None


def test_an_integer_of_ten_thousand_digits_spoils_its_element_only() -> None:
    _, elements = read_list(f'{{"data": [{{"a": {"9" * 10_000}}}, 1]}}', "data")
    assert elements is not None
    assert elements[0].problem
    assert elements[1].value == 1


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{",
        '{"data": [',
        '{"data": [1',
        '{"data": [1,]}',
        '{"data": []',
        '{"a" 1}',
        "{1:2}",
        '{"data": []} x',
        '{"data": [],}',
        '{"data": [1 2]}',
        '{"a": "\t"}',
        '{"a": "\\q"}',
    ],
)
def test_what_is_not_json_is_refused(body: str) -> None:
    with pytest.raises(JSONDecodeError):
        read_list(body, "data")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r'"a\u0000b"', "a\ufffdb"),
        (r'"\ud83d\ude00"', "\U0001f600"),
        (r'"\ud83d"', "\ufffd"),
        (r'"\ude00\ud83d"', "\ufffd\ufffd"),
        (r'"\ud83d\u0041"', "\ufffdA"),
        (r'"\\u0000"', "\\u0000"),
        (r'"\\\u0000"', "\\\ufffd"),
        (r'"\\ud83d"', "\\ud83d"),
        (r'"\u00e9\n"', "é\n"),
    ],
)
def test_nul_and_lone_surrogates_are_replaced_and_nothing_else(written: str, read: str) -> None:
    assert json.loads(sanitised(written)) == read


@given(st.text(st.characters(), max_size=30))
def test_sanitised_text_can_always_be_stored(text: str) -> None:
    value = json.loads(sanitised(json.dumps(text)))
    assert "\0" not in value
    value.encode("utf-8")


def test_text_that_is_not_json_is_kept_as_a_json_string() -> None:
    assert json.loads(as_json_string('{"a": NaN}')) == '{"a": NaN}'


def test_an_object_keeps_the_same_text_alone_and_in_a_list() -> None:
    item = {"id": "x", "parts": [1, {"note": "two  spaces, \n and \\"}], "none": []}
    _, elements = read_list(json.dumps({"data": [item]}, indent=2), "data")
    assert elements is not None
    alone = read_element(json.dumps(item, indent=2))
    assert elements[0].text == alone.text
    assert json.loads(alone.text) == item
