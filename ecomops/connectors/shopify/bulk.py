"""The first reading of a large shop's orders: one bulk operation in place of thousands of queries.

Follows "Bulk operations" of the Admin API documentation. Shopify runs the query by itself, which
costs no points, and hands out a file of JSON lines: an order a line, and each of its items on a
line of its own that names it as ``__parentId``, before it or behind it or far away.
"""

import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, Self

from ecomops.connectors.decoding import decoded
from ecomops.connectors.exact_json import Element, read_element, sanitised
from ecomops.connectors.shopify.client import ShopifyClient
from ecomops.connectors.shopify.documents import (
    BULK_START,
    BULK_STATE,
    ORDERS_COUNT,
    bulk_orders,
)
from ecomops.connectors.shopify.fields import read_moment, valid_gid
from ecomops.kit.errors import ProviderContractError, ProviderTransientError
from ecomops.kit.logging import get_logger

_log = get_logger(__name__)

BULK_FROM: Final = 5_000
"""Orders from which on a file is quicker than pages, which a small plan gets 40 of in a second."""
FILES_LAST: Final = timedelta(days=6)
"""How long a file is sure to be there: a day less than Shopify says."""
AT_ONCE: Final = 100
_LONGEST_LINE: Final = 2**24  # bytes
_FIRST_LOOK, _LONGEST_LOOK = 1, 15  # seconds between two looks
_MOST_LOOKS: Final = 2_000  # eight hours
_UNDER_WAY: Final = ("CREATED", "RUNNING")


@dataclass(frozen=True, slots=True)
class BulkPlace:
    """Where the reading of a file stands: the operation, and how many of its orders are done."""

    operation: str
    done: int = 0

    @classmethod
    def of(cls, cursor: Mapping[str, Any] | None) -> Self | None:
        """From a stored cursor; None where it is one of a walk by pages."""
        told = cursor or {}
        operation, done = told.get("bulk"), told.get("done")
        if not valid_gid(operation, "BulkOperation") or type(done) is not int or done < 0:
            return None
        return cls(operation, done)

    @property
    def cursor(self) -> dict[str, Any]:
        return {"bulk": self.operation, "done": self.done}


class Finished(NamedTuple):
    """An operation that came to its end; ``url`` is None where there was nothing to tell."""

    started: datetime
    orders: int
    size: int  # bytes
    url: str | None


class BulkOrders:
    """Starts, awaits and reads bulk operations. All methods raise ProviderError subclasses."""

    def __init__(self, client: ShopifyClient, least: int | None) -> None:
        self._client, self._least = client, least

    def begin(self) -> BulkPlace | None:
        """A new operation; None where pages will do, or too many operations are under way."""
        if self._least is None:
            return None
        count = _object(self._client.query(ORDERS_COUNT).get("ordersCount")).get("count")
        if type(count) is not int or count < self._least:
            return None
        query = bulk_orders(personal=self._client.personal)
        # Asked twice by a lost answer, the other operation runs to its end and is never read.
        told = self._client.query(BULK_START, {"query": query}).get("bulkOperationRunQuery")
        operation = _object(_object(told).get("bulkOperation")).get("id")
        return BulkPlace(operation) if valid_gid(operation, "BulkOperation") else None

    def await_end(self, place: BulkPlace) -> Finished | None:
        """The operation once it is done; None where it failed, or is not known any more."""
        wait = _FIRST_LOOK
        for _ in range(_MOST_LOOKS):
            told = self._client.query(BULK_STATE, {"id": place.operation}).get("bulkOperation")
            state = _object(told)
            if state.get("status") not in _UNDER_WAY:
                return _finished(state)
            self._client.pause(wait)
            wait = min(_LONGEST_LOOK, 2 * wait)
        raise ProviderTransientError("Shopify's bulk operation for the orders takes too long.")

    def orders(self, finished: Finished, done: int) -> Iterator[list[Element]]:
        """The orders of the file behind the first ``done``, with their items, some at once."""
        if finished.url is None:
            return
        with tempfile.TemporaryDirectory(prefix="ecomops-bulk-") as folder:
            with (Path(folder) / "orders.jsonl").open("w+b") as file:
                self._client.download(finished.url, file, finished.size)
                shelf = _Shelf(Path(folder) / "orders.db", file)
            with closing(shelf):
                shelf.require(finished.orders)
                yield from shelf.read(done)


