"""SuiteQL over REST ("Executing SuiteQL Queries Through REST Web Services")."""

import json
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from ecomops.sandbox.wire.netsuite.books import Books
from ecomops.sandbox.wire.netsuite.dialect import QueryError, translate
from ecomops.sandbox.wire.netsuite.errors import NetsuiteError, invalid_request
from ecomops.sandbox.wire.netsuite.paging import Page, read_page

MOST_ROWS = 100_000
"""Rows beyond these can only be reached with another query."""


@dataclass(frozen=True)
class Asked:
    """The body of a request: a query and the values of its question marks."""

    query: str
    params: list[str]


def answer(books: Books, request: Request, body: bytes) -> dict[str, Any]:
    """A page of a query's rows. Raises NetsuiteError."""
    if "transient" not in request.headers.get("prefer", "").lower():
        raise invalid_request(
            "The required request header 'Prefer' is missing or invalid. "
            "It must have the value 'transient'.",
            errorHeader="Prefer",
        )
    page, asked = read_page(request), _asked(body)
    if page.offset + page.limit > MOST_ROWS:
        raise invalid_request(
            f"The query can return {MOST_ROWS} rows at most. Narrow it down.",
            errorQueryParam="offset",
        )
    return _answered(books, page, asked)


def _answered(books: Books, page: Page, asked: Asked) -> dict[str, Any]:
    try:
        query = translate(asked.query)
        if query.parameters != len(asked.params):
            raise QueryError(
                f"Invalid or unsupported search. The query has {query.parameters} parameters "
                f"and {len(asked.params)} are given."
            )
        rows, total = books.ask(query, asked.params, page.limit, page.offset)
    except QueryError as error:
        detail = f"Invalid search query. Detailed unprocessed description follows. {error}"
        raise NetsuiteError(
            400, "INVALID_PARAMETER", detail, where={"o:errorQueryParam": "q"}
        ) from error
    return page.answered([{"links": [], **row} for row in rows], total)


def _asked(body: bytes) -> Asked:
    try:
        told = json.loads(body)
        query, params = told["q"], told.get("params", [])
    except (ValueError, KeyError, TypeError, AttributeError):
        query, params = None, []
    known = isinstance(params, list) and all(isinstance(it, str | int) for it in params)
    if not isinstance(query, str) or not known:
        raise invalid_request(
            "The request could not be understood by the server due to malformed syntax."
        )
    return Asked(query, [str(it) for it in params])
