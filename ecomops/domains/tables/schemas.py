"""What goes in and out of the table explorer."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

Direction = Literal["asc", "desc"]


@dataclass(frozen=True, slots=True)
class TableQuery:
    """Which rows of a table, in what order. Dates are the workspace's days, both included.

    ``sort_by`` None: newest first. ``cursor`` is a page's ``next_cursor`` or ``previous_cursor``.
    """

    table: str
    status: tuple[str, ...] = ()
    date_from: date | None = None
    date_to: date | None = None
    sort_by: str | None = None
    sort_dir: Direction = "desc"
    cursor: str | None = None
    page_size: int = 50


@dataclass(frozen=True, slots=True)
class TablePage:
    """Rows by column name; money is int units of the row's currency, times are UTC."""

    rows: tuple[dict[str, Any], ...]
    next_cursor: str | None
    previous_cursor: str | None


@dataclass(frozen=True, slots=True)
class Count:
    """``capped``: there are more than ``value``."""

    value: int
    capped: bool
