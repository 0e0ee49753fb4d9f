"""The journalEntry resource of the record service ("CRUD Operations Through REST Web Services")."""

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ecomops.sandbox.wire.netsuite import journal
from ecomops.sandbox.wire.netsuite.books import Books
from ecomops.sandbox.wire.netsuite.errors import (
    NetsuiteError,
    invalid_request,
    nonexistent,
    wrong_value,
)
from ecomops.sandbox.wire.netsuite.journal import KEY, Form
from ecomops.sandbox.wire.netsuite.journal_view import shown
from ecomops.sandbox.wire.netsuite.paging import read_page
from ecomops.sandbox.wire.netsuite.posting import Clerk
from ecomops.sandbox.world.netsuite.entries import Transaction
from ecomops.sandbox.world.world import World

SINGULAR = "application/vnd.oracle.resource+json; type=singular"
COLLECTION = "application/vnd.oracle.resource+json; type=collection"
_BY_KEY = re.compile(r'\s*externalId\s+IS\s+"?([^"]+?)"?\s*', re.IGNORECASE)
_CUSTOM = re.compile(r"cust(body|col)_?\w+")
_VALIDATION = "X-NetSuite-PropertyNameValidation"


@dataclass
class Journals:
    """Answers for ``/record/v1/journalEntry`` and what is below it."""

    books: Books
    world: World

    def collection(self, request: Request, body: bytes) -> Response:
        """POST adds an entry; GET lists ids, all of them or those of an external id."""
        if request.method == "GET":
            return self._listed(request)
        with self.books.lock:
            return self._saved(request, body, None, Form(self._today))

    def one(self, request: Request, body: bytes) -> Response:
        """GET, PATCH, PUT and DELETE of an entry by its id or ``eid:`` and its external id."""
        with self.books.lock:
            told = request.path_params["id"]
            found = self._find(told)
            if request.method == "PUT" and told.startswith("eid:"):
                form = Form.of(found) if found else Form(self._today)
                return self._saved(request, body, found, form, told.removeprefix("eid:"))
            if found is None:
                raise nonexistent()
            if request.method == "GET":
                return self._shown(request, found)
            if request.method == "DELETE":
                return self._deleted(found)
            return self._saved(request, body, found, Form.of(found))

    # reading

    def _find(self, told: str) -> Transaction | None:
        if told.startswith("eid:"):
            key = told.removeprefix("eid:")
            if not KEY.fullmatch(key):
                raise wrong_value("externalId", key)
            return self.books.find_external(key, "Journal")
        found = self.books.find(int(told)) if re.fullmatch(r"[0-9]{1,15}", told) else None
        return found if found is not None and found.type == "Journal" else None

    def _listed(self, request: Request) -> Response:
        page, wanted = read_page(request), request.query_params.get("q")
        if wanted is None:
            ids = self.books.ids("Journal")
        else:
            asked = _BY_KEY.fullmatch(wanted)
            if asked is None:
                detail = f"Invalid query '{wanted}'. The simulator takes externalId IS only."
                raise invalid_request(detail, errorQueryParam="q")
            found = self.books.find_external(asked[1], "Journal")
            ids = [found.id] if found else []
        items = [
            {"links": [{"rel": "self", "href": self._address(request, id)}], "id": str(id)}
            for id in ids[page.offset : page.offset + page.limit]
        ]
        return JSONResponse(page.answered(items, len(ids)), media_type=COLLECTION)

    def _shown(self, request: Request, found: Transaction) -> Response:
        expanded = request.query_params.get("expandSubResources", "").lower() == "true"
        names = {period.id: period.name for period in self.books.periods()}
        address = self._address(request, found.id)
        told = shown(found, address, expanded=expanded, periods=names)
        return JSONResponse(told, media_type=SINGULAR)

    def _address(self, request: Request, id: int) -> str:
        path = request.url.path.split("/journalEntry", 1)[0]
        return str(request.url.replace(path=f"{path}/journalEntry/{id}", query=""))

    # writing

    def _saved(
        self,
        request: Request,
        body: bytes,
        before: Transaction | None,
        form: Form,
        key: str | None = None,
    ) -> Response:
        """204 without a body; the id is in Location, and warnings are in headers."""
        told, names = _read(body), Names(request.headers.get(_VALIDATION, "Warning"))
        names.check(told)
        if before is not None:
            self._clerk.require_open(before)
        wanted = request.query_params.get("replace", "").split(",")
        form.take(told, replace_lines="line" in wanted)
        form.external_id = key or form.external_id
        entered = self._clerk.entered(form, before)
        self.books.put(entered)
        location = self._address(request, entered.id)
        return Response(status_code=204, headers={"Location": location, **names.warnings()})

    def _deleted(self, found: Transaction) -> Response:
        self._clerk.require_open(found)
        self.books.delete(found.id)
        return Response(status_code=204)

    @property
    def _clerk(self) -> Clerk:
        return Clerk(self.books, self.world.plan.seed, self.world.now)

    @property
    def _today(self) -> Any:
        return datetime.fromtimestamp(self.world.now, UTC).date()


@dataclass
class Names:
    """What becomes of names that the record does not know: Error, Warning (usual) or Ignore."""

    mode: str
    unknown: list[str] = field(default_factory=list)

    def check(self, body: dict[str, Any]) -> None:
        """Raises NetsuiteError 400 where that was asked for."""
        if self.mode.lower() not in ("error", "warning", "ignore"):
            raise invalid_request(
                f"'{self.mode}' is not a valid value. Use Error, Warning or Ignore.",
                errorHeader=_VALIDATION,
            )
        self.unknown = [name for name in body if not _known(name, journal.HEAD)]
        line = body.get("line")
        items = line.get("items") if isinstance(line, dict) else None
        for place, item in enumerate(items if isinstance(items, list) else []):
            names = item if isinstance(item, dict) else {}
            self.unknown += [
                f"line.items[{place}].{it}" for it in names if not _known(it, journal.LINE)
            ]
        if self.unknown and self.mode.lower() == "error":
            detail = f"Unknown reference or field in the request body: {self.unknown[0]}."
            raise NetsuiteError(
                400, "INVALID_CONTENT", detail, where={"o:errorPath": self.unknown[0]}
            )

    def warnings(self) -> dict[str, str]:
        if not self.unknown or self.mode.lower() == "ignore":
            return {}
        return {"Warning": f'299 - "Unknown property ignored: {quote(", ".join(self.unknown))}"'}


def _known(name: str, names: frozenset[str]) -> bool:
    return name in names or _CUSTOM.fullmatch(name) is not None


def _read(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise invalid_request(
            "The request could not be understood by the server due to malformed syntax."
        )
    return told
