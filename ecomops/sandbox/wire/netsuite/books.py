"""The account's books in an in-memory SQLite database, filled as far as the clock has come.

Lists are there at once. Transactions are made when somebody asks for them first, a day at a time;
what clients post is added to them and stays whichever way the clock is set.
"""

import heapq
import sqlite3
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from threading import RLock, Thread
from typing import Any

from ecomops.sandbox.wire.netsuite import functions, rows
from ecomops.sandbox.wire.netsuite.dates import held_instant
from ecomops.sandbox.wire.netsuite.dialect import QueryError, Translated
from ecomops.sandbox.wire.netsuite.schema import (
    OF_TRANSACTIONS,
    TABLES,
    insertion,
    statements,
)
from ecomops.sandbox.world.netsuite.bookkeeper import Bookkeeper
from ecomops.sandbox.world.netsuite.desk import FIRST_ID, IDS_A_DAY, POSTED_SLOT
from ecomops.sandbox.world.netsuite.entries import RECORD_TYPES, Event, Transaction
from ecomops.sandbox.world.netsuite.periods import Period, periods
from ecomops.sandbox.world.world import World

_READS = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION)
_STEPS_BETWEEN_LOOKS, _MOST_LOOKS = 1_000_000, 2_000
_LISTS = [name for name in TABLES if name not in OF_TRANSACTIONS]


