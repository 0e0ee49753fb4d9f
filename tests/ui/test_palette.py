"""Where a search of the command palette leads, and that it leads nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from ecomops.ui.layouts.palette import Palette
from tests.ui.tabs import tab

SEARCH = f"{Palette.get_full_name()}.search_table"


def led_to(server: TestClient, cookie: str, table: str, words: str) -> list[Any]:
    with tab(server, cookie=cookie, path="/jobs") as person:
        answer = person.send(SEARCH, {"table": table, "words": words})
        return [event["payload"]["path"] for event in answer.events if event["name"] == "_redirect"]


@pytest.mark.parametrize(
    ("table", "words", "address"),
    [
        ("payouts", " po_123 ", "/tables/payouts?q=po_123"),
        ("orders", "#1001", "/tables/orders?q=%231001"),
        ("fees", "a&b=c/../d", "/tables/fees?q=a%26b%3Dc%2F..%2Fd"),
    ],
)
def test_a_search_leads_to_the_table_with_what_was_typed(
    server: TestClient, cookie: str, table: str, words: str, address: str
) -> None:
    assert led_to(server, cookie, table, words) == [address]


@pytest.mark.parametrize(
    ("table", "words"), [("users", "a"), ("//evil.example", "a"), ("payouts", " ")]
)
def test_what_is_no_table_or_no_word_leads_nowhere(
    server: TestClient, cookie: str, table: str, words: str
) -> None:
    assert led_to(server, cookie, table, words) == []
