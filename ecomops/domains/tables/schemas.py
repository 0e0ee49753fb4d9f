"""What goes in and out of the table explorer."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

Direction = Literal["asc", "desc"]
Format = Literal["csv", "xlsx"]


@dataclass(frozen=True, slots=True)
class TableQuery:
    """Which rows of a table, in what order. Dates are the workspace's days, both included.

    ``amount_min`` and ``amount_max`` are major units, both included, whatever the currency.
    ``search`` is an id or a reference, or how one begins. ``sort_by`` None: newest first.
    ``cursor`` is a page's ``next_cursor`` or ``previous_cursor``.
    """

    table: str
    status: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    currency: tuple[str, ...] = ()
    connection_id: UUID | None = None
    date_from: date | None = None
    date_to: date | None = None
    amount_min: Decimal | None = None
    amount_max: Decimal | None = None
    search: str = ""
    sort_by: str | None = None
    sort_dir: Direction = "desc"
    cursor: str | None = None
    page_size: int = 50
    arrives_from: date | None = None
    arrives_to: date | None = None
    ties: str = ""


@dataclass(frozen=True, slots=True)
class Export:
    """A file with all rows of ``query``, in its order; page and cursor mean nothing here.

    ``columns`` are written in this order; empty: all, as the model has them. ``bom``: a CSV file
    begins with the mark by which Excel knows UTF-8.
    """

    query: TableQuery
    format: Format = "csv"
    columns: tuple[str, ...] = ()
    bom: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """The next bytes of a file, which may be none, and how many rows are written so far."""

    data: bytes
    rows: int


@dataclass(frozen=True, slots=True)
class TablePage:
    """Rows by column name, and ``id``, which is ours.

    Money is int units of the row's currency, times are UTC.
    """

    rows: tuple[dict[str, Any], ...]
    next_cursor: str | None
    previous_cursor: str | None


@dataclass(frozen=True, slots=True)
class Count:
    """``capped``: there are more than ``value``."""

    value: int
    capped: bool


@dataclass(frozen=True, slots=True)
class CurrencySum:
    """The sum of the filtered rows' ``amount`` in one currency, in units of ten-thousandths."""

    currency: str
    rows: int
    amount: int


@dataclass(frozen=True, slots=True)
class RowAddress:
    """One row of a table, by our id."""

    table: str
    row_id: UUID


@dataclass(frozen=True, slots=True)
class RelatedRow:
    """A row that belongs to another one: ``relation`` is how, as ``payout`` or ``refund``.

    ``amount`` is in units of ten-thousandths of ``currency``.
    """

    relation: str
    at: RowAddress
    source_id: str
    status: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class RowDetail:
    """All there is to know of one row.

    ``values`` are as in ``TablePage.rows`` but of all ``catalog.all_columns``, and ``connection``
    is the label of the connection that brought it; ``raw`` is the provider's payload, None where
    there is none. ``related`` is capped: ``more_related`` tells by relation how many rows there
    are when not all are listed.
    """

    at: RowAddress
    values: dict[str, Any]
    raw: dict[str, Any] | None
    related: tuple[RelatedRow, ...]
    more_related: dict[str, int]
    provider_url: str | None


@dataclass(frozen=True, slots=True)
class LineGroup:
    """The lines of a payout of one category and currency; amounts in units of it."""

    category: str
    currency: str
    lines: int
    gross: int
    fee: int
    net: int


@dataclass(frozen=True, slots=True)
class Makeup:
    """A payout and its lines. ``lines_are``: ``read`` to the end, still ``unread``, ``none``: the
    provider tells none of this payout, or ``moot``: it failed before they were read.

    A line in another currency than the payout's is in no sum, so that the payout does not tie.
    """

    currency: str
    amount: int
    lines_are: str
    groups: tuple[LineGroup, ...]

    @property
    def total(self) -> LineGroup:
        """What the lines in the payout's currency come to."""
        own = [group for group in self.groups if group.currency == self.currency]
        return LineGroup(
            "total",
            self.currency,
            sum(group.lines for group in own),
            sum(group.gross for group in own),
            sum(group.fee for group in own),
            sum(group.net for group in own),
        )


@dataclass(frozen=True, slots=True)
class RowEvent:
    """What the audit log says of how a row came in. ``occurred_at`` is UTC."""

    id: UUID
    occurred_at: datetime
    action: str
    actor: str
    status: str
    correlation_id: str


@dataclass(frozen=True, slots=True)
class SavedView:
    """A screen as somebody kept it: ``query`` is the query of its address.

    ``screen`` is a table's name or ``audit``. ``mine``: the person who asks made it, and may
    change it. ``is_default``: the screen opens with it for the person who asks.
    """

    id: UUID
    screen: str
    name: str
    query: str
    shared: bool
    mine: bool
    is_default: bool


@dataclass(frozen=True, slots=True)
class SaveView:
    """Keep a screen under a name; ``view_id`` names one to change instead of a new one."""

    screen: str
    name: str
    query: str
    shared: bool = False
    view_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class DefaultView:
    """What a screen opens with for the person who asks; None: as it comes."""

    screen: str
    view_id: UUID | None
