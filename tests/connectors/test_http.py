"""The shared client against a real server that misbehaves."""

import json
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import replace
from datetime import UTC, datetime
from gzip import compress

import httpx
import pytest
from structlog.testing import capture_logs

from ecomops.connectors.http import (
    Answer,
    InterruptedWaitError,
    Limits,
    ProviderHttp,
    json_text,
    retry_after,
)
from ecomops.kit.errors import (
    ProviderContractError,
    ProviderError,
    ProviderRateLimitedError,
    ProviderTransientError,
)
from tests.connectors.wire import Reply, Respond, late, reply, script, serve

Signing = Generator[httpx.Request, httpx.Response, None]
HASTY = Limits(
    connect=1, read=0.4, attempt=2, first_backoff=0.001, longest_backoff=0.002, body_bytes=100_000
)
OK = reply({"fine": True})


def _text(answer: Answer) -> str:
    if answer.status == 429:
        raise ProviderRateLimitedError(
            "slow down", retry_after=retry_after(answer.headers, datetime.now(UTC))
        )
    if answer.status >= 500:
        raise ProviderTransientError(f"status {answer.status}")
    return json_text(answer, "Acme")


def ask(
    respond: Respond,
    limits: Limits = HASTY,
    *,
    sleep: Callable[[float], None] = time.sleep,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[str | ProviderError, int]:
    """What one call comes to, and how many requests it took."""
    with serve(respond) as wire:
        http = ProviderHttp(
            "Acme",
            wire.base,
            {"Authorization": "Bearer sk_test_canary"},
            retry_header="stripe-should-retry",
            limits=limits,
            sleep=sleep,
            stop=stop,
        )
        try:
            return http.get("/v1/things", {"limit": 1}, _text), len(wire.seen)
        except ProviderError as error:
            return error, len(wire.seen)
        finally:
            http.close()


def test_an_answer_is_read_and_the_request_says_who_asks() -> None:
    with serve(script(OK)) as wire:
        http = ProviderHttp("Acme", wire.base + "/stripe/", {"X-Key": "k"})
        assert http.get("/v1/things", {"created[gte]": 5}, _text) == '{"fine": true}'
        http.close()
    (request,) = wire.seen
    assert request.path == "/stripe/v1/things"
    assert request.query == {"created[gte]": "5"}
    assert request.headers["user-agent"].startswith("ecomops/")
    assert "x-correlation-id" not in request.headers


@pytest.mark.parametrize(
    "bad",
    [
        reply(status=500),
        reply(status=503),
        reply("<html>maintenance</html>", Content_Type="text/html"),
        reply({"fine": True}, Content_Length="500"),
        Reply(OK.raw[:20]),
        Reply(b""),
        Reply(b"garbage\r\n\r\n"),
        reply(b'{"fine": "\xff"}'),
        reply('{"fine": true}'.encode("utf-16"), Content_Type="application/json; charset=utf-16"),
        reply(b"not gzip", Content_Encoding="gzip"),
    ],
    ids=[
        "500",
        "503",
        "html",
        "too-long-length",
        "cut-head",
        "nothing",
        "no-http",
        "bad-utf8",
        "utf16",
        "no-gzip",
    ],
)
def test_a_passing_fault_is_tried_again(bad: Reply) -> None:
    bad = replace(bad, close=True)
    assert ask(script(bad, OK)) == ('{"fine": true}', 2)


def test_a_fault_that_stays_is_given_up_after_five_more_tries() -> None:
    error, requests = ask(script(reply(status=502)))
    assert isinstance(error, ProviderTransientError)
    assert requests == 6


@pytest.mark.parametrize(
    "bad",
    [
        reply(status=302, Location="http://127.0.0.1:1/elsewhere"),
        reply({"fine": True}, status=302, Location="http://127.0.0.1:1/elsewhere"),
        reply(status=308, Location="/v2"),
        Reply(b"HTTP/1.1 204 X\r\n\r\n"),
        reply(b""),
        reply(b" \n"),
        reply("1" * 100_001),
        reply(compress(b"1" * 5_000_000), Content_Encoding="gzip"),
    ],
    ids=["302", "302 with data", "308", "204", "empty", "blank", "too-large", "gzip-bomb"],
)
def test_what_no_retry_mends_is_refused_at_once(bad: Reply) -> None:
    error, requests = ask(script(bad, OK))
    assert isinstance(error, ProviderContractError)
    assert requests == 1


def test_a_silent_server_is_given_up_in_time() -> None:
    started = time.monotonic()
    error, requests = ask(script(late(5, {})), replace(HASTY, retries=1))
    assert isinstance(error, ProviderTransientError)
    assert "in time" in error.message
    assert requests == 2
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_server_that_drips_bytes_is_cut_off(part: str) -> None:
    raw = OK.raw if part == "head" else reply("1" * 1000).raw
    drip = Reply(raw, drip=0.05)
    started = time.monotonic()
    error, _ = ask(script(drip), replace(HASTY, attempt=0.4, retries=0))
    assert isinstance(error, ProviderTransientError)
    assert time.monotonic() - started < 2


def test_a_slow_server_is_waited_for() -> None:
    assert ask(script(late(0.2, {"fine": True}))) == ('{"fine": true}', 1)


def test_nobody_listening_is_a_transient_error() -> None:
    http = ProviderHttp("Acme", "http://127.0.0.1:1", {}, limits=replace(HASTY, retries=1))
    with pytest.raises(ProviderTransientError):
        http.get("/v1/things", {}, _text)
    http.close()


def test_pauses_are_scattered_below_a_limit_that_doubles_and_then_stays() -> None:
    scattered: list[tuple[float, float]] = []

    def jitter(least: float, most: float) -> float:
        scattered.append((least, most))
        return 0

    limits = replace(HASTY, first_backoff=0.5, longest_backoff=3, retries=5)
    with serve(script(reply(status=500))) as wire:
        http = ProviderHttp("Acme", wire.base, {}, limits=limits, jitter=jitter)
        with pytest.raises(ProviderTransientError):
            http.get("/v1/things", {}, _text)
        http.close()
    assert scattered == [(0, 0.5), (0, 1), (0, 2), (0, 3), (0, 3)]


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [("3", 3, 3.1), (None, 0, 0.1), ("999999999", 60, 60.1), ("soon", 0, 0.1), ("-5", 0, 0.1)],
)
def test_retry_after_is_honoured_within_a_minute(
    asked: str | None, least: float, most: float
) -> None:
    waited: list[float] = []
    now = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        waited.append(seconds)
        now += seconds

    with serve(script(reply(status=429, Retry_After=asked), OK)) as wire:
        http = ProviderHttp("Acme", wire.base, {}, limits=HASTY, sleep=sleep, clock=lambda: now)
        assert http.get("/v1/things", {}, _text) == '{"fine": true}'
        http.close()
    assert least <= sum(waited) <= most


