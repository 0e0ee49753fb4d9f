"""SuiteTalk REST as a transport: signed SuiteQL queries, and NetSuite's errors in our words."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import SecretStr

from ecomops.connectors.decoding import decoded
from ecomops.connectors.exact_json import read_element
from ecomops.connectors.http import Answer, Limits, ProviderHttp, json_text
from ecomops.connectors.names import netsuite_account
from ecomops.connectors.netsuite.errors import refusal
from ecomops.connectors.netsuite.tba import TokenBasedAuth
from ecomops.kit.errors import ProviderAuthError, ProviderContractError

SUITEQL: Final = "/services/rest/query/v1/suiteql"
_SECRETS: Final = {
    "consumer_key": "Consumer Key",
    "consumer_secret": "Consumer Secret",
    "token_id": "Token ID",
    "token_secret": "Token Secret",
}

Row = dict[str, Any]


class NetsuiteClient:
    """Authenticated reads. All methods raise ProviderError subclasses only."""

    def __init__(
        self,
        credentials: Mapping[str, SecretStr],
        base: str,
        *,
        stop: Callable[[], bool],
        limits: Limits,
    ) -> None:
        self._credentials = {name: _stripped(credentials[name]) for name in _SECRETS}
        self.account = netsuite_account(_stripped(credentials["account_id"]).get_secret_value())
        auth = TokenBasedAuth(self._credentials, realm=self.account or "")
        self._http = ProviderHttp("NetSuite", base, {}, auth=auth, limits=limits, stop=stop)

    def suiteql(self, query: str, *, limit: int) -> list[Row]:
        """The first ``limit`` rows, at most 1000. NULL columns are left out, numbers are text."""
        self._require_usable()
        return self._http.post(
            SUITEQL, {"q": query}, _read_rows, params={"limit": limit},
            headers={"Prefer": "transient"},
        )  # fmt: skip

    def close(self) -> None:
        self._http.close()

    def _require_usable(self) -> None:
        """Raises where the credentials cannot work by their form, so that nothing is sent."""
        if self.account is None:
            raise ProviderAuthError(
                "The Account ID of this connection is not one of NetSuite, such as 1234567 or "
                "1234567_SB1. Find it in NetSuite under Setup, Company, Company Information."
            )
        for name, label in _SECRETS.items():
            if not re.fullmatch(r"[!-~]{1,512}", self._credentials[name].get_secret_value()):
                raise ProviderAuthError(
                    f"The {label} of this connection is empty or holds a space. Copy it whole."
                )


def _stripped(secret: SecretStr) -> SecretStr:
    return SecretStr(secret.get_secret_value().strip())


def _read_rows(answer: Answer) -> list[Row]:
    if not 200 <= answer.status < 300:
        raise refusal(answer, datetime.now(UTC))
    told = decoded(json_text(answer, "NetSuite"), "NetSuite", read_element).value
    rows = told.get("items") if isinstance(told, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ProviderContractError("NetSuite sent something else than the rows of a query.")
    return [{name: value for name, value in row.items() if name != "links"} for row in rows]
