"""Lists inside an order: whole, or refused.

An order's answer holds the first few nodes of each list. ``NestedLists.complete`` asks for the
others; ``nodes`` reads a list only where nothing of it is missing.
"""

from collections.abc import Callable
from typing import Any, Final

from ecomops.connectors.fields import Json, UnreadableError, part, parts
from ecomops.connectors.shopify.documents import LINE_ITEMS, REFUND_LISTS, Nested
from ecomops.connectors.shopify.fields import identifier
from ecomops.kit.errors import ProviderContractError

Ask = Callable[[str, dict[str, Any]], dict[str, Any]]
"""(document, variables) → ``data``."""

_MOST_NODES: Final = 100_000


def nodes(owner: Json, name: str) -> list[Json]:
    """The objects of a complete list. Raises UnreadableError where more of them are not here."""
    connection = part(owner, name)
    found = parts(connection, "nodes")
    if part(connection, "pageInfo").get("hasNextPage") is not False:
        raise UnreadableError("incomplete_list", f"{name} is not whole.")
    if not all(isinstance(node, dict) for node in found):
        raise UnreadableError("bad_list", f"{name} holds something else than objects.")
    return found


class NestedLists:
    """Completes the lists of an order. ``ask`` raises ProviderError subclasses."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def complete(self, order: Json) -> None:
        """Put all nodes into the order's lists. Raises UnreadableError, ProviderError."""
        self._fill(order, LINE_ITEMS)
        refunds = order.get("refunds")
        for refund in refunds if isinstance(refunds, list) else ():
            for nested in REFUND_LISTS:
                self._fill(refund, nested)

    def _fill(self, owner: object, nested: Nested) -> None:
        connection = owner.get(nested.name) if isinstance(owner, dict) else None
        if not isinstance(owner, dict) or not isinstance(connection, dict):
            return
        behind: set[str] = set()
        while (after := _next(connection)) is not None:
            more = self._more(owner, nested, after)
            found = [*parts(connection, "nodes"), *parts(more, "nodes")]
            behind.add(after)
            if _next(more) in behind or len(found) > _MOST_NODES:
                raise ProviderContractError("Shopify sent the same part of a list again and again.")
            connection.update(nodes=found, pageInfo=more.get("pageInfo"))

    def _more(self, owner: Json, nested: Nested, after: str) -> Json:
        values = {"id": identifier(owner, nested.owner), "after": after}
        node = self._ask(nested.rest, values).get("node")
        if not isinstance(node, dict):
            raise UnreadableError("vanished", f"The {nested.owner} is gone at Shopify.")
        return part(node, nested.name)


def _next(connection: Json) -> str | None:
    """The cursor behind which the list goes on; None at its end, or where it makes no sense."""
    page_info = connection.get("pageInfo")
    if not isinstance(page_info, dict) or page_info.get("hasNextPage") is not True:
        return None
    after = page_info.get("endCursor")
    return after if isinstance(after, str) and after else None
