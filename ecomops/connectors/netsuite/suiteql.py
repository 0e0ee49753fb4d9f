"""SuiteQL over REST: one page of a query's rows.

Follows "Executing SuiteQL Queries Through REST Web Services" of NetSuite's help: at most 1000
rows at once and 100,000 by offset, so that longer results are walked by key.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ecomops.connectors.exact_json import Element, read_list
from ecomops.kit.errors import ProviderContractError

PATH: Final = "/services/rest/query/v1/suiteql"
MOST_ROWS: Final = 1000


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT; each ``?`` in it stands for one of ``params``."""

    text: str
    params: tuple[str, ...] = ()

    @property
    def body(self) -> dict[str, Any]:
        return {"q": self.text, **({"params": list(self.params)} if self.params else {})}


@dataclass(frozen=True, slots=True)
class Rows:
    """The first rows of a query's result. ``has_more``: there are others behind them."""

    elements: list[Element]
    has_more: bool


def read_rows(text: str) -> Rows:
    """The page in ``text``. Raises ProviderContractError, JSONDecodeError."""
    # An answer that was cut short begins as it should.
    members, elements = read_list(text, "items") if text.lstrip()[:1] == "{" else ({}, None)
    has_more = members.get("hasMore")
    if elements is None or not isinstance(has_more, bool):
        raise ProviderContractError("NetSuite sent something else than the rows of a query.")
    if has_more and not elements:
        raise ProviderContractError("NetSuite sent an empty page and says that more follow.")
    return Rows(elements, has_more)


def marks(values: Sequence[str]) -> str:
    """A question mark for each of ``values``, for IN."""
    return ", ".join("?" * len(values))
