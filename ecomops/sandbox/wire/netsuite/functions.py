"""Functions of SuiteQL that SQLite does not have, or has otherwise."""

import sqlite3
from collections.abc import Callable
from decimal import Context, Decimal
from typing import Any, cast

from ecomops.sandbox.wire.netsuite import dates

_EXACT_DIGITS = Context(prec=15)
"""As many digits as SQLite keeps of a number exactly."""


def as_text(value: Any) -> str:
    """A value as an answer holds it: numbers without needless zeros, dates as the account shows
    them."""
    if isinstance(value, str):
        return dates.shown(value) if dates.is_held(value) else value
    if isinstance(value, int):
        return str(value)
    number = _EXACT_DIGITS.create_decimal(str(value)).normalize()
    return f"{number:f}"


class ExactSum:
    """SUM in decimals; as text, which the query casts to a number."""

    def __init__(self) -> None:
        self._total: Decimal | None = None

    def step(self, value: Any, /) -> None:
        if value is not None:
            self._total = (self._total or Decimal(0)) + Decimal(as_text(value))

    def finalize(self) -> str | None:
        return None if self._total is None else str(self._total)


def to_char(value: Any, pattern: str | None = None) -> str | None:
    if value is None:
        return None
    if dates.is_held(value):
        return dates.shown(value, pattern or dates.ACCOUNT_FORMAT)
    if pattern is not None:
        raise ValueError("The simulator formats dates only.")
    return as_text(value)


def to_date(text: Any, pattern: str | None = None) -> str | None:
    if text is None:
        return None
    if dates.is_held(text):
        return str(text)
    return dates.read(str(text), pattern or dates.ACCOUNT_FORMAT)


def trunc(value: Any) -> Any:
    if value is None:
        return None
    return dates.truncated(value) if dates.is_held(value) else int(Decimal(str(value)))


class Failure:
    """SQLite tells no reason when a function of ours raises, so it is kept here."""

    def __init__(self) -> None:
        self.reason: str | None = None

    def watched(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            try:
                return function(*arguments)
            except (ValueError, ArithmeticError) as error:
                self.reason = str(error)
                raise

        return call


def install(
    database: sqlite3.Connection,
    failure: Failure,
    display: Callable[[str, Any], Any],
    now: Callable[[], str],
) -> None:
    """Makes the functions known to a connection. ``now`` tells a date as SQL holds it."""
    known: dict[str, tuple[int, Callable[..., Any]]] = {
        "NS_TO_CHAR": (-1, to_char),
        "NS_TO_DATE": (-1, to_date),
        "NS_TRUNC": (1, trunc),
        "NS_DF": (2, display),
        "NS_NOW": (0, now),
    }
    for name, (count, function) in known.items():
        database.create_function(name, count, failure.watched(function))
    database.create_aggregate("NS_SUM", 1, cast("Any", ExactSum))
