"""Where a provider is reached: its real hosts, the local simulators, or where tests have it."""

from collections.abc import Callable, Mapping
from typing import NoReturn

from ecomops.connectors.names import netsuite_account, netsuite_host_label, shop_domain
from ecomops.connectors.netsuite import oauth as netsuite
from ecomops.connectors.stripe import oauth as stripe
from ecomops.domains.connections.schemas import OpenedConnection
from ecomops.kit.errors import ConflictError
from ecomops.kit.settings import Settings, get_settings


def consent_base_of(connection: OpenedConnection) -> str:
    """The address before the provider's consent page. Raises ConflictError."""
    elsewhere = _CONSENT_BASES.get(connection.provider)
    if connection.environment == "sandbox" or elsewhere is None or _is_moved(connection.provider):
        return base_of(connection)
    return _filled(elsewhere, connection)


def _is_moved(provider: str) -> bool:
    """Whether tests have the provider somewhere else."""
    name = f"{provider}_api_base"
    return bool(getattr(get_settings(), name) != Settings.model_fields[name].default)


_CONSENT_BASES = {"stripe": stripe.CONSENT_BASE, "netsuite": netsuite.CONSENT_BASE}


def base_of(connection: OpenedConnection) -> str:
    """The address before the provider's paths.

    Raises ConflictError in the wrong place, and for a name that leads to no host of the provider.
    """
    settings = get_settings()
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
        shop = shop_domain(typed(connection, "shop_domain"))
        return template.replace("{shop}", shop or _refuse("Shop Domain", connection))
    if connection.provider == "netsuite":
        account = netsuite_account(typed(connection, "account_id"))
        label = netsuite_host_label(account or _refuse("Account ID", connection))
        return template.replace("{account}", label)
    return template


def typed(connection: OpenedConnection, name: str) -> str:
    """A credential as it was entered."""
    return connection.credentials[name].get_secret_value().strip()


def _refuse(field: str, connection: OpenedConnection) -> NoReturn:
    raise ConflictError(
        f"The {field} of '{connection.label}' is not one that can be called. "
        "Add the connection again with the right one."
    )
