"""From a stored connection to a client of its provider."""

from collections.abc import Callable

from ecomops.connectors.base import Connector
from ecomops.connectors.registry import open_connector
from ecomops.domains.connections.schemas import OpenedConnection
from ecomops.kit.errors import ConflictError
from ecomops.kit.settings import Settings, get_settings


def connector_for(
    connection: OpenedConnection, stop: Callable[[], bool] = lambda: False
) -> Connector:
    """The provider's client; ``stop`` ends its waits. Raises ConflictError in the wrong place."""
    base = _base(connection, get_settings())
    return open_connector(connection.provider, connection.credentials, base=base, stop=stop)


def _base(connection: OpenedConnection, settings: Settings) -> str:
    if connection.environment != "sandbox":
        return {"stripe": settings.stripe_api_base}[connection.provider]
    if settings.env == "production":
        raise ConflictError("Sandbox connections exist in local and test environments only.")
    return f"{settings.sandbox_base}/{connection.provider}"
