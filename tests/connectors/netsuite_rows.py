"""Rows as SuiteQL sends them, and a NetSuite in memory that answers the connector's queries."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pydantic import SecretStr

from ecomops.connectors.http import Limits
from ecomops.connectors.netsuite import NetsuiteConnector
from tests.connectors.wire import Reply, Request, Respond, Wire, reply, serve

Json = dict[str, Any]

ACCOUNT = "1234567_SB1"
HASTY = Limits(connect=10, read=10, retries=2, first_backoff=0.001, longest_backoff=0.002)
LATEST = "2026-10-31T18:26:58"


def line(transaction: int = 42, number: int = 0, **changes: Any) -> Json:
    """A posting line; a change to None leaves the column out, as NetSuite does with NULL."""
    row = {
        "links": [],
        "id": str(transaction),
        "line": str(number),
        "type": "Journal",
        "tranid": f"JE{transaction}",
        "externalid": "PAYOUT_po_1",
        "status": "B",
        "voided": "F",
        "posting": "T",
        "trandate": "2026-10-30",
        "createddate": "2026-10-30T09:15:00",
        "lastmodifieddate": "2026-10-30T10:00:00",
        "periodname": "Oct 2026",
        "account": "10",
        "accountname": "1010 Bank USD",
        "debit": "187.05",
        "exchangerate": "1",
        "currency": "USD",
        "subsidiary": "1",
        "linememo": "Payout po_1",
        **changes,
    }
    return {name: value for name, value in row.items() if value is not None}


def subsidiary(**changes: Any) -> Json:
    row = {"id": "3", "name": "Japan K.K.", "parent": "1", "iselimination": "F",
           "isinactive": "F", "currency": "JPY", **changes}  # fmt: skip
    return {name: value for name, value in row.items() if value is not None}


def gl_account(**changes: Any) -> Json:
    row = {"id": "58", "acctnumber": "1150", "accountsearchdisplayname": "1150 Clearing",
           "fullname": "Clearing", "accttype": "OthCurrAsset", "isinactive": "F",
           **changes}  # fmt: skip
    return {name: value for name, value in row.items() if value is not None}


def period(**changes: Any) -> Json:
    row = {"id": "220", "periodname": "Oct 2026", "startdate": "2026-10-01",
           "enddate": "2026-10-31", "closed": "F", "alllocked": "T", "isquarter": "F",
           "isyear": "F", "isadjust": "F", "isinactive": "F", **changes}  # fmt: skip
    return {name: value for name, value in row.items() if value is not None}


def segment(**changes: Any) -> Json:
    row = {"id": "2", "name": "Online", "fullname": "Sales : Online", "isinactive": "F", **changes}
    return {name: value for name, value in row.items() if value is not None}


def coin(**changes: Any) -> Json:
    row = {"id": "1", "name": "US Dollar", "symbol": "USD", "isinactive": "F", **changes}
    return {name: value for name, value in row.items() if value is not None}


def rows(*items: Any, more: bool = False) -> Reply:
    """A page of a result."""
    return reply({"links": [], "count": len(items), "hasMore": more, "items": list(items),
                  "offset": 0, "totalResults": len(items)})  # fmt: skip


def asked(request: Request) -> tuple[str, list[str]]:
    """The query of a request and what stands for its question marks."""
    body = json.loads(request.body)
    return body["q"], body.get("params", [])


def answering(
    lines: Callable[[str, list[str]], Reply],
    *,
    latest: str | None = LATEST,
    gone: Reply | None = None,
) -> Respond:
    """A NetSuite whose transactions are what ``lines`` answers; every other result is empty."""

    def respond(request: Request) -> Reply:
        query, params = asked(request)
        if "MAX(" in query:
            return rows({"latest": latest} if latest else {})
        if "tal.debit" in query:
            return lines(query, params)
        if "NOT IN" in query and gone is not None:
            return gone
        return rows()

    return respond


def behind(params: Sequence[str]) -> int:
    """The id behind which a page of transactions begins; 0 for the first one."""
    return int(params[-1]) if params and params[-1].isdecimal() else 0


@contextmanager
def netsuite_at(respond: Respond, **more: Any) -> Iterator[tuple[NetsuiteConnector, Wire]]:
    secrets = ("consumer_key", "consumer_secret", "token_id", "token_secret")
    credentials = {name: SecretStr("k" * 9) for name in secrets}
    credentials["account_id"] = SecretStr(ACCOUNT)
    with serve(respond) as wire:
        connector = NetsuiteConnector(credentials, base=wire.base, limits=HASTY, **more)
        try:
            yield connector, wire
        finally:
            connector.close()
