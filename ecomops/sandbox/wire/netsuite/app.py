"""The HTTP face of the NetSuite simulator: ``/{account}/services/rest/…``."""

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ecomops.sandbox.wire.netsuite.access import Gatekeeper, Keys
from ecomops.sandbox.wire.netsuite.errors import NetsuiteError, invalid_request

Handler = Callable[[Request, bytes], dict[str, Any]]

MAX_LIMIT = 1000
_ONE = re.compile(r"\s*select\s+1\s+from\s+dual\s*", re.IGNORECASE)


class NetsuiteSimulator:
    """Answers ``SELECT 1 FROM dual`` to whoever signs for the account, and nothing else yet."""

    def __init__(self, seed: int) -> None:
        self.keys = Keys(seed)
        self._gatekeeper = Gatekeeper(self.keys)

    def routes(self) -> list[Route]:
        return [
            Route(
                "/{account}/services/rest/query/v1/suiteql", self._answering(_suiteql),
                methods=["POST"],
            ),
            Route(
                "/{account}/{path:path}", self._answering(_unknown),
                methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            ),
        ]  # fmt: skip

    def _answering(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            try:
                self._gatekeeper.authorise(
                    request.method,
                    str(request.url),
                    request.headers.get("authorization", ""),
                    request.path_params["account"],
                )
                return _json(handler(request, await request.body()))
            except NetsuiteError as error:
                return _refuse(error)

        return serve

    def rate_limited(self, path: str) -> Response:
        return _refuse(
            NetsuiteError(
                429,
                "CONCURRENCY_LIMIT_EXCEEDED",
                "Concurrent request limit exceeded. Request blocked.",
            )
        )

    def server_error(self, status: int) -> Response:
        detail = "An unexpected error occurred. Error ID: jrgbpyylphhishmmlxyt"
        return _refuse(NetsuiteError(status, "UNEXPECTED_ERROR", detail))

    def revoked(self, authorization: str) -> Response:
        return _refuse(self._gatekeeper.refused("token_rejected"))


def _suiteql(request: Request, body: bytes) -> dict[str, Any]:
    """The first page of a query ("Executing SuiteQL Queries Through REST Web Services")."""
    if request.headers.get("prefer", "").lower() != "transient":
        raise invalid_request(
            "The required request header 'Prefer' is missing or invalid. "
            "It must have the value 'transient'.",
            errorHeader="Prefer",
        )
    limit, offset = _number(request, "limit", MAX_LIMIT), _number(request, "offset", 0)
    if not 1 <= limit <= MAX_LIMIT or offset % limit:
        raise invalid_request(
            f"The limit must be from 1 to {MAX_LIMIT}, and the offset a multiple of it.",
            errorQueryParam="limit" if not 1 <= limit <= MAX_LIMIT else "offset",
        )
    _require_known(_query(body))
    rows = [{"links": [], "expr1": "1"}][offset:][:limit]
    return {
        "links": [{"rel": "self", "href": str(request.url)}],
        "count": len(rows),
        "hasMore": False,
        "items": rows,
        "offset": offset,
        "totalResults": 1,
    }


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise invalid_request(f"'{text}' is not a valid {name}.", errorQueryParam=name)
    return int(text)


def _query(body: bytes) -> str:
    try:
        query = json.loads(body)["q"]
    except (ValueError, KeyError, TypeError):
        query = None
    if not isinstance(query, str):
        raise invalid_request(
            "The request could not be understood by the server due to malformed syntax."
        )
    return query


def _require_known(query: str) -> None:
    if not _ONE.fullmatch(query):
        raise invalid_request(
            "Invalid search query. The simulator answers SELECT 1 FROM dual only.", errorPath="q"
        )


def _unknown(request: Request, body: bytes) -> dict[str, Any]:
    raise NetsuiteError(404, "NONEXISTENT_ID", "Record does not exist.")


def _refuse(error: NetsuiteError) -> Response:
    return _json(error.body(), error.status, error.headers)


def _json(
    body: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    return JSONResponse(body, status, headers, "application/vnd.oracle.resource+json")