class Books:
    """Safe for use by several threads. ``bookkeeper`` reads the world's ledger."""

    def __init__(self, world: World, bookkeeper: Bookkeeper) -> None:
        self._world, self._bookkeeper = world, bookkeeper
        self._lock = RLock()
        self._failure = functions.Failure()
        self._database = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA case_sensitive_like = ON")
        self._changed: dict[int, Event] = {}
        self._last_posted = 0
        self._warming = False
        self._period_names: dict[int, str] = {}
        self._periods_of: date | None = None
        functions.install(
            self._database, self._failure, self._display, lambda: held_instant(world.now)
        )
        for statement in statements():
            self._database.execute(statement)
        self._begin()

    # asking

    def ask(
        self, query: Translated, params: Sequence[str], limit: int, offset: int
    ) -> tuple[list[dict[str, Any]], int]:
        """A page of rows by column, NULLs left out, and how many rows there are in all.

        Raises QueryError.
        """
        with self._lock:
            self._fill(query.tables)
            self._failure.reason = None
            try:
                return self._read(query.sql, params, limit, offset)
            except sqlite3.Error as error:
                raise QueryError(_told(error, self._failure.reason)) from error

    def _read(
        self, sql: str, params: Sequence[str], limit: int, offset: int
    ) -> tuple[list[dict[str, Any]], int]:
        with _reading(self._database):
            count = self._database.execute(f"SELECT COUNT(*) FROM ({sql})", params).fetchone()[0]
            page = self._database.execute(
                f"SELECT * FROM ({sql}) LIMIT ? OFFSET ?", (*params, limit, offset)
            )
            names = [column[0].lower().replace(":", "_") for column in page.description]
            return [_shown(names, values) for values in page], count

    # the standing of transactions

    def find(self, id: int) -> Transaction | None:
        with self._lock:
            self._fill(OF_TRANSACTIONS)
            return self._standing.get(id)

    def find_external(self, external_id: str, type: str) -> Transaction | None:
        with self._lock:
            self._fill(OF_TRANSACTIONS)
            found = self._database.execute(
                'SELECT id FROM "transaction" WHERE externalid = ? AND type = ?',
                (external_id, type),
            ).fetchone()
            return self._standing[found[0]] if found else None

    def ids(self, type: str) -> list[int]:
        """All ids of a type, in order."""
        with self._lock:
            self._fill(OF_TRANSACTIONS)
            return sorted(id for id, it in self._standing.items() if it.type == type)

    @property
    def lock(self) -> RLock:
        """Hold it from a look to the change that rests on it."""
        return self._lock

    def put(self, transaction: Transaction) -> None:
        """What a client created or changed."""
        self._change(Event(transaction.modified, transaction.id, transaction))

    def delete(self, id: int) -> None:
        self._change(Event(self._world.now, id, None))

    def _change(self, event: Event) -> None:
        with self._lock:
            self._fill(OF_TRANSACTIONS)
            self._changed[event.id] = event
            self._apply(event)

    def next_id(self) -> int:
        """An id for what a client posts; ids grow with the day of the clock."""
        with self._lock:
            day = self._world.ledger.calendar.day_of(self._world.now)
            wanted = FIRST_ID + day * IDS_A_DAY + POSTED_SLOT
            self._last_posted = max(self._last_posted + 1, wanted)
            return self._last_posted

    def periods(self) -> list[Period]:
        """As they stand at the clock's instant."""
        opened = self._world.plan.until
        return list(periods(min(opened, self._opened), self._today))

    @property
    def _opened(self) -> date:
        return datetime.fromtimestamp(self._world.ledger.calendar.midnight(0), UTC).date()

    @property
    def _today(self) -> date:
        return datetime.fromtimestamp(self._world.now, UTC).date()

    # filling

    def _begin(self) -> None:
        self._standing: dict[int, Transaction] = {}
        self._coming: list[tuple[int, int, int, Event]] = []
        self._booked_days, self._filled_to = 0, 0
        for table in OF_TRANSACTIONS:
            self._database.execute(f'DELETE FROM "{table}"')

    def _fill(self, tables: Iterable[str]) -> None:
        now = self._world.now
        self._fill_lists()
        if OF_TRANSACTIONS.isdisjoint(tables) or self._filled_to == now:
            return
        if now < self._filled_to:
            self._begin()
        self._database.execute("BEGIN")
        while self._book_day(now):
            pass
        touched = set() if self._filled_to else set(self._changed)
        while self._coming and self._coming[0][0] < now:
            event = heapq.heappop(self._coming)[-1]
            self._apply(event)
            touched.add(event.id)
        for id in touched & self._changed.keys():
            self._apply(self._changed[id])
        self._database.execute("COMMIT")
        self._filled_to = now

    def warm(self) -> None:
        """Begins to make the days in the background, so that a later question waits less.

        Returns at once, and takes no lock. Call it from one thread only.
        """
        if not self._warming:
            self._warming = True
            Thread(target=self._book_ahead, daemon=True).start()

    def _book_ahead(self) -> None:
        more = True
        while more:
            with self._lock:
                more = self._book_day(self._world.now)
            time.sleep(1 / 1000)  # a question that waits for the lock comes first

    def _book_day(self, now: int) -> bool:
        """Books the next day; False where all have been up to an instant."""
        if self._booked_days > self._world.ledger.calendar.day_of(now - 1):
            return False
        with self._world.lock:
            book = self._bookkeeper.book(self._booked_days)
        for place, event in enumerate(book.events):
            heapq.heappush(self._coming, (event.at, event.id, place, event))
        self._booked_days += 1
        return True

    def _fill_lists(self) -> None:
        if self._periods_of == self._today:
            return
        self._periods_of = self._today
        for table in _LISTS:
            self._database.execute(f'DELETE FROM "{table}"')
        known = self.periods()
        self._period_names = {period.id: period.name for period in known}
        for table, row in rows.list_rows(self._opened, known):
            self._database.execute(insertion(table), row)

    def _apply(self, event: Event) -> None:
        self._remove(event.id)
        if event.transaction is None:
            self._note_deletion(event)
            return
        self._standing[event.id] = event.transaction
        for table, row in rows.transaction_rows(event.transaction):
            self._database.execute(insertion(table), row)

    def _remove(self, id: int) -> None:
        if id in self._standing:
            self._database.execute('DELETE FROM "transaction" WHERE id = ?', (id,))
            for table in ("transactionline", "transactionaccountingline"):
                self._database.execute(f'DELETE FROM "{table}" WHERE "transaction" = ?', (id,))

    def _note_deletion(self, event: Event) -> None:
        gone = self._standing.pop(event.id, None)
        if gone is not None:
            row = rows.row(
                "deletedrecord", recordid=gone.id, name=gone.tran_id,
                type=RECORD_TYPES[gone.type], deleteddate=held_instant(event.at),
            )  # fmt: skip
            self._database.execute(insertion("deletedrecord"), row)

    def _display(self, column: str, value: Any) -> Any:
        return rows.display(column, value, self._period_names)


class _reading:
    """While it lasts a connection can only read, and not for ever."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database, self._looks = database, 0

    def __enter__(self) -> None:
        self._database.set_authorizer(
            lambda action, *_: sqlite3.SQLITE_OK if action in _READS else sqlite3.SQLITE_DENY
        )
        self._database.set_progress_handler(self._look, _STEPS_BETWEEN_LOOKS)

    def _look(self) -> int:
        self._looks += 1
        return self._looks > _MOST_LOOKS

    def __exit__(self, *_: object) -> None:
        self._database.set_authorizer(None)
        self._database.set_progress_handler(None, 0)


def _shown(names: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    told = zip(names, values, strict=True)
    return {name: functions.as_text(value) for name, value in told if value is not None}


def _told(error: sqlite3.Error, reason: str | None) -> str:
    if reason:
        return f"Search error occurred: {reason}"
    text = str(error)
    for unknown in ("no such column: ", "ambiguous column name: "):
        if text.startswith(unknown):
            field = text.removeprefix(unknown)
            return f"Search error occurred: Field '{field}' was not found or is ambiguous."
    return f"Invalid or unsupported search. {text}"
