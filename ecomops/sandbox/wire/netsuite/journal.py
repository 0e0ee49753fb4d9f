"""The journalEntry record ("Journal Entry" of the REST API Browser): read, changed and written.

Amounts are hundredths in here, and JSON numbers of at most two decimals outside.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from ecomops.sandbox.wire.netsuite.errors import user_error, wrong_value
from ecomops.sandbox.world.netsuite import chart
from ecomops.sandbox.world.netsuite.entries import Transaction

Json = dict[str, Any]
_HEAD = (
    "externalId tranDate tranId memo subsidiary currency exchangeRate postingPeriod approved line "
    "customForm department class location reversalDate reversalDefer id links"
)
_LINE = "account debit credit memo department class location entity line eliminate links"
HEAD, LINE = frozenset(_HEAD.split()), frozenset(_LINE.split())
"""The names of the fields that a body may hold, and a line in it."""

_SEGMENTS = {
    "department": ("department", chart.DEPARTMENTS),
    "class": ("klass", chart.CLASSES),
    "location": ("location", chart.LOCATIONS),
}
KEY = re.compile(r"[A-Za-z0-9_-]{1,150}")
_LONGEST_MEMO, _MOST_LINES = 999, 10_000


@dataclass
class Line:
    """A line as it is keyed in; None where nothing has been said yet."""

    account: int | None = None
    cents: int | None = None
    memo: str | None = None
    department: int | None = None
    klass: int | None = None
    location: int | None = None
    entity: int | None = None


@dataclass
class Form:
    """A journal entry on its way into the books."""

    date: date
    external_id: str | None = None
    number: str | None = None
    memo: str | None = None
    subsidiary: int | None = None
    currency: str | None = None
    rate: int | None = None
    period: int | None = None
    approved: bool = True
    lines: list[Line] = field(default_factory=list)

    @classmethod
    def of(cls, it: Transaction) -> "Form":
        lines = [
            Line(p.account, p.cents, p.memo, p.department, p.klass, p.location, p.entity)
            for p in it.postings
        ]
        return cls(
            it.date, it.external_id, it.number, it.memo, it.subsidiary, it.currency, it.rate,
            it.period, it.approved, lines,
        )  # fmt: skip

    def take(self, body: Json, *, replace_lines: bool) -> None:
        """Takes over what a body says and leaves the rest. Raises NetsuiteError 400."""
        self._take_texts(body)
        self._take_references(body)
        if "approved" in body:
            self.approved = _truth(body["approved"], "approved")
        if "exchangeRate" in body:
            self.rate = _rate(body["exchangeRate"])
        if "tranDate" in body:
            self.date = _date(body["tranDate"])
            self.period = None if "postingPeriod" not in body else self.period
        if "line" in body:
            self._take_lines(_items(body["line"]), replace_lines)

    def _take_texts(self, body: Json) -> None:
        if "externalId" in body:
            self.external_id = _text(body["externalId"], "externalId")
            if self.external_id and not KEY.fullmatch(self.external_id):
                raise wrong_value("externalId", self.external_id)
        if "memo" in body:
            self.memo = _text(body["memo"], "memo")
        if "tranId" in body:
            self.number = _text(body["tranId"], "tranId")

    def _take_references(self, body: Json) -> None:
        if "subsidiary" in body:
            self.subsidiary = _reference(body["subsidiary"], "subsidiary")
        if "postingPeriod" in body:
            self.period = _reference(body["postingPeriod"], "postingPeriod")
        if "currency" in body:
            id = _reference(body["currency"], "currency")
            symbols = {it.id: it.symbol for it in chart.CURRENCIES.values()}
            if id not in symbols:
                raise wrong_value("currency", id)
            self.currency = symbols[id]

    def _take_lines(self, items: list[Any], replace_lines: bool) -> None:
        """A line with a number changes that line, one without is added."""
        if replace_lines:
            self.lines = []
        for place, item in enumerate(items):
            path = f"line.items[{place}]"
            if not isinstance(item, dict):
                raise wrong_value(path, item)
            _take_line(self._line(item, path, replace_lines), item, path)

    def _line(self, item: Json, path: str, replace_lines: bool) -> Line:
        number = item.get("line")
        if number is None or replace_lines:
            self.lines.append(Line())
            return self.lines[-1]
        if not isinstance(number, int) or not 1 <= number <= len(self.lines):
            raise wrong_value(f"{path}.line", number)
        return self.lines[number - 1]


def _take_line(line: Line, item: Json, path: str) -> None:
    if "account" in item:
        line.account = _reference(item["account"], f"{path}.account")
    if "entity" in item:
        line.entity = _reference(item["entity"], f"{path}.entity")
    if "memo" in item:
        line.memo = _text(item["memo"], f"{path}.memo")
    for name, (attribute, known) in _SEGMENTS.items():
        if name in item:
            id = _reference(item[name], f"{path}.{name}")
            if id is not None and all(it.id != id or it.inactive for it in known):
                raise wrong_value(f"{path}.{name}", id)
            setattr(line, attribute, id)
    debit, credit = (_cents(item.get(side), f"{path}.{side}") for side in ("debit", "credit"))
    if debit is not None and credit is not None:
        raise user_error("A line may have a debit or a credit, not both.", path)
    if debit is not None or credit is not None:
        line.cents = debit if debit is not None else -(credit or 0)


# reading values


def _items(told: Any) -> list[Any]:
    items = told.get("items") if isinstance(told, dict) else None
    if not isinstance(items, list):
        raise wrong_value("line", told)
    if len(items) > _MOST_LINES:
        raise user_error(f"A journal entry takes {_MOST_LINES} lines at most.", "line")
    return items


def _reference(told: Any, path: str) -> int | None:
    """The id of ``{"id": "1"}``; a bare number is no reference."""
    if told is None:
        return None
    id = told.get("id") if isinstance(told, dict) else None
    if isinstance(id, str | int) and not isinstance(id, bool) and str(id).isdecimal():
        return int(id)
    raise wrong_value(path, told)


def _text(told: Any, path: str) -> str | None:
    if told is not None and not isinstance(told, str):
        raise wrong_value(path, told)
    if told is not None and len(told) > _LONGEST_MEMO:
        raise user_error(f"The field {path} contains more than {_LONGEST_MEMO} characters.", path)
    return told or None


def _truth(told: Any, path: str) -> bool:
    if not isinstance(told, bool):
        raise wrong_value(path, told)
    return told


def _date(told: Any) -> date:
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", told):
            raise ValueError(told)
        return date.fromisoformat(told)
    except (TypeError, ValueError):
        raise wrong_value("tranDate", told) from None


def _number(told: Any, path: str) -> Decimal:
    if isinstance(told, bool) or not isinstance(told, int | Decimal):
        raise wrong_value(path, told)
    return Decimal(told)


def _rate(told: Any) -> int:
    parts = _number(told, "exchangeRate") * chart.RATE_SCALE
    if parts < 1 or parts > chart.RATE_SCALE * 10**6:
        raise wrong_value("exchangeRate", told)
    return int(parts.to_integral_value())


def _cents(told: Any, path: str) -> int | None:
    if told is None:
        return None
    value = _number(told, path)
    cents = value * 100 if abs(value) < 10**13 else Decimal(0)
    if cents <= 0 or cents != cents.to_integral_value():
        raise wrong_value(path, told)
    return int(cents)
