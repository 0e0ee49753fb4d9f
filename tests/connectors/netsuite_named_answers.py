"""Hostile answers of NetSuite by name, each with its outcome: what arrives, or what stops the walk.

What is wrong here is the answer, not a row: its length, its type, its status, its order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from gzip import compress
from typing import Any

from ecomops.kit.errors import (
    ProviderAuthError,
    ProviderContractError,
    ProviderError,
    ProviderRateLimitedError,
    ProviderTransientError,
)
from tests.connectors.netsuite_rows import gl_account, netsuite_at, rows
from tests.connectors.wire import Reply, Respond, reply, script

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
        """Walk the list of accounts as a sync does. Raises what is no ProviderError."""
        ids: list[str] = []
        stop: type[ProviderError] | None = None
        with netsuite_at(self.respond()) as (connector, wire):
            try:
                for page in connector.pages("accounts", None):
                    ids += [it.source_id.rpartition(":")[2] for it in page.records]
            except ProviderError as error:
                stop = next(kind for kind in _KINDS if isinstance(error, kind))
        return tuple(ids), stop, len(wire.seen)


_KINDS = (ProviderAuthError, ProviderContractError, ProviderRateLimitedError,
          ProviderTransientError)  # fmt: skip
ONE = ("58",)
WHOLE = json.dumps({"items": [gl_account()], "hasMore": False, "count": 1}).encode()
RETRIED = 3  # requests before a passing fault is given up


def refused(status: int, code: str = "", detail: str = "No.", **headers: str | None) -> Reply:
    """An error as NetSuite words it."""
    body = {"status": status, "o:errorDetails": [{"detail": detail, "o:errorCode": code}]}
    kind = "application/vnd.oracle.resource+json; type=error; charset=UTF-8"
    return reply(body, status, Content_Type=kind, **headers)


def _once(name: str, bad: Reply) -> Answers:
    """A fault that passes: the next try gets the rows."""
    return Answers(name, lambda: script(replace(bad, close=True), reply(WHOLE)), ONE, requests=2)


def _stops(name: str, bad: Reply, stop: type[ProviderError], requests: int = 1) -> Answers:
    """The same answer for ever."""
    return Answers(name, lambda: script(replace(bad, close=True)), (), stop, requests)


def _garbled() -> Iterator[Answers]:
    yield _once("truncated JSON", reply(WHOLE[:60]))
    yield _once("truncated within an escape", reply(b'{"items": [{"id": "\\u00'))
    yield _once("shorter than it says", reply(WHOLE, Content_Length=str(len(WHOLE) + 9)))
    yield _once("longer than it says", reply(WHOLE, Content_Length="60"))
    yield _once("gzip cut", reply(compress(WHOLE)[:-40], Content_Encoding="gzip"))
    yield _once("gzip that is none", reply(WHOLE, Content_Encoding="gzip"))
    yield _once("Latin-1", reply(WHOLE.replace(b"Clearing", b"\xe9")))
    yield _once("a raw NUL", reply(WHOLE.replace(b"Clearing", b"\x00")))
    yield _once("two answers in one", reply(WHOLE + WHOLE))
    yield _once("the login page with 200", reply("<html>", Content_Type="text/html"))
    yield _once("no type", reply(WHOLE, Content_Type=None))
    yield _once("nothing", Reply(b""))
    yield _once("no HTTP", Reply(b"hello\r\n\r\n"))
    yield _stops("truncated for ever", reply(WHOLE[:60]), ProviderTransientError, RETRIED)


def _senseless() -> Iterator[Answers]:
    broken: dict[str, Any] = {
        "an error with 200": {"title": "Bad Request", "status": 400},
        "an empty object": {},
        "a list": [],
        "a word": "items",
        "a null": None,
        "a number": 7,
        "items an object": {"items": {}, "hasMore": False},
        "items absent": {"hasMore": False},
        "items null": {"items": None, "hasMore": False},
        "hasMore absent": {"items": []},
        "hasMore as NetSuite writes columns": {"items": [], "hasMore": "F"},
        "hasMore one": {"items": [], "hasMore": 1},
        "empty, and more": {"items": [], "hasMore": True},
    }
    for name, body in broken.items():
        yield _stops(name, reply(json.dumps(body)), ProviderContractError)
    yield _stops("204", Reply(b"HTTP/1.1 204 X\r\n\r\n"), ProviderContractError)
    yield _stops("empty", reply(b""), ProviderContractError)
    deep = '{"hasMore":false,"items":[' + "[" * 100_000
    yield _stops("nested without end", reply(deep), ProviderContractError)


def _statuses() -> Iterator[Answers]:
    for status in (301, 302, 307, 308):
        away = reply(b"", status, Location="http://127.0.0.1:9/services")
        yield _stops(f"redirect to another host, {status}", away, ProviderContractError)
    for status in (500, 502, 503, 504, 408):
        down = refused(status, "UNEXPECTED_ERROR")
        yield _once(f"{status} once", down)
        yield _stops(f"{status} for ever", down, ProviderTransientError, RETRIED)
    busy = refused(429, "CONCURRENCY_LIMIT_EXCEEDED")
    yield _once("too many at once", busy)
    yield _stops("too many at once for ever", busy, ProviderRateLimitedError, RETRIED)
    yield _once("an overloaded login", refused(401, "INVALID_LOGIN"))
    yield _stops("a refused login", refused(401, "INVALID_LOGIN"), ProviderAuthError, 2)
    hidden = refused(400, "INVALID_PARAMETER", "Record 'account' was not found.")
    yield _stops("a table that the role may not see", hidden, ProviderAuthError)
    column = refused(400, "INVALID_PARAMETER", "Field 'x' for record 'account' was not found.")
    yield _stops("a column that the role may not see", column, ProviderAuthError)
    yield _stops("403", refused(403, "INSUFFICIENT_PERMISSION"), ProviderAuthError)
    yield _stops("a query that is not understood", refused(400, "INVALID_REQUEST"),
                 ProviderContractError)  # fmt: skip
    yield _stops("404", refused(404, "NONEXISTENT_ID"), ProviderContractError)
    yield _stops("400 that is no JSON", reply("<html>", 400, Content_Type="text/html"),
                 ProviderContractError)  # fmt: skip


def _walks() -> Iterator[Answers]:
    first = rows(gl_account(id="7"), more=True)
    rest = rows(gl_account())
    yield Answers("5xx in mid-run", lambda: script(first, refused(503), rest), ("7", "58"),
                  requests=3)  # fmt: skip
    yield Answers("revoked in mid-run", lambda: script(first, refused(401)), ("7",),
                  ProviderAuthError, 3)  # fmt: skip
    yield Answers("the same page for ever", lambda: script(first), ("7",),
                  ProviderContractError, 2)  # fmt: skip
    back = rows(gl_account(id="3"), more=True)
    yield Answers("a page that goes back", lambda: script(first, back), ("7",),
                  ProviderContractError, 2)  # fmt: skip
    nameless = rows(gl_account(id="x"), more=True)
    yield Answers("a page without ids", lambda: script(first, nameless), ("7",),
                  ProviderContractError, 2)  # fmt: skip
    again = rows(gl_account(id="7"))
    yield Answers("the same id on the last page", lambda: script(first, again), ("7", "7"),
                  requests=2)  # fmt: skip
    text_order = rows(gl_account(id="9"), gl_account(id="10"), more=True)
    yield Answers("ids by number and not by text", lambda: script(text_order, rest),
                  ("9", "10", "58"), requests=2)  # fmt: skip


def named_answers() -> Iterator[Answers]:
    """All of them."""
    yield from _garbled()
    yield from _senseless()
    yield from _statuses()
    yield from _walks()
