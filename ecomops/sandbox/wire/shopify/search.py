"""The search syntax of ``query`` arguments, as far as money needs it.

Terms ``field:value`` with ``>=``, ``>``, ``<=``, ``<``, quotes, lists (``a,b``) and ``AND``. A
field that nobody knows is ignored and warned of in ``extensions.search``, as the real API does.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from ecomops.sandbox.wire.shopify.errors import ShopifyError

Json = dict[str, Any]
Getter = Callable[[Any], Any]

_TERM = re.compile(
    r"""\s*(?:(?P<word>AND|OR|NOT)\b|(?P<bracket>[()])|(?P<minus>-)?(?P<field>[A-Za-z_.]+):\s*
    (?P<how>>=|<=|>|<)?\s*(?P<value>'[^']*'|"[^"]*"|[^\s()]+)|(?P<bare>[^\s()]+))""",
    re.VERBOSE,
)


class Filter(NamedTuple):
    """A field that can be searched: what kind of value it has, and how a record tells it.

    ``kind`` is time (Unix seconds), number or text (capitals make no difference).
    """

    kind: str
    value: Getter


class Term(NamedTuple):
    field: str
    how: str
    value: str


@dataclass
class Search:
    """A query understood: what records must match, and what was ignored."""

    terms: list[tuple[Term, Filter]] = field(default_factory=list)
    warnings: list[Json] = field(default_factory=list)

    def matches(self, record: Any) -> bool:
        return all(_holds(filter, term, filter.value(record)) for term, filter in self.terms)

    def bounds(self, name: str) -> tuple[int | None, int | None]:
        """The instants [start, end) to which terms of a time field narrow the records."""
        start: int | None = None
        end: int | None = None
        for term, _ in self.terms:
            if term.field != name:
                continue
            low, high = instants(term.value)
            match term.how:
                case ">=":
                    start = max(start or low, low)
                case ">":
                    start = max(start or high, high)
                case "<":
                    end = min(end or low, low)
                case "<=":
                    end = min(end or high, high)
                case _:
                    start, end = max(start or low, low), min(end or high, high)
        return start, end

    def exactly(self, name: str) -> str | None:
        """The value of a term that asks for equality."""
        return next((it.value for it, _ in self.terms if it.field == name and not it.how), None)


def understand(query: str | None, filters: dict[str, Filter], now: int) -> Search:
    """Reads a query. Raises ShopifyError for what is beyond the sandbox."""
    found = Search()
    for part in _TERM.finditer((query or "").strip()):
        if part["bracket"] or part["minus"] or part["word"] in ("OR", "NOT"):
            raise ShopifyError(
                f"The sandbox reads searches of terms joined by AND, not {query!r}.",
                "NOT_SERVED_BY_SANDBOX",
            )
        if part["field"]:
            _add(found, Term(part["field"], part["how"] or "", _plain(part["value"], now)), filters)
        elif part["bare"]:
            found.warnings.append(_warning("default", part["bare"]))
    return found


def _plain(value: str, now: int) -> str:
    bare = value[1:-1] if value[0] in "'\"" else value
    return datetime.fromtimestamp(now, UTC).isoformat() if bare == "now" else bare


def _add(found: Search, term: Term, filters: dict[str, Filter]) -> None:
    known = filters.get(term.field)
    if known is None:
        found.warnings.append(_warning(term.field, term.value))
        return
    try:
        _holds(known, term, 0 if known.kind != "text" else "")
    except ValueError:
        found.warnings.append(_warning(term.field, term.value, "invalid_value"))
        return
    found.terms.append((term, known))


def _warning(name: str, value: str, code: str = "invalid_field") -> Json:
    what = "field for this query" if code == "invalid_field" else f"value for {name}"
    return {
        "field": name,
        "match_all": value,
        "message": f"Invalid search {what}.",
        "code": code,
    }


def _holds(filter: Filter, term: Term, value: Any) -> bool:
    if value is None:
        return False
    if filter.kind == "text":
        wanted = {it.strip().lower() for it in term.value.split(",")}
        held = value if isinstance(value, tuple | list) else (value,)
        return any(str(it).lower() in wanted for it in held)
    if filter.kind == "number":
        number = int(term.value.rpartition("/")[2])
        return _between(value, term.how, number, number + 1)
    return _between(value, term.how, *instants(term.value))


def _between(value: int, how: str, low: int, high: int) -> bool:
    """``low`` is where the value asked for begins, ``high`` where the next one does."""
    match how:
        case ">=":
            return value >= low
        case ">":
            return value >= high
        case "<":
            return value < low
        case "<=":
            return value < high
    return low <= value < high


def instants(text: str) -> tuple[int, int]:
    """The second, day, month or year that a text names: [start, end) in Unix seconds.

    Raises ValueError.
    """
    if re.fullmatch(r"\d{4}", text):
        return _stamp(datetime(int(text), 1, 1)), _stamp(datetime(int(text) + 1, 1, 1))
    if re.fullmatch(r"\d{4}-\d\d", text):
        first = datetime.fromisoformat(f"{text}-01")
        return _stamp(first), _stamp((first + timedelta(days=32)).replace(day=1))
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    start = _stamp(at)
    return start, start + (86_400 if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else 1)


def _stamp(at: datetime) -> int:
    """Without a time zone, it is the shop's: UTC."""
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
