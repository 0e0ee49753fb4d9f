"""From a stored connection to a client of its provider."""

from collections.abc import Callable, Mapping
from typing import NoReturn

from ecomops.connectors.base import Connector
from ecomops.connectors.names import netsuite_account, netsuite_host_label, shop_domain
from ecomops.connectors.registry import open_connector
from ecomops.domains.connections.schemas import OpenedConnection
from ecomops.kit.errors import ConflictError
from ecomops.kit.settings import Settings, get_settings


def connector_for(
    connection: OpenedConnection, stop: Callable[[], bool] = lambda: False
) -> Connector:
    """The provider's client; ``stop`` ends its waits.

    Raises ConflictError in the wrong place, and for a name that leads to no host of the provider.
    """
    base = _base(connection, get_settings())
    return open_connector(connection.provider, connection.credentials, base=base, stop=stop)


def _base(connection: OpenedConnection, settings: Settings) -> str:
    if connection.environment != "sandbox":
        return _filled(_PROVIDER_BASES[connection.provider](settings), connection)
    if settings.env == "production":
        raise ConflictError("Sandbox connections exist in local and test environments only.")
    template = settings.sandbox_base + _SANDBOX_PATHS[connection.provider]
    return _filled(template, connection)


_PROVIDER_BASES: Mapping[str, Callable[[Settings], str]] = {
    "stripe": lambda settings: settings.stripe_api_base,
    "shopify": lambda settings: settings.shopify_api_base,
    "netsuite": lambda settings: settings.netsuite_api_base,
}
_SANDBOX_PATHS = {
    "stripe": "/stripe",
    "shopify": "/shopify/{shop}",
    "netsuite": "/netsuite/{account}",
}


def _filled(template: str, connection: OpenedConnection) -> str:
    """``template`` with ``{shop}`` or ``{account}`` in it replaced by names of full match only."""
    if connection.provider == "shopify":
        shop = shop_domain(_typed(connection, "shop_domain"))
        return template.replace("{shop}", shop or _refuse("Shop Domain", connection))
    if connection.provider == "netsuite":
        account = netsuite_account(_typed(connection, "account_id"))
        label = netsuite_host_label(account or _refuse("Account ID", connection))
        return template.replace("{account}", label)
    return template


def _typed(connection: OpenedConnection, name: str) -> str:
    return connection.credentials[name].get_secret_value().strip()


def _refuse(field: str, connection: OpenedConnection) -> NoReturn:
    raise ConflictError(
        f"The {field} of '{connection.label}' is not one that can be called. "
        "Add the connection again with the right one."
    )
