"""The journalEntry record as a GET answers it ("Journal Entry" of the REST API Browser)."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from ecomops.sandbox.wire.netsuite.rows import amount, rate
from ecomops.sandbox.world.netsuite import chart
from ecomops.sandbox.world.netsuite.entries import Transaction

Json = dict[str, Any]
_SEGMENTS = {
    "department": ("department", chart.DEPARTMENTS),
    "class": ("klass", chart.CLASSES),
    "location": ("location", chart.LOCATIONS),
}


def shown(it: Transaction, address: str, *, expanded: bool, periods: dict[int, str]) -> Json:
    """A journal entry as a GET answers it; its lines only where they are asked for."""
    told = {
        "links": [_self(address)],
        "id": str(it.id),
        "externalId": it.external_id,
        "tranId": it.tran_id,
        "tranDate": it.date.isoformat(),
        "createdDate": _instant(it.created),
        "lastModifiedDate": _instant(it.modified),
        "memo": it.memo,
        "approved": it.approved,
        "exchangeRate": json.loads(rate(it.rate)),
        "currency": _named(chart.CURRENCIES[it.currency].id, chart.CURRENCIES[it.currency].name),
        "subsidiary": _named(it.subsidiary, _subsidiary_name(it.subsidiary)),
        "postingPeriod": _named(it.period, periods.get(it.period, "")),
        "approvalStatus": _named(*((2, "Approved") if it.approved else (1, "Pending Approval"))),
        "line": _lines(it, address, expanded),
    }
    return {name: value for name, value in told.items() if value is not None}


def _lines(it: Transaction, address: str, expanded: bool) -> Json:
    links = [_self(f"{address}/line")]
    if not expanded:
        return {"links": links}
    items = list(_shown_lines(it, address))
    return {"links": links, "items": items, "totalResults": len(items)}


def _shown_lines(it: Transaction, address: str) -> Iterator[Json]:
    for number, line in enumerate(it.postings, 1):
        account = chart.ACCOUNTS[line.account]
        told: Json = {
            "links": [_self(f"{address}/line/{number}")],
            "line": number,
            "account": _named(account.id, account.display),
            "debit" if line.cents >= 0 else "credit": json.loads(amount(abs(line.cents))),
            "memo": line.memo,
        }
        for name, (attribute, known) in _SEGMENTS.items():
            id = getattr(line, attribute)
            if id is not None:
                told[name] = _named(id, next(found.name for found in known if found.id == id))
        if line.entity is not None:
            told["entity"] = _named(line.entity, "")
        yield {name: value for name, value in told.items() if value is not None}


def _self(address: str) -> Json:
    return {"rel": "self", "href": address}


def _named(id: int, name: str) -> Json:
    return {"id": str(id), "refName": name}


def _subsidiary_name(id: int) -> str:
    found = chart.subsidiary(id)
    return found.name if found else ""


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