def test_waiting_beyond_the_time_of_the_call_is_not_begun() -> None:
    busy = reply(status=429, Retry_After="30")
    error, requests = ask(script(busy), replace(HASTY, call=5))
    assert isinstance(error, ProviderRateLimitedError)
    assert error.retry_after == 30
    assert requests == 1


def test_the_provider_may_forbid_a_retry_or_ask_for_one() -> None:
    forbidden = reply(status=500, Stripe_Should_Retry="false")
    wanted = reply(b"", Stripe_Should_Retry="true")
    assert ask(script(forbidden, OK))[1] == 1
    assert ask(script(wanted, OK)) == ('{"fine": true}', 2)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("Fri, 20 Nov 2026 12:00:30 GMT", 30),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 0),
        ("Fri, 20 Nov 9999 11:00:00 GMT", 86_400),
        ("100000", 86_400),
        ("nan", None),
        ("2.0", 2),
        ("1.5", 2),
        ("1.", None),
        ("", None),
        ("9" * 40, None),
    ],
)
def test_retry_after_in_its_forms(value: str, seconds: int | None) -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert retry_after({"retry-after": value}, now) == seconds


def test_a_stop_ends_a_wait_at_once() -> None:
    asked = threading.Event()
    started = time.monotonic()
    error, requests = ask(
        script(reply(status=429, Retry_After="50")),
        sleep=lambda _seconds: asked.set(),
        stop=asked.is_set,
    )
    assert isinstance(error, InterruptedWaitError)
    assert isinstance(error, ProviderTransientError)
    assert requests == 1
    assert time.monotonic() - started < 2


