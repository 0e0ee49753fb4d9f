"""Reads a list request's query the way Stripe does, and refuses it the way Stripe does."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from ecomops.sandbox.wire.stripe.errors import bad_parameter

_KEY = re.compile(r"(\w+)(?:\[(\w*)\])?")
_RANGE = ("gt", "gte", "lt", "lte")
DEFAULT_LIMIT, MAX_LIMIT = 10, 100


@dataclass
class Range:
    """Seconds from ``start`` (included) to ``end`` (not included)."""

    start: int | None = None
    end: int | None = None

    def holds(self, instant: int) -> bool:
        after_start = self.start is None or instant >= self.start
        return after_start and (self.end is None or instant < self.end)

    def narrow(self, comparison: str, value: int) -> None:
        if comparison in ("", "gt", "gte"):
            bound = value + (comparison == "gt")
            self.start = bound if self.start is None else max(bound, self.start)
        if comparison in ("", "lt", "lte"):
            bound = value + (comparison != "lt")
            self.end = bound if self.end is None else min(bound, self.end)


@dataclass
class Query:
    """A request's parameters, checked."""

    limit: int = DEFAULT_LIMIT
    starting_after: str | None = None
    ending_before: str | None = None
    expand: list[str] = field(default_factory=list)
    ranges: dict[str, Range] = field(default_factory=dict)
    filters: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)


def parse_query(
    text: str,
    *,
    filters: frozenset[str],
    ranges: frozenset[str],
    lists: frozenset[str] = frozenset(),
) -> Query:
    """The query of a list of objects that takes these filters. Raises StripeError 400.

    ``lists`` are filters with several values, as ``types[]=…&types[]=…``.
    """
    query = Query()
    for key, value in parse_qsl(text, keep_blank_values=True):
        name, inner = _name(key)
        if name in lists and inner is not None:
            query.lists.setdefault(name, []).append(_filled(name, value))
        else:
            _take(query, key, value, filters, ranges)
    if query.starting_after is not None and query.ending_before is not None:
        raise bad_parameter(
            "You may only specify one of these parameters: starting_after, ending_before.",
            "starting_after",
        )
    return query


def parse_expand(text: str) -> list[str]:
    """The query of a single object: it takes ``expand`` alone. Raises StripeError 400."""
    query = Query()
    for key, value in parse_qsl(text, keep_blank_values=True):
        if _name(key)[0] != "expand":
            raise _unknown(key)
        _take(query, key, value, frozenset(), frozenset())
    return query.expand


def _name(key: str) -> tuple[str, str | None]:
    match = _KEY.fullmatch(key)
    return (match[1], match[2]) if match else (key, None)


def _take(
    query: Query, key: str, value: str, filters: frozenset[str], ranges: frozenset[str]
) -> None:
    name, inner = _name(key)
    if name == "expand":
        if inner is None:
            raise bad_parameter("Invalid array", "expand")
        query.expand.append(value)
    elif name in ranges:
        _take_range(query, name, inner, value)
    elif inner is not None:
        raise _unknown(key)
    elif name == "limit":
        query.limit = _limit(value)
    elif name in ("starting_after", "ending_before"):
        setattr(query, name, _filled(name, value))
    elif name in filters:
        query.filters[name] = _filled(name, value)
    else:
        raise _unknown(key)


def _take_range(query: Query, name: str, inner: str | None, value: str) -> None:
    if inner is not None and inner not in _RANGE:
        raise _unknown(f"{name}[{inner}]")
    range = query.ranges.setdefault(name, Range())
    range.narrow(inner or "", _integer(f"{name}[{inner}]" if inner else name, value))


def _unknown(key: str) -> Exception:
    return bad_parameter(f"Received unknown parameter: {key}", key, "parameter_unknown")


def _filled(name: str, value: str) -> str:
    if not value:
        raise bad_parameter(
            f"You passed an empty string for '{name}'. We assume empty values are an attempt to "
            f"unset a parameter; however '{name}' cannot be unset.",
            name,
            "parameter_invalid_empty",
        )
    return value


def _integer(name: str, value: str) -> int:
    if not re.fullmatch(r"-?\d{1,12}", value):
        raise bad_parameter(f"Invalid integer: {value}", name, "parameter_invalid_integer")
    return int(value)


def _limit(value: str) -> int:
    limit = _integer("limit", value)
    if limit < 1:
        raise bad_parameter(
            "This value must be greater than or equal to 1.", "limit", "parameter_invalid_integer"
        )
    if limit > MAX_LIMIT:
        raise bad_parameter(
            f"This value must be less than or equal to {MAX_LIMIT} (you passed {limit}).",
            "limit",
            "parameter_invalid_integer",
        )
    return limit
