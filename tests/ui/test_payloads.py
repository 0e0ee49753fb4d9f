"""Only what a handler's hints say passes to it; all else is refused before it runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reflex_base.registry import RegistrationContext
from starlette.testclient import TestClient

from ecomops.ui.gate import INTERNAL, check_states, rule_for
from ecomops.ui.handlers import SIGNED_IN, handler
from ecomops.ui.payloads import (
    LONGEST_TEXT,
    MOST_ITEMS,
    UnusableHintError,
    payload_type,
    refusal,
)
from ecomops.ui.state import AppState
from tests.ui.tabs import LOAD_SHELL, tab

WIRE = "__reflex_form_data__"


def taking(
    state: Any,
    name: str,
    form: dict[str, Any],
    number: int = 0,
    on: bool = False,
    side: Literal["left", "right"] = "left",
    some: list[str] | None = None,
    pairs: dict[str, str] | None = None,
    job_id: str = "",
) -> None:
    """As many kinds of arguments as there are."""


RIGHT: list[dict[str, Any]] = [
    {"name": "", "form": {}},
    {"name": "x" * LONGEST_TEXT, "form": {"a": "1", "b": True, "c": None}},
    {"name": "ä", "form": {WIRE: [["status:paid", "on"], ["status:paid", "on"]]}, "number": -1},
    {"name": "n", "form": {}, "on": True, "side": "right", "some": ["a"], "pairs": {"a": "b"}},
    {"name": "n", "form": {}, "job_id": "01a1f9c4-d185-7067-b5a9-7f584d2409a7"},
    {"name": "n", "form": {}, "job_id": ""},
]
WRONG: list[Any] = [
    None, [], "text", 1, {}, {"name": "n"}, {"form": {}},
    {"name": 1, "form": {}}, {"name": None, "form": {}}, {"name": ["n"], "form": {}},
    {"name": "x" * (LONGEST_TEXT + 1), "form": {}},
    {"name": "\ud800", "form": {}},
    {"name": "n", "form": {}, "unknown": 1},
    {"name": "n", "form": {}, "state": {}}, {"name": "n", "form": {}, "self": {}},
    {"name": "n", "form": []}, {"name": "n", "form": "a=b"},
    {"name": "n", "form": {"a": {"$ne": 1}}}, {"name": "n", "form": {"a": ["b"]}},
    {"name": "n", "form": {"a": "x" * (LONGEST_TEXT + 1)}},
    {"name": "n", "form": {"x" * 101: ""}},
    {"name": "n", "form": {str(number): "" for number in range(MOST_ITEMS + 1)}},
    {"name": "n", "form": {WIRE: [["a"]]}}, {"name": "n", "form": {WIRE: [["a", "b", "c"]]}},
    {"name": "n", "form": {WIRE: [[1, "b"]]}}, {"name": "n", "form": {WIRE: [["a", ["b"]]]}},
    {"name": "n", "form": {WIRE: [["a", "b"]], "a": "b"}},
    {"name": "n", "form": {WIRE: [["a", ""]] * (MOST_ITEMS + 1)}},
    {"name": "n", "form": {}, "number": "1"}, {"name": "n", "form": {}, "number": 1.0},
    {"name": "n", "form": {}, "number": True}, {"name": "n", "form": {}, "on": 1},
    {"name": "n", "form": {}, "on": "true"}, {"name": "n", "form": {}, "side": "up"},
    {"name": "n", "form": {}, "some": "a"}, {"name": "n", "form": {}, "some": [1]},
    {"name": "n", "form": {}, "some": ["a"] * (MOST_ITEMS + 1)},
    {"name": "n", "form": {}, "pairs": {"a": 1}}, {1: "n", "form": {}},
    {"name": "n", "form": {}, "job_id": "x"},
    {"name": "n", "form": {}, "job_id": "01a1f9c4-d185-7067-b5a9-7f584d2409a7\n"},
    {"name": "n", "form": {}, "job_id": "01a1f9c4d1857067b5a97f584d2409a7"},
]  # fmt: skip


@pytest.mark.parametrize("payload", RIGHT, ids=range(len(RIGHT)))
def test_what_the_hints_say_passes(payload: dict[str, Any]) -> None:
    assert refusal(taking, payload) is None


@pytest.mark.parametrize("payload", WRONG, ids=range(len(WRONG)))
def test_all_else_is_refused(payload: Any) -> None:
    assert refusal(taking, payload)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(JSON)
def test_the_reason_is_kind_and_place_never_what_was_sent(value: Any) -> None:
    assert refusal(taking, {"name": "n", "form": {}, "number": value}) in (
        None if type(value) is int else "number: int_type",
    )


def test_arguments_that_say_too_little_do_not_start() -> None:
    def anything(state: Any, value: Any) -> None:
        """Would take whatever comes."""

    def unhinted(state, value) -> None:  # type: ignore[no-untyped-def]
        """So would this."""

    def open_ended(state: Any, **values: str) -> None:
        """And this."""

    for function in (anything, unhinted, open_ended):
        with pytest.raises(UnusableHintError, match=function.__name__):
            payload_type(function)


@pytest.mark.usefixtures("server")
def test_the_app_does_not_start_with_such_a_handler() -> None:
    with RegistrationContext.get().fork():

        class Open(AppState):
            @handler(SIGNED_IN)
            async def take(self, value: Any) -> None:
                """Takes whatever comes."""

        with pytest.raises(UnusableHintError, match="take"):
            check_states()


@pytest.mark.usefixtures("server")
def test_hydrating_names_no_more_states_than_pass() -> None:
    states = {name.rpartition(".")[0] for name in RegistrationContext.get().event_handlers}
    assert len(states) < MOST_ITEMS / 2


@pytest.fixture(scope="module")
def counting(server: TestClient) -> Iterator[type[AppState]]:
    """A State that counts how often its handlers ran."""

    class Counting(AppState):
        runs: int = 0

        @handler(SIGNED_IN)
        async def take(self, text: str, form: dict[str, Any]) -> None:
            self.runs += 1

        @handler(SIGNED_IN, background=True)
        async def take_later(self, text: str, form: dict[str, Any]) -> None:
            async with self:
                self.runs += 1

    yield Counting
    context = RegistrationContext.get()
    for name in [n for n in context.event_handlers if n.startswith(Counting.get_full_name())]:
        del context.event_handlers[name]


def test_a_wrong_payload_is_told_logged_and_runs_nothing(
    server: TestClient, cookie: str, counting: type[AppState], caplog: pytest.LogCaptureFixture
) -> None:
    wrong: list[Any] = [
        {},
        {"text": "t"},
        {"text": 7, "form": {}},
        {"text": "t", "form": {}, "x": 1},
    ]
    with tab(server, cookie=cookie) as person:
        person.send(LOAD_SHELL)
        for name in ("take", "take_later"):
            for payload in wrong:
                answer = person.send(f"{counting.get_full_name()}.{name}", payload)
                assert answer.delta == {}, payload
                assert "Reload it to go on" in answer.text
        assert caplog.text.count("event_with_wrong_payload") == 2 * len(wrong)
        right = {"text": "t", "form": {WIRE: [["a", "b"]]}}
        for times, name in enumerate(("take", "take_later"), start=1):
            answer = person.send(f"{counting.get_full_name()}.{name}", right)
            assert answer.value("runs") == times


@pytest.mark.usefixtures("server")
def test_every_event_that_is_let_through_has_a_payload_type() -> None:
    for name, registered in RegistrationContext.get().event_handlers.items():
        if rule_for(name) is not None or name in INTERNAL:
            assert payload_type(registered.handler.fn)
