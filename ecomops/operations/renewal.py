"""Renewing a consented token: once, however many processes use the connection, and kept at once.

The old refresh token stays good until its successor is used, so a process that dies in between
has lost nothing.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import SecretStr

from ecomops import runtime
from ecomops.connectors.http import ProviderHttp
from ecomops.connectors.shopify import oauth
from ecomops.connectors.shopify.consented import Credentials, Renew
from ecomops.domains.connections.credentials import Renewed, keep_renewed
from ecomops.domains.connections.schemas import OpenedConnection
from ecomops.domains.connections.service import open_connection
from ecomops.kit.context import Context
from ecomops.kit.errors import EcomopsError, ProviderError, ProviderTransientError
from ecomops.runtime.turns import turn


def renewal_of(ctx: Context, connection: OpenedConnection, base: str) -> Renew:
    """What renews the token of a connection whose shop is at ``base``."""

    def renew(used: Credentials) -> Credentials:
        try:
            with turn(f"renew {connection.id}"):
                return _renewed(ctx, connection, base, used)
        except ProviderError:
            raise
        except EcomopsError as error:
            raise ProviderTransientError(error.message, detail=error.detail) from error

    return renew


def _renewed(
    ctx: Context, connection: OpenedConnection, base: str, used: Credentials
) -> Credentials:
    current = runtime.run(ctx, open_connection, connection.id).credentials
    if current.get("access_token") != used["access_token"]:
        return current  # somebody else has renewed it since
    tokens = _refreshed(current, base)
    plain = {name: value.get_secret_value() for name, value in current.items()}
    fresh = plain | tokens.stored(datetime.now(UTC))
    runtime.run(ctx, keep_renewed, Renewed(connection.id, fresh))
    return {name: SecretStr(value) for name, value in fresh.items()}


def _refreshed(current: Mapping[str, SecretStr], base: str) -> oauth.Tokens:
    http = ProviderHttp("Shopify", base, {})
    try:
        app = oauth.App(current["api_key"].get_secret_value(), current["api_secret"])
        return oauth.refresh(http, app, current["refresh_token"])
    finally:
        http.close()
