"""From a stored connection to a client of its provider."""

from collections.abc import Callable
from typing import Final

from ecomops.connectors.base import Connector
from ecomops.connectors.gate import Gate
from ecomops.connectors.names import netsuite_account
from ecomops.connectors.registry import open_connector
from ecomops.domains.connections.schemas import OpenedConnection
from ecomops.kit.context import Context
from ecomops.operations.addresses import base_of, typed
from ecomops.operations.renewal import renewal_of
from ecomops.runtime.request_slots import SharedGate

NETSUITE_AT_ONCE: Final = 5
"""What the least of NetSuite's licences allows, and every development account."""


def connector_for(
    ctx: Context, connection: OpenedConnection, stop: Callable[[], bool] = lambda: False
) -> Connector:
    """The provider's client; ``stop`` ends its waits.

    Raises ConflictError in the wrong place, and for a name that leads to no host of the provider.
    """
    base = base_of(connection)
    return open_connector(
        connection.provider,
        connection.credentials,
        base=base,
        stop=stop,
        gate=_gate(connection),
        chosen=connection.settings,
        renew=renewal_of(ctx, connection, base) if connection.provider == "shopify" else None,
    )


def _gate(connection: OpenedConnection) -> Gate | None:
    """NetSuite counts the requests that are under way for the whole account."""
    if connection.provider != "netsuite":
        return None
    account = netsuite_account(typed(connection, "account_id"))
    return SharedGate(f"netsuite:{account}", NETSUITE_AT_ONCE)
