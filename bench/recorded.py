"""What use cases send to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from ecomops import runtime


@contextmanager
def recorded() -> Iterator[list[tuple[str, Any]]]:
    """The statements of the block, each with its values, in order."""
    sent: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        sent.append((statement, values))

    event.listen(runtime.engine(), "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(runtime.engine(), "before_cursor_execute", note)
