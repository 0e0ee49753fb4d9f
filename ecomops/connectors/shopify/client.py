"""The Admin GraphQL API as a transport: access, pinned version, and its errors in our words."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import SecretStr

from ecomops.connectors.decoding import decoded
from ecomops.connectors.exact_json import read_element
from ecomops.connectors.http import Answer, Limits, ProviderHttp, json_text
from ecomops.connectors.names import shop_domain
from ecomops.connectors.shopify.access import ShopAccess
from ecomops.connectors.shopify.errors import TokenRefusedError, graphql_error, refusal
from ecomops.kit.errors import ProviderAuthError, ProviderContractError

API_VERSION: Final = "2026-07"
GRAPHQL: Final = f"/admin/api/{API_VERSION}/graphql.json"


class ShopifyClient:
    """Authenticated reads. All methods raise ProviderError subclasses only."""

    def __init__(
        self,
        credentials: Mapping[str, SecretStr],
        base: str,
        *,
        stop: Callable[[], bool],
        limits: Limits,
    ) -> None:
        self._domain = shop_domain(credentials["shop_domain"].get_secret_value().strip())
        self._http = ProviderHttp("Shopify", base, {}, limits=limits, stop=stop)
        self.access = ShopAccess(self._http, credentials["api_key"], credentials["api_secret"])

    def query(self, document: str) -> dict[str, Any]:
        """The ``data`` of a GraphQL query that reads."""
        if self._domain is None:
            raise ProviderAuthError(
                "The Shop Domain of this connection is not one of Shopify. "
                "It looks like your-store.myshopify.com."
            )
        try:
            return self._ask(document)
        except TokenRefusedError:
            if not self.access.renewable:
                raise
            self.access.forget()
            return self._ask(document)

    def close(self) -> None:
        self._http.close()

    def _ask(self, document: str) -> dict[str, Any]:
        headers = {"X-Shopify-Access-Token": self.access.token()}
        return self._http.post(GRAPHQL, {"query": document}, _read_data, headers=headers)


def _read_data(answer: Answer) -> dict[str, Any]:
    if not 200 <= answer.status < 300:
        raise refusal(answer, datetime.now(UTC))
    text = json_text(answer, "Shopify")
    version = answer.headers.get("x-shopify-api-version")
    if version != API_VERSION:
        # An expired version is not refused: the oldest living one answers in its place.
        raise ProviderContractError(
            f"Shopify answered in API version {str(version)[:40]!r}; {API_VERSION} was asked for."
        )
    told = decoded(text, "Shopify", read_element).value
    if isinstance(told, dict) and told.get("errors"):
        raise graphql_error(told["errors"], told.get("extensions"))
    data = told.get("data") if isinstance(told, dict) else None
    if not isinstance(data, dict):
        raise ProviderContractError("Shopify sent something else than what it was asked for.")
    return data
