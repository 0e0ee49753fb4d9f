"""NetSuite as a connector: an account reached by token-based authentication."""

from collections.abc import Callable, Mapping

from pydantic import SecretStr

from ecomops.connectors.base import Account, CheckedOnly
from ecomops.connectors.http import DEFAULT_LIMITS, Limits
from ecomops.connectors.netsuite.client import NetsuiteClient
from ecomops.kit.errors import ProviderContractError


class NetsuiteConnector(CheckedOnly):
    """Fills ``connectors.base.Connector``. It can be tested; its streams come with later work.

    ``credentials`` are account_id, consumer_key, consumer_secret, token_id and token_secret;
    ``base`` is the address before ``/services``. ``stop`` as in ``ProviderHttp``.
    """

    provider = "netsuite"

    def __init__(
        self,
        credentials: Mapping[str, SecretStr],
        *,
        base: str,
        stop: Callable[[], bool] = lambda: False,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self._client = NetsuiteClient(credentials, base, stop=stop, limits=limits)

    def check(self) -> Account:
        """One row by SuiteQL, which needs everything that reading will need but the records."""
        rows = self._client.suiteql("SELECT 1 FROM dual", limit=1)
        if [str(value) for row in rows for value in row.values()] != ["1"]:
            raise ProviderContractError("NetSuite did not answer a query as it should have.")
        account = self._client.account or ""
        return Account(account, f"Account {account}", {})

    def close(self) -> None:
        self._client.close()
