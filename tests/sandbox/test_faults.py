"""Faults happen as they are asked for, and stop."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.sandbox.conftest import Running


class Caller:
    def __init__(self, served: Running) -> None:
        headers = {"Authorization": f"Bearer {served.api_key}"}
        self.http = httpx.Client(base_url=served.base, headers=headers, timeout=10)

    def put(self, **plan: Any) -> httpx.Response:
        return self.http.put("/faults", json=plan)

    def script(self, fault: str, **how: Any) -> None:
        answer = self.put(scripts=[{"fault": fault, "times": 1}], **how)
        assert answer.status_code == 200, answer.text

    def get(self, path: str = "charges") -> httpx.Response:
        return self.http.get(f"/stripe/v1/{path}")


@pytest.fixture
def caller(served: Running) -> Iterator[Caller]:
    made = Caller(served)
    yield made
    made.put()
    made.http.close()


@pytest.mark.parametrize(
    ("fault", "status", "type"),
    [
        ("rate_limited", 429, "invalid_request_error"),
        ("server_error", 500, "api_error"),
        ("revoked", 401, "invalid_request_error"),
    ],
)
def test_a_scripted_error_comes_once(caller: Caller, fault: str, status: int, type: str) -> None:
    caller.script(fault)
    refused = caller.get()
    assert (refused.status_code, refused.json()["error"]["type"]) == (status, type)
    assert caller.get().status_code == 200
    assert caller.http.get("/faults").json()["injected"] == {fault: 1}


def test_a_rate_limit_says_why(caller: Caller) -> None:
    caller.script("rate_limited")
    assert caller.get().headers["Stripe-Rate-Limited-Reason"] == "global-rate"


def test_the_status_of_a_server_error_can_be_chosen(caller: Caller) -> None:
    caller.script("server_error", server_error_status=503)
    assert caller.get().status_code == 503


@pytest.mark.parametrize("fault", ["truncated", "disconnected"])
def test_a_broken_answer_is_not_taken_for_a_whole_one(caller: Caller, fault: str) -> None:
    caller.script(fault)
    with pytest.raises(httpx.RemoteProtocolError):
        caller.get()
    assert caller.get().status_code == 200


def test_a_page_of_html_may_come_with_200(caller: Caller) -> None:
    caller.script("html")
    answer = caller.get()
    assert (answer.status_code, answer.text[:6]) == (200, "<html>")


def test_a_slow_answer_is_a_whole_one(caller: Caller) -> None:
    caller.script("slow", slow_seconds=0.4)
    start = time.monotonic()
    assert caller.get().status_code == 200
    assert time.monotonic() - start >= 0.4


def test_a_script_minds_its_path(caller: Caller) -> None:
    caller.put(scripts=[{"fault": "server_error", "path": "/stripe/v1/refunds", "times": 1}])
    assert caller.get("charges").status_code == 200
    assert caller.get("refunds").status_code == 500


def test_a_script_without_an_end_goes_on(caller: Caller) -> None:
    caller.put(scripts=[{"fault": "revoked"}])
    assert [caller.get().status_code for _ in range(3)] == [401, 401, 401]


def test_chance_is_drawn_from_the_seed(caller: Caller) -> None:
    def drawn() -> list[int]:
        caller.put(seed=3, rates={"server_error": 0.3, "rate_limited": 0.2})
        return [caller.get("account").status_code for _ in range(30)]

    first = drawn()
    assert first == drawn()
    assert {200, 429, 500} == set(first)


def test_the_sandboxs_own_addresses_never_fail(caller: Caller) -> None:
    caller.put(rates={"server_error": 1})
    assert caller.http.get("/healthz").json() == {"status": "ok"}
    assert caller.http.get("/credentials.json").status_code == 200


@pytest.mark.parametrize(
    "plan",
    [
        {"scripts": [{"fault": "earthquake"}]},
        {"scripts": [{"fault": "slow", "times": -1}]},
        {"scripts": [{"mistake": "slow"}]},
        {"scripts": "slow"},
        {"rates": {"slow": 2}},
        {"rates": {"slow": "often"}},
        {"rates": {"earthquake": 0.1}},
        {"server_error_status": 200},
        {"slow_seconds": 10_000},
        {"unknown": 1},
    ],
)
def test_an_impossible_plan_is_refused_and_changes_nothing(
    caller: Caller, plan: dict[str, Any]
) -> None:
    answer = caller.put(**plan)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert caller.http.get("/faults").json()["scripts"] == []
