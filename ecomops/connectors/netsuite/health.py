"""What a connection's role can see, and what the account is."""

from typing import Any, Final

from ecomops.connectors.base import Account
from ecomops.connectors.exact_json import Element
from ecomops.connectors.netsuite.client import NetsuiteClient
from ecomops.connectors.netsuite.errors import TableUnreadableError
from ecomops.connectors.netsuite.lists import LISTS
from ecomops.connectors.netsuite.suiteql import Query
from ecomops.connectors.netsuite.transactions import PERMISSION, TRANSACTIONS
from ecomops.kit.errors import ProviderContractError

API: Final = "SuiteTalk REST, SuiteQL"
_ONE = Query("SELECT 1 FROM dual")
_ENTITIES = Query(
    "SELECT s.id, s.name, s.parent, c.symbol FROM subsidiary s"
    " LEFT JOIN currency c ON c.id = s.currency ORDER BY s.id"
)
_POSTINGS = Query(
    "SELECT tal.transaction FROM transactionaccountingline tal"
    " JOIN transactionline tl ON tl.transaction = tal.transaction AND tl.id = tal.transactionline"
)
_DELETED = Query("SELECT d.recordid FROM deletedrecord d")


def examine(client: NetsuiteClient) -> Account:
    """One query that needs what all need, then one for each table that is read.

    The detail tells ``missing_permissions`` (what cannot be read, with the permission for it, or a
    feature), ``clock_skew_seconds`` (ours ahead of theirs), ``base_currency``, ``subsidiaries``.
    """
    answer = client.rows(_ONE, limit=1).elements
    if [str(value) for row in answer for value in _values(row)] != ["1"]:
        raise ProviderContractError("NetSuite did not answer a query as it should have.")
    gaps = _gaps(client)
    entities = [] if "Subsidiaries" in gaps else _rows(client.rows(_ENTITIES).elements)
    top = next((it for it in entities if not it.get("parent")), {})
    detail = {
        "api": API,
        "missing_permissions": gaps,
        "clock_skew_seconds": client.clock_skew,
        "base_currency": top.get("symbol"),
        "subsidiaries": len(entities),
    }
    return Account(client.account, _name(client.account, top), detail)


def _gaps(client: NetsuiteClient) -> dict[str, str]:
    """{what cannot be read: the permission for it}."""
    probes = {it.stream.label: (it.after(None), it.permission) for it in LISTS.values()}
    probes[TRANSACTIONS.label] = (_POSTINGS, PERMISSION)
    probes["Deleted transactions"] = (_DELETED, "Setup, Deleted Records")
    found = {}
    for label, (query, permission) in probes.items():
        try:
            client.rows(query, limit=1)
        except TableUnreadableError:
            found[label] = permission
    return found


def _name(account: str, top: dict[str, Any]) -> str:
    name = top.get("name")
    return f"{name} ({account})" if isinstance(name, str) and name else f"Account {account}"


def _rows(elements: list[Element]) -> list[dict[str, Any]]:
    return [it.value for it in elements if isinstance(it.value, dict)]


def _values(element: Element) -> list[Any]:
    row = element.value if isinstance(element.value, dict) else {}
    return [value for name, value in row.items() if name != "links"]