def test_closing_from_another_thread_ends_a_request_under_way() -> None:
    with serve(script(late(10, {}))) as wire:
        http = ProviderHttp("Acme", wire.base, {}, limits=replace(HASTY, read=30, attempt=30))
        threading.Timer(0.2, http.close).start()
        started = time.monotonic()
        with pytest.raises(InterruptedWaitError):
            http.get("/v1/things", {}, _text)
        assert time.monotonic() - started < 2
        with pytest.raises(InterruptedWaitError):
            http.get("/v1/things", {}, _text)


def test_connections_are_kept() -> None:
    with serve(script(OK)) as wire:
        http = ProviderHttp("Acme", wire.base, {}, limits=HASTY)
        for _ in range(5):
            http.get("/v1/things", {}, _text)
        http.close()
    assert len({request.client_port for request in wire.seen}) == 1


def test_the_environments_proxy_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert ask(script(OK)) == ('{"fine": true}', 1)


def test_the_log_tells_each_call_and_never_the_key() -> None:
    with capture_logs() as lines:
        ask(script(reply(status=500), OK))
    assert [(line["event"], line["status"], line["attempt"]) for line in lines] == [
        ("provider_call", 500, 1),
        ("provider_call", 200, 2),
    ]
    assert lines[0]["request_id"] == "req_1"
    assert all(isinstance(line["ms"], int) for line in lines)
    assert "canary" not in repr(lines)


def test_a_query_sent_as_a_post_is_tried_again_whole_and_signed_anew() -> None:
    class Numbered(httpx.Auth):
        def __init__(self) -> None:
            self.number = 0

        def auth_flow(self, request: httpx.Request) -> Signing:
            self.number += 1
            request.headers["Authorization"] = f"Signed {self.number} {request.url.query.decode()}"
            yield request

    with serve(script(reply(status=503), Reply(b"", close=True), OK)) as wire:
        http = ProviderHttp("Acme", wire.base, {}, auth=Numbered(), limits=HASTY)
        body = {"q": "SELECT 'é'"}
        found = http.post("/q", body, _text, params={"limit": 1}, headers={"Prefer": "transient"})
        assert found == '{"fine": true}'
        http.close()
    assert [request.headers["authorization"] for request in wire.seen] == [
        "Signed 1 limit=1", "Signed 2 limit=1", "Signed 3 limit=1"
    ]  # fmt: skip
    assert [json.loads(request.body) for request in wire.seen] == [body] * 3
    assert {request.headers["prefer"] for request in wire.seen} == {"transient"}
    assert {request.headers["content-type"] for request in wire.seen} == {"application/json"}


def test_a_rate_limit_told_in_the_body_is_waited_for() -> None:
    waited: list[float] = []

    def throttled(answer: Answer) -> str:
        if answer.headers.get("x-full"):
            raise ProviderRateLimitedError("slow down", retry_after=2)
        return json_text(answer, "Acme")

    def sleep(seconds: float) -> None:
        waited.append(seconds)

    clock = lambda: sum(waited)  # noqa: E731 - the time that was slept
    with serve(script(reply({}, X_Full="yes"), OK)) as wire:
        http = ProviderHttp("Acme", wire.base, {}, limits=HASTY, sleep=sleep, clock=clock)
        assert http.get("/v1/things", {}, throttled) == '{"fine": true}'
        http.close()
    assert 2 <= sum(waited) < 2.1
