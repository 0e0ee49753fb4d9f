"""NetSuite's token-based authentication: OAuth 1.0 (RFC 5849) with HMAC-SHA256 and a realm."""

from collections.abc import Generator, Mapping

import httpx
from oauthlib import oauth1
from pydantic import SecretStr

from ecomops.kit.errors import ProviderContractError


class TokenBasedAuth(httpx.Auth):
    """Signs each request just before it is sent, with a nonce and a timestamp of its own.

    ``credentials`` are consumer_key, consumer_secret, token_id and token_secret; ``realm`` is the
    account in upper case with an underscore. What is signed is the address as it is sent: scheme,
    host, port where it is not the usual one, the whole path, and the query. The body is not.
    """

    def __init__(self, credentials: Mapping[str, SecretStr], realm: str) -> None:
        self._credentials, self._realm = credentials, realm

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = self.header(request.method, str(request.url))
        yield request

    def header(
        self, method: str, url: str, *, nonce: str | None = None, timestamp: str | None = None
    ) -> str:
        """The Authorization header. Nonce and timestamp (Unix seconds) are made if not given.

        Raises ProviderContractError for an address that cannot be signed.
        """
        secret = {name: value.get_secret_value() for name, value in self._credentials.items()}
        client = oauth1.Client(
            secret["consumer_key"],
            client_secret=secret["consumer_secret"],
            resource_owner_key=secret["token_id"],
            resource_owner_secret=secret["token_secret"],
            signature_method=oauth1.SIGNATURE_HMAC_SHA256,
            realm=self._realm,
            nonce=nonce,
            timestamp=timestamp,
        )
        try:
            _, headers, _ = client.sign(url, http_method=method)
        except ValueError as error:
            raise ProviderContractError(
                "The address of NetSuite is not valid.", detail=str(error)
            ) from error
        return str(headers["Authorization"])