class _Shelf:
    """The lines of a file, sorted out on disk: items are found by their order."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._store = sqlite3.connect(path, isolation_level=None)
        self._store.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE orders (number INTEGER PRIMARY KEY, id TEXT, line TEXT);"
            "CREATE TABLE items (parent TEXT, line TEXT)"
        )
        self._store.execute("BEGIN")
        file.seek(0)
        for line in _lines(file):
            self._put(line)
        self._store.execute("CREATE INDEX items_of ON items (parent)")
        self._store.execute("COMMIT")

    def _put(self, line: str) -> None:
        value = decoded(line, "Shopify", read_element).value
        if not isinstance(value, dict):
            raise ProviderContractError("Shopify's file of orders holds something else.")
        parent = value.get("__parentId")
        if parent is None:
            values = (str(value.get("id")), line)
            self._store.execute("INSERT INTO orders (id, line) VALUES (?, ?)", values)
        else:
            self._store.execute("INSERT INTO items VALUES (?, ?)", (str(parent), line))

    def require(self, orders: int) -> None:
        """Raise ProviderError unless the file is whole: so many orders, and no item of another."""
        ((found,),) = self._store.execute("SELECT count(*) FROM orders")
        if found != orders:
            raise ProviderTransientError(
                f"Shopify's file of orders was cut short: {found} of {orders} came."
            )
        lost = self._store.execute(
            "SELECT 1 FROM items WHERE parent NOT IN (SELECT id FROM orders) LIMIT 1"
        )
        if lost.fetchone() is not None:
            raise ProviderContractError("Shopify's file holds items of orders that it leaves out.")

    def read(self, done: int) -> Iterator[list[Element]]:
        while rows := self._store.execute(
            "SELECT number, id, line FROM orders WHERE number > ? ORDER BY number LIMIT ?",
            (done, AT_ONCE),
        ).fetchall():
            yield [self._whole(id, line) for _, id, line in rows]
            done = rows[-1][0]

    def _whole(self, id: str, line: str) -> Element:
        """The order with its items in it, as a page would tell it."""
        found = self._store.execute("SELECT line FROM items WHERE parent = ? ORDER BY rowid", (id,))
        items = ",".join(item for (item,) in found)
        page = '"pageInfo":{"hasNextPage":false,"endCursor":null}'
        return read_element(f'{line[:-1]},"lineItems":{{"nodes":[{items}],{page}}}}}')

    def close(self) -> None:
        self._store.close()


def _lines(file: BinaryIO) -> Iterator[str]:
    while line := file.readline(_LONGEST_LINE + 1):
        if len(line) > _LONGEST_LINE:
            raise ProviderContractError("Shopify's file of orders holds a line beyond all measure.")
        try:
            text = line.decode("utf-8").strip()
        except UnicodeDecodeError as error:
            raise ProviderTransientError(
                "Shopify's file of orders cannot be read.", detail=str(error)
            ) from None
        if text:
            yield sanitised(text)


def _finished(state: Mapping[str, Any]) -> Finished | None:
    status, url = state.get("status"), state.get("url")
    if status != "COMPLETED":
        # What it told until then is a part; the orders are read by pages instead.
        _log.warning("shopify_bulk_ended", status=status, error=state.get("errorCode"))
        return None
    started, orders = read_moment(state.get("createdAt")), _count(state.get("rootObjectCount"))
    size = _count(state.get("fileSize")) if url is not None else 0
    if started is None or orders is None or size is None or not isinstance(url, str | None):
        raise ProviderContractError("Shopify did not say what its bulk operation came to.")
    if url is None and orders:
        raise ProviderContractError("Shopify did not say where its file of orders is.")
    return Finished(started, orders, size, url)


def _count(value: object) -> int | None:
    """An UnsignedInt64, which comes as text."""
    told = isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) <= 15
    return int(str(value)) if told else None


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
