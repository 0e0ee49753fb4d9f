"""From a stored connection to a client of its provider."""

from collections.abc import Callable
from hashlib import blake2b
from typing import Final

from ecomops.connectors.base import Connector
from ecomops.connectors.breaker import breaker_of
from ecomops.connectors.gate import Gate, Gates
from ecomops.connectors.names import netsuite_account
from ecomops.connectors.registry import open_connector
from ecomops.domains.connections.schemas import OpenedConnection
from ecomops.kit.context import Context
from ecomops.operations.addresses import base_of, typed
from ecomops.operations.renewal import renewal_of
from ecomops.runtime.request_budget import SharedBudget
from ecomops.runtime.request_slots import SharedGate

NETSUITE_AT_ONCE: Final = 5
"""What the least of NetSuite's licences allows, and every development account."""

STRIPE_A_SECOND: Final = 25
"""All that test mode allows, and a quarter of live mode: the merchant's own shop calls as well."""

SIMULATED_A_SECOND: Final = 250
"""The simulator has no limit of its own."""


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
        renew=renewal_of(ctx, connection, base),
    )


def _gate(connection: OpenedConnection) -> Gate:
    """What all who call the connection's account share."""
    gates = {"netsuite": _netsuite_gate, "shopify": _shopify_gate, "stripe": _stripe_gate}
    return gates[connection.provider](connection)


def _shopify_gate(connection: OpenedConnection) -> Gate:
    """Shopify's answers tell how much may be asked for: only the breaker is ours."""
    return breaker_of("Shopify", f"shopify:{base_of(connection)}")


def _netsuite_gate(connection: OpenedConnection) -> Gate:
    """NetSuite counts the requests that are under way for the whole account."""
    account = f"netsuite:{netsuite_account(typed(connection, 'account_id'))}"
    breaker = breaker_of("NetSuite", f"{account}@{base_of(connection)}")
    return Gates((breaker, SharedGate(account, NETSUITE_AT_ONCE)))


def _stripe_gate(connection: OpenedConnection) -> Gate:
    """Stripe counts the requests of a second. The key stands for its account."""
    base = base_of(connection)
    key = f"{base} {typed(connection, 'api_key')}".encode()
    account = f"stripe:{blake2b(key, digest_size=12).hexdigest()}"
    rate = SIMULATED_A_SECOND if connection.environment == "sandbox" else STRIPE_A_SECOND
    return Gates((breaker_of("Stripe", account), SharedBudget(account, rate)))
