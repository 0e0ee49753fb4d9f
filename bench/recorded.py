"""What use cases send to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg


@contextmanager
def recorded() -> Iterator[list[tuple[bytes, Any]]]:
    """The statements of the block, each with its values, in order, by whatever way they go."""
    sent: list[tuple[bytes, Any]] = []
    execute: Any = psycopg.Cursor.execute

    def noted(self: Any, query: Any, params: Any = None, **how: Any) -> Any:
        sent.append((query.encode() if isinstance(query, str) else query, params))
        return execute(self, query, params, **how)

    psycopg.Cursor.execute = noted  # type: ignore[method-assign]  # for a moment
    try:
        yield sent
    finally:
        psycopg.Cursor.execute = execute  # type: ignore[method-assign]
