"""Walking a result by key: every page begins behind the last id of the one before."""

from collections.abc import Callable, Iterator
from typing import Final

from ecomops.connectors.exact_json import Element
from ecomops.connectors.netsuite.client import NetsuiteClient
from ecomops.connectors.netsuite.fields import valid_id
from ecomops.connectors.netsuite.suiteql import Query
from ecomops.connectors.netsuite.transactions import rest_of
from ecomops.kit.errors import ProviderContractError

Behind = Callable[[str | None], Query]
Found = tuple[list[Element], str | None, bool]
"""Rows, the last id among them, and whether more follow."""

MOST_LINES: Final = 50_000
"""Lines of one transaction: NetSuite takes 10,000 in a journal."""
MOST_PAGES: Final = 1_000_000
_ENDLESS: Final = "NetSuite sent a list that does not end."


def by_id(client: NetsuiteClient, behind: Behind, after: str | None) -> Iterator[Found]:
    """The pages behind ``after`` of rows that are ordered by their id, each once."""
    for _ in range(MOST_PAGES):
        found = client.rows(behind(after))
        last = _last_id(found.elements)
        if found.has_more:
            _require_progress(after, last)
        after = last or after
        yield found.elements, after, found.has_more
        if not found.has_more:
            return
    raise ProviderContractError(_ENDLESS)


def by_transaction(client: NetsuiteClient, behind: Behind, after: str | None) -> Iterator[Found]:
    """The same for lines: those of one transaction are never apart from each other."""
    for _ in range(MOST_PAGES):
        found = client.rows(behind(after))
        elements, last = found.elements, _last_id(found.elements)
        if found.has_more:
            _require_progress(after, last)
            elements, last = _whole(client, elements, str(last))
            _require_progress(after, last)
        after = last or after
        yield elements, after, found.has_more
        if not found.has_more:
            return
    raise ProviderContractError(_ENDLESS)


def ids(elements: list[Element], name: str = "id") -> list[str]:
    """The ids that rows have, in their order."""
    told = [it.value.get(name) for it in elements if isinstance(it.value, dict)]
    return [value for value in told if valid_id(value)]


def _whole(
    client: NetsuiteClient, elements: list[Element], last: str
) -> tuple[list[Element], str | None]:
    """Without the transaction that the page breaks off in; with all of it where it is alone."""
    cut = next(at for at, it in enumerate(elements) if ids([it]) == [last])
    before = elements[:cut]
    if kept := _last_id(before):
        return before, kept
    return [*elements, *_rest(client, elements, last)], last


def _rest(client: NetsuiteClient, elements: list[Element], transaction: str) -> Iterator[Element]:
    read, line, has_more = len(elements), _last_id(elements, "line"), True
    while has_more:
        if line is None or read > MOST_LINES:
            raise ProviderContractError("NetSuite sent a transaction whose lines do not end.")
        found = client.rows(rest_of(transaction, line))
        following = _last_id(found.elements, "line")
        if found.has_more:
            _require_progress(line, following)
        yield from found.elements
        read, line, has_more = read + len(found.elements), following or line, found.has_more


def _last_id(elements: list[Element], name: str = "id") -> str | None:
    return next(reversed(ids(elements, name)), None)


def _require_progress(after: str | None, last: str | None) -> None:
    """Raise ProviderContractError unless the walk can go on behind ``last``."""
    if last is None:
        raise ProviderContractError("NetSuite sent a page without ids and says that more follow.")
    if after is not None and int(last) <= int(after):
        raise ProviderContractError("NetSuite sent the same page again and again.")
