"""SuiteTalk REST as a transport: authenticated SuiteQL, and NetSuite's errors in our words."""

from collections.abc import Callable
from datetime import UTC, datetime

from ecomops.connectors.consented import Credentials, Renew
from ecomops.connectors.decoding import decoded
from ecomops.connectors.gate import Gate
from ecomops.connectors.http import Answer, Limits, ProviderHttp, json_text
from ecomops.connectors.names import netsuite_account
from ecomops.connectors.netsuite.access import Access, access_for
from ecomops.connectors.netsuite.errors import LoginRefusedError, clock_skew, refusal
from ecomops.connectors.netsuite.suiteql import MOST_ROWS, PATH, Query, Rows, read_rows
from ecomops.kit.errors import ProviderAuthError


class NetsuiteClient:
    """Authenticated reads. All methods raise ProviderError subclasses only.

    ``account`` is as NetSuite writes it; empty, and no request is made, where it is none.
    ``clock_skew``: seconds by which our clock was ahead of NetSuite's at the last answer.
    """

    def __init__(
        self,
        credentials: Credentials,
        base: str,
        *,
        gate: Gate | None,
        stop: Callable[[], bool],
        limits: Limits,
        renew: Renew | None = None,
    ) -> None:
        typed = credentials["account_id"].get_secret_value().strip()
        self.account = netsuite_account(typed) or ""
        self._tokens = ProviderHttp("NetSuite", base, {}, gate=gate, limits=limits, stop=stop)
        self._access: Access = access_for(credentials, self.account, base, self._tokens, renew)
        self._http = ProviderHttp(
            "NetSuite", base, {}, auth=self._access.auth, gate=gate, limits=limits, stop=stop
        )
        self.clock_skew: int | None = None

    def rows(self, query: Query, *, limit: int = MOST_ROWS) -> Rows:
        """The first ``limit`` rows of a query, at most 1000.

        A login that is refused is tried once more, for an overloaded NetSuite refuses good ones.
        """
        self._require_account()
        try:
            return self._ask(query, limit)
        except LoginRefusedError:
            self._access.forget()
            self._http.rest()
            return self._ask(query, limit)

    def close(self) -> None:
        self._http.close()
        self._tokens.close()

    def _ask(self, query: Query, limit: int) -> Rows:
        headers = {"Prefer": "transient", **self._access.headers()}
        return self._http.post(
            PATH, query.body, self._read, params={"limit": limit}, headers=headers
        )

    def _read(self, answer: Answer) -> Rows:
        now = datetime.now(UTC)
        if not 200 <= answer.status < 300:
            raise refusal(answer, now)
        self.clock_skew = clock_skew(answer, now)
        return decoded(json_text(answer, "NetSuite"), "NetSuite", read_rows)

    def _require_account(self) -> None:
        """Raises where the Account ID cannot be one by its form, so that nothing is sent."""
        if not self.account:
            raise ProviderAuthError(
                "The Account ID of this connection is not one of NetSuite, such as 1234567 or "
                "1234567_SB1. Find it in NetSuite under Setup, Company, Company Information."
            )
