"""Hostile answers by name, each with its outcome: the records that arrive, or the error that stops.

What is wrong here is the answer, not a record: its length, its type, its status, its order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from gzip import compress
from typing import Any

from pydantic import SecretStr

from ecomops.connectors.stripe import StripeConnector
from ecomops.kit.errors import (
    ProviderAuthError,
    ProviderContractError,
    ProviderError,
    ProviderPermissionError,
    ProviderRateLimitedError,
    ProviderTransientError,
)
from tests.connectors import stripe_objects as stripe
from tests.connectors.ledger import HASTY, KEY, NOW, Ledger, a_list
from tests.connectors.wire import Reply, Respond, error, reply, script, serve

Outcome = tuple[tuple[str, ...], type[ProviderError] | None, int]
"""The ids that arrived, what stopped the walk, and how many requests it took."""


@dataclass(frozen=True)
class Answers:
    """``ids`` in the order in which they arrive; then the walk ends, or stops with ``stop``.

    ``requests``: how many it takes, retries among them.
    """

    name: str
    respond: Callable[[], Respond]
    ids: tuple[str, ...] = ()
    stop: type[ProviderError] | None = None
    requests: int = 1

    @property
    def expected(self) -> Outcome:
        return self.ids, self.stop, self.requests

    def outcome(self) -> Outcome:
        """Walk the answers as a sync does. Raises what is no ProviderError."""
        ids: list[str] = []
        stop: type[ProviderError] | None = None
        with serve(self.respond()) as wire:
            key = SecretStr(KEY)
            connector = StripeConnector(key, base=wire.base, now=lambda: NOW, limits=AT_ONCE)
            try:
                for page in connector.pages("charges", None):
                    ids += [record.source_id for record in page.records]
            except ProviderError as error:
                stop = type(error)
            finally:
                connector.close()
        return tuple(ids), stop, len(wire.seen)


WHOLE = json.dumps({"object": "list", "data": [stripe.charge()], "has_more": False}).encode()
ONE = ("ch_1",)
# What Retry-After may ask for is bounded elsewhere (test_http); here nobody waits.
AT_ONCE = replace(HASTY, connect=10, read=10, longest_retry_after=0)
RETRIED = 3  # requests before a passing fault is given up


def _once(name: str, bad: Reply) -> Answers:
    """A fault that passes: the next try gets the record."""
    return Answers(name, lambda: script(replace(bad, close=True), reply(WHOLE)), ONE, requests=2)


def _stops(name: str, bad: Reply, stop: type[ProviderError], requests: int = 1) -> Answers:
    """The same answer for ever."""
    return Answers(name, lambda: script(replace(bad, close=True)), (), stop, requests)


def _garbled() -> Iterator[Answers]:
    yield _once("truncated JSON", reply(WHOLE[:100]))
    yield _once("truncated within an escape", reply(b'{"object": "list", "data": ["\\u00'))
    yield _once("shorter than it says", reply(WHOLE, Content_Length=str(len(WHOLE) + 9)))
    yield _once("longer than it says", reply(WHOLE, Content_Length="100"))
    yield _once("no length at all, cut", Reply(reply(WHOLE, Content_Length=None).raw[:-9]))
    yield _once("gzip cut", reply(compress(WHOLE)[:-60], Content_Encoding="gzip"))
    yield _once("gzip that is none", reply(WHOLE, Content_Encoding="gzip"))
    yield _once("Latin-1", reply(WHOLE.replace(b"Order", b"\xe9")))
    yield _once("UTF-16", reply(WHOLE.decode().encode("utf-16")))
    yield _once("a raw surrogate", reply(WHOLE.replace(b"Order", b"\xed\xa0\x80")))
    yield _once("a raw NUL", reply(WHOLE.replace(b"Order", b"\x00")))
    yield _once("two answers in one", reply(WHOLE + WHOLE))
    yield _once("HTML with 200", reply("<html>", Content_Type="text/html"))
    yield _once("no type", reply(WHOLE, Content_Type=None))
    yield _once("nothing", Reply(b""))
    yield _once("no HTTP", Reply(b"hello\r\n\r\n"))
    yield _once("a status that is no number", Reply(b"HTTP/1.1 abc OK\r\n\r\n"))
    yield _stops("truncated for ever", reply(WHOLE[:100]), ProviderTransientError, RETRIED)


def _senseless() -> Iterator[Answers]:
    broken: dict[str, Any] = {
        "an error with 200": {"error": {"message": "down"}},
        "an empty object": {},
        "a list": [],
        "a word": "list",
        "a null": None,
        "data an object": {"object": "list", "data": {}, "has_more": False},
        "data absent": {"object": "list", "has_more": False},
        "data null": {"object": "list", "data": None, "has_more": False},
        "has_more absent": {"object": "list", "data": []},
        "has_more a word": {"object": "list", "data": [], "has_more": "no"},
        "has_more one": {"object": "list", "data": [], "has_more": 1},
        "another object": {"object": "charge", "data": [], "has_more": False},
        "empty, and more": {"object": "list", "data": [], "has_more": True},
    }
    retried = {"a list", "a word", "a null"}  # read as perhaps cut short
    for name, body in broken.items():
        kind, requests = (
            (ProviderTransientError, RETRIED) if name in retried else (ProviderContractError, 1)
        )
        yield _stops(name, reply(json.dumps(body)), kind, requests)
    yield _stops("204", Reply(b"HTTP/1.1 204 X\r\n\r\n"), ProviderContractError)
    yield _stops("empty", reply(b""), ProviderContractError)
    deep = '{"object":"list","has_more":false,"data":[' + "[" * 100_000
    yield _stops("nested without end", reply(deep), ProviderContractError)
    older = reply(WHOLE, Stripe_Version="2020-08-27")
    yield _stops("another version", older, ProviderContractError)


def _statuses() -> Iterator[Answers]:
    for status, code in ((301, ""), (302, ""), (307, ""), (308, "")):
        away = reply(b"", status, Location="http://127.0.0.1:9/v1/charges")
        yield _stops(f"redirect to another host, {status}{code}", away, ProviderContractError)
    for status in (500, 502, 503, 504, 408, 409):
        yield _once(f"{status} once", error(status))
        yield _stops(f"{status} for ever", error(status), ProviderTransientError, RETRIED)
    yield _stops("401", error(401), ProviderAuthError)
    yield _stops("403", error(403), ProviderPermissionError)
    yield _stops("400", error(400), ProviderContractError)
    for name, wait in (
        ("without Retry-After", None), ("in 32,000 years", "999999999999"), ("negative", "-5"),
        ("a word", "soon"), ("an exponent", "1e9"), ("NaN", "nan"), ("empty", ""),
        ("a date of the past", "Wed, 21 Oct 2015 07:28:00 GMT"),
        ("a date in 9999", "Fri, 31 Dec 9999 23:59:59 GMT"), ("no date", "Fri, 99 Foo 9999"),
    ):  # fmt: skip
        yield _once(f"429 {name}", error(429, Retry_After=wait))
    yield _stops("429 for ever", error(429), ProviderRateLimitedError, RETRIED)


def _walks() -> Iterator[Answers]:
    first = a_list(stripe.charge(id="ch_2"), has_more=True)
    yield Answers("5xx in mid-run",
                  lambda: script(first, error(503), a_list(stripe.charge())), ("ch_2", "ch_1"),
                  requests=3)  # fmt: skip
    yield Answers("revoked in mid-run", lambda: script(first, error(401)), ("ch_2",),
                  ProviderAuthError, 2)  # fmt: skip
    again = a_list(stripe.charge(id="ch_2"))
    yield Answers("the same id across pages", lambda: script(first, again),
                  ("ch_2", "ch_2"), requests=2)  # fmt: skip
    other = stripe.charge(id="ch_2", amount_captured=1)
    yield Answers("the same id across pages, another body", lambda: script(first, a_list(other)),
                  ("ch_2", "ch_2"), requests=2)  # fmt: skip
    yield Answers("the same page for ever", lambda: script(first), ("ch_2",),
                  ProviderContractError, 2)  # fmt: skip
    yield Answers("equal times at the border", lambda: _ledger([5, 5, 5, 5]), ("3", "2", "1", "0"),
                  requests=2)  # fmt: skip
    yield Answers("times out of order at the border", lambda: _ledger([1, 9, 3, 7]),
                  ("3", "2", "1", "0"), requests=2)  # fmt: skip
    yield Answers("times in the future", lambda: _ledger([5, 10**8, 10**8]), ("2", "1", "0"),
                  requests=2)  # fmt: skip


def _ledger(seconds: list[int]) -> Respond:
    charges = [stripe.charge(id=str(n), created=stripe.CREATED + s) for n, s in enumerate(seconds)]
    return Ledger({"charges": charges}, page=2).respond


def named_answers() -> Iterator[Answers]:
    """All of them."""
    yield from _garbled()
    yield from _senseless()
    yield from _statuses()
    yield from _walks()
