"""Bulk operations: queries that run on a thread of their own and leave a file of JSON lines."""

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random
from threading import Lock, RLock, Thread
from typing import Any

from graphql import DocumentNode

from ecomops.sandbox.wire.shopify import bulk_query
from ecomops.sandbox.wire.shopify.bulk_query import BulkQuery, Shape
from ecomops.sandbox.wire.shopify.values import gid, instant
from ecomops.sandbox.wire.shopify.view import View

Json = dict[str, Any]
Run = Callable[[DocumentNode, Json, str | None, View], Any]

MOST_AT_ONCE = 5
_FIRST_NUMBER = 7_900_000_000_001
_BUSY = "A bulk query operation for this app and shop is already in progress"
_PIECE = 1 << 16
_OPEN = ("CREATED", "RUNNING", "CANCELING")


class _StoppedError(Exception):
    """An operation ends before its time, with a status and perhaps an error code."""

    def __init__(self, status: str, code: str | None = None) -> None:
        super().__init__(status)
        self.status, self.code = status, code


class Lines:
    """JSON lines in a file without a name, which is gone with the process however it ends."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115, it lives as long as we do
        self.size = 0

    def add(self, found: list[Json]) -> None:
        rows = (json.dumps(it, separators=(",", ":"), ensure_ascii=False) for it in found)
        text = "".join(f"{row}\n" for row in rows).encode()
        self._file.write(text)
        self._file.flush()
        self.size += len(text)

    def pieces(self) -> Iterator[bytes]:
        """The bytes, for any number of readers at once."""
        for start in range(0, self.size, _PIECE):
            yield os.pread(self._file.fileno(), _PIECE, start)


@dataclass
class BulkOperation:
    """One operation. Counts grow while it runs; ``now`` is the instant it looks at."""

    number: int
    query: str
    grouped: bool
    now: int
    address: str
    status: str = "CREATED"
    error_code: str | None = None
    objects: int = 0
    roots: int = 0
    lines: Lines | None = None
    completed: bool = False

    @property
    def id(self) -> str:
        return gid("BulkOperation", self.number)

    @property
    def url(self) -> str:
        return f"{self.address}/bulk/{self.number}.jsonl"


@dataclass
class Pace:
    """How bulk operations go: no faster than so many seconds, and how many of the next fail."""

    seconds: float = 0.0
    failing: int = 0


Outcome = tuple[BulkOperation | None, list[Json]]


class BulkOperations:
    """All operations of a shop. ``lock`` guards the world."""

    def __init__(self, lock: RLock, run: Run) -> None:
        self._world_lock, self._run, self._lock = lock, run, Lock()
        self._kept: dict[str, BulkOperation] = {}
        self.pace = Pace()

    def find(self, id: str) -> BulkOperation | None:
        return self._kept.get(id)

    def current(self) -> BulkOperation | None:
        """The newest."""
        return next(reversed(self._kept.values()), None)

    def lines(self, number: int) -> Lines | None:
        """The finished lines of an operation."""
        found = self.find(gid("BulkOperation", number))
        return found.lines if found else None

    def start(self, text: str, grouped: bool, view: View) -> Outcome:
        """(the operation, why there is none)"""
        query = bulk_query.read(text)
        if query.problems:
            return None, [_error(["query"], it, "INVALID") for it in query.problems]
        with self._lock:
            going = [it.id for it in self._kept.values() if it.status in _OPEN]
            if len(going) >= MOST_AT_ONCE:
                message = f"{_BUSY}: {', '.join(going)}."
                return None, [_error(None, message, "OPERATION_IN_PROGRESS")]
            number = _FIRST_NUMBER + 32_768 * len(self._kept)
            made = BulkOperation(number, text, grouped, view.now, view.address)
            self._kept[made.id] = made
        mine = replace(view, unlimited=True, warnings=[])
        Thread(target=self._work, args=(made, query, mine), daemon=True).start()
        return made, []

    def cancel(self, id: str) -> Outcome:
        """(the operation, why it goes on)"""
        found = self.find(id)
        if found is None:
            return None, [{"field": ["id"], "message": "Bulk operation does not exist"}]
        with self._lock:
            if found.status not in _OPEN:
                done = found.status.lower()
                message = f"A bulk operation cannot be canceled when it is {done}"
                return found, [{"field": None, "message": message}]
            found.status = "CANCELING"
        return found, []

    # the work of one operation

    def _work(self, operation: BulkOperation, query: BulkQuery, view: View) -> None:
        ends = time.monotonic() + self.pace.seconds
        lines = Lines()
        try:
            self._begin(operation)
            self._write(operation, query, view, lines)
            while time.monotonic() < ends:
                self._check(operation)
                time.sleep(0.01)
            self._check(operation)
            self._finish(operation, lines, "COMPLETED")
        except _StoppedError as stopped:
            operation.error_code = stopped.code
            self._finish(operation, lines, stopped.status)
        except Exception:
            operation.error_code = "INTERNAL_SERVER_ERROR"
            self._finish(operation, lines, "FAILED")
            raise

    def _begin(self, operation: BulkOperation) -> None:
        with self._lock:
            if operation.status == "CREATED":
                operation.status = "RUNNING"

    def _check(self, operation: BulkOperation) -> None:
        if operation.status == "CANCELING":
            raise _StoppedError("CANCELED")

    def _finish(self, operation: BulkOperation, lines: Lines, status: str) -> None:
        operation.lines = lines if lines.size else None
        operation.completed = True
        operation.status = status

    def _write(self, operation: BulkOperation, query: BulkQuery, view: View, lines: Lines) -> None:
        assert query.document is not None
        fails = self._takes_failure()
        for path, shape in bulk_query.outermost(query.shape):
            document = bulk_query.paged(query.document, path)
            after, more = None, True
            while more:
                self._check(operation)
                held = self._page(document, path, after, view)
                self._put(operation, [it["node"] for it in held["edges"]], shape, lines)
                after, more = held["pageInfo"]["endCursor"], held["pageInfo"]["hasNextPage"]
                if fails:
                    raise _StoppedError("FAILED", "INTERNAL_SERVER_ERROR")

    def _takes_failure(self) -> bool:
        with self._lock:
            fails = self.pace.failing > 0
            self.pace.failing -= fails
        return fails

    def _page(self, document: DocumentNode, path: list[str], after: str | None, view: View) -> Json:
        with self._world_lock:
            done = self._run(document, {"bulkAfter": after}, None, view)
        if done.errors:
            code = (done.errors[0].extensions or {}).get("code")
            known = code if code == "ACCESS_DENIED" else "INTERNAL_SERVER_ERROR"
            raise _StoppedError("FAILED", known)
        held: Json = done.data
        for name in path:
            held = held[name]
        return held

    def _put(self, operation: BulkOperation, nodes: list[Json], shape: Shape, lines: Lines) -> None:
        found = [line for node in nodes for line in bulk_query.lines(node, shape)]
        if not operation.grouped:
            Random(operation.number + operation.objects).shuffle(found)
        lines.add(found)
        operation.objects += len(found)
        operation.roots += len(nodes)


def _error(field: list[str] | None, message: str, code: str) -> Json:
    return {"field": field, "message": message, "code": code}


# fields


def _start(it: None, view: View, query: str, groupObjects: bool = False) -> Json:
    operation, errors = view.bulk.start(query, groupObjects, view)
    return {"bulkOperation": operation, "userErrors": errors}


def _cancel(it: None, view: View, id: str) -> Json:
    operation, errors = view.bulk.cancel(id)
    return {"bulkOperation": operation, "userErrors": errors}


def _current(it: None, view: View, type: str = "QUERY") -> BulkOperation | None:
    found: BulkOperation | None = view.bulk.current() if type == "QUERY" else None
    return found


def _url(it: BulkOperation, view: View) -> str | None:
    return it.url if it.status == "COMPLETED" and it.lines else None


def _partial(it: BulkOperation, view: View) -> str | None:
    return it.url if it.status in ("FAILED", "CANCELED") and it.lines else None


MUTATIONS: dict[str, Callable[..., Any]] = {
    "bulkOperationRunQuery": _start,
    "bulkOperationCancel": _cancel,
}
QUERIES: dict[str, Callable[..., Any]] = {
    "bulkOperation": lambda it, view, id: view.bulk.find(id),
    "currentBulkOperation": _current,
}
OPERATION: dict[str, Callable[..., Any]] = {
    "id": lambda it, view: it.id,
    "status": lambda it, view: it.status,
    "type": lambda it, view: "QUERY",
    "errorCode": lambda it, view: it.error_code,
    "createdAt": lambda it, view: instant(it.now),
    "completedAt": lambda it, view: instant(it.now) if it.completed else None,
    "objectCount": lambda it, view: str(it.objects),
    "rootObjectCount": lambda it, view: str(it.roots),
    "fileSize": lambda it, view: str(it.lines.size) if it.completed and it.lines else None,
    "url": _url,
    "partialDataUrl": _partial,
    "query": lambda it, view: it.query,
}
TABLES = {"BulkOperation": OPERATION, "Mutation": MUTATIONS}
CLASSES: dict[type, str] = {BulkOperation: "BulkOperation"}
