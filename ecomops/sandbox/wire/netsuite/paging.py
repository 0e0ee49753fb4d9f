"""Pages of a collection ("Collection Paging"): limit and offset, counts, and links."""

import re
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import URL
from starlette.requests import Request

from ecomops.sandbox.wire.netsuite.errors import invalid_request

MAX_LIMIT = 1000


@dataclass(frozen=True)
class Page:
    """Which rows are wanted, and at what address."""

    url: URL
    limit: int
    offset: int

    def answered(self, items: list[dict[str, Any]], total: int) -> dict[str, Any]:
        """The body of the answer; ``items`` are the page's own."""
        more = self.offset + len(items) < total
        return {
            "links": self._links(total, more),
            "count": len(items),
            "hasMore": more,
            "items": items,
            "offset": self.offset,
            "totalResults": total,
        }

    def _links(self, total: int, more: bool) -> list[dict[str, str]]:
        last = (total - 1) // self.limit * self.limit if total else 0
        places: list[tuple[str, int]] = []
        if self.offset:
            places += [("prev", max(0, self.offset - self.limit)), ("first", 0)]
        if more:
            places += [("next", self.offset + self.limit), ("last", last)]
        return [*(self._link(rel, at) for rel, at in places), self._link("self", self.offset)]

    def _link(self, rel: str, offset: int) -> dict[str, str]:
        address = self.url.include_query_params(limit=self.limit, offset=offset)
        return {"rel": rel, "href": str(address)}


def read_page(request: Request) -> Page:
    """Raises NetsuiteError 400 where limit or offset cannot be."""
    limit, offset = _number(request, "limit", MAX_LIMIT), _number(request, "offset", 0)
    if not 1 <= limit <= MAX_LIMIT or offset % limit:
        raise invalid_request(
            f"The limit must be from 1 to {MAX_LIMIT}, and the offset a multiple of it.",
            errorQueryParam="limit" if not 1 <= limit <= MAX_LIMIT else "offset",
        )
    return Page(request.url, limit, offset)


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise invalid_request(f"'{text}' is not a valid {name}.", errorQueryParam=name)
    return int(text)
