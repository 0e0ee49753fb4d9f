"""Renewing a consented token: once, however many processes use the connection, and kept at once.

The old refresh token stays good until its successor is used, so a process that dies in between
has lost nothing.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from pydantic import SecretStr

from ecomops import runtime
from ecomops.connectors.consented import Credentials, Renew
from ecomops.connectors.http import ProviderHttp
from ecomops.connectors.netsuite.access import renewed
from ecomops.connectors.shopify import oauth
from ecomops.domains.connections.credentials import Renewed, keep_renewed
from ecomops.domains.connections.schemas import OpenedConnection
from ecomops.domains.connections.service import open_connection
from ecomops.kit.context import Context
from ecomops.kit.errors import EcomopsError, ProviderError, ProviderTransientError
from ecomops.runtime.turns import turn


def renewal_of(ctx: Context, connection: OpenedConnection, base: str) -> Renew | None:
    """What renews the token of a connection to ``base``; None where no token ends."""
    if connection.provider not in _ASKED:
        return None

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
    if current.get("access_token") != used.get("access_token"):
        return current  # somebody else has renewed it since
    name, ask = _ASKED[connection.provider]
    http = ProviderHttp(name, base, {})
    try:
        fresh = ask(http, current)
    finally:
        http.close()
    tokens = {name: value for name, value in fresh.items() if current.get(name) != value}
    runtime.run(ctx, keep_renewed, Renewed(connection.id, current.get("access_token"), tokens))
    return fresh


def _of_shopify(http: ProviderHttp, current: Credentials) -> Credentials:
    app = oauth.App(current["api_key"].get_secret_value(), current["api_secret"])
    tokens = oauth.refresh(http, app, current["refresh_token"]).stored(datetime.now(UTC))
    return {**current, **{name: SecretStr(value) for name, value in tokens.items()}}


_ASKED: Final[Mapping[str, tuple[str, Callable[[ProviderHttp, Credentials], Credentials]]]] = {
    "shopify": ("Shopify", _of_shopify),
    "netsuite": ("NetSuite", renewed),
}
"""By provider: its name, and what gets tokens in place of those in the credentials."""
