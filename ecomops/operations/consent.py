"""Connecting by consent: to the provider's page, back, and the code for credentials."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from pydantic import SecretStr

from ecomops import runtime
from ecomops.connectors.http import ProviderHttp
from ecomops.connectors.netsuite import oauth as netsuite
from ecomops.connectors.shopify import oauth as shopify
from ecomops.connectors.stripe import oauth as stripe
from ecomops.domains.connections.consent import (
    Consented,
    Draft,
    begin_consent,
    create_consented,
    note_refusal,
    redeem,
)
from ecomops.domains.connections.schemas import (
    ConnectionCard,
    CreateConnection,
    OpenedConnection,
)
from ecomops.kit.context import Context
from ecomops.kit.errors import ConflictError
from ecomops.kit.settings import get_settings
from ecomops.operations.addresses import base_of, consent_base_of

CALLBACK: Final = "/connections/consent/{provider}"
Params = Mapping[str, str]
Credentials = dict[str, str]


@dataclass(frozen=True, slots=True)
class Trip:
    """One way there and back. ``base`` is the provider's API, ``page`` its consent page's host."""

    draft: Draft
    base: str
    page: str
    redirect_uri: str

    def secret(self, name: str) -> SecretStr:
        return self.draft.credentials[name]

    def plain(self, name: str) -> str:
        return self.secret(name).get_secret_value()


@dataclass(frozen=True, slots=True)
class Return:
    """How the browser came back: the query of the address."""

    provider: str
    params: Params = field(repr=False)


def begin(ctx: Context, command: CreateConnection) -> str:
    """The address of the consent page.

    Raises InvalidInputError by field, EntitlementDeniedError when the plan is full.
    """
    draft, state = runtime.run(ctx, begin_consent, command)
    return _WAYS[draft.provider].address(_trip(draft), state.get_secret_value())


def finish(ctx: Context, back: Return) -> ConnectionCard:
    """Make the connection that was consented to.

    Raises ConflictError when the return is not one that was waited for, ProviderError.
    """
    if back.provider not in _WAYS:
        raise ConflictError("There is no such provider.")
    if "code" not in back.params:
        runtime.run(ctx, note_refusal, back.provider)
        raise ConflictError("The consent was not given, so nothing was connected.")
    draft = runtime.run(ctx, redeem, SecretStr(back.params.get("state", "")))
    if draft.provider != back.provider:
        raise ConflictError("This consent was for another provider. Begin again.")
    credentials = _WAYS[draft.provider].credentials(_trip(draft), back.params)
    return runtime.run(ctx, create_consented, Consented(draft, credentials))


def _trip(draft: Draft) -> Trip:
    wanted = OpenedConnection(
        UUID(int=0), draft.provider, draft.label, draft.environment, draft.credentials
    )
    redirect_uri = get_settings().origin + CALLBACK.format(provider=draft.provider)
    return Trip(draft, base_of(wanted), consent_base_of(wanted), redirect_uri)


def _stripe_address(trip: Trip, state: str) -> str:
    return stripe.authorize_url(trip.page, trip.plain("client_id"), trip.redirect_uri, state)


def _stripe_credentials(trip: Trip, params: Params) -> Credentials:
    http = ProviderHttp("Stripe", trip.page, {})
    try:
        key = stripe.exchange(http, trip.secret("platform_key"), SecretStr(params["code"]))
    finally:
        http.close()
    return {"api_key": key.get_secret_value()}


def _shopify_address(trip: Trip, state: str) -> str:
    return shopify.authorize_url(trip.page, trip.plain("api_key"), trip.redirect_uri, state)


def _shopify_credentials(trip: Trip, params: Params) -> Credentials:
    secret = trip.secret("api_secret")
    asked, answered = trip.plain("shop_domain").lower(), params.get("shop", "")
    if not shopify.is_genuine(params, secret, datetime.now(UTC)) or asked != answered:
        raise ConflictError("This return did not come from the shop that was asked. Begin again.")
    http = ProviderHttp("Shopify", trip.base, {})
    try:
        app = shopify.App(trip.plain("api_key"), secret)
        tokens = shopify.exchange(http, app, SecretStr(params["code"]))
    finally:
        http.close()
    plain = {name: trip.plain(name) for name in trip.draft.credentials}
    return plain | tokens.stored(datetime.now(UTC))


def _netsuite_address(trip: Trip, state: str) -> str:
    return netsuite.authorize_url(
        trip.page, trip.plain("client_id"), trip.redirect_uri,
        state=state, verifier=trip.draft.verifier,
    )  # fmt: skip


def _netsuite_credentials(trip: Trip, params: Params) -> Credentials:
    http = ProviderHttp("NetSuite", trip.base, {})
    try:
        tokens = netsuite.exchange(
            http, netsuite.App(trip.plain("client_id"), trip.secret("client_secret")),
            code=SecretStr(params["code"]), redirect_uri=trip.redirect_uri,
            verifier=trip.draft.verifier,
        )  # fmt: skip
    finally:
        http.close()
    if tokens.refresh is None:
        raise ConflictError("NetSuite gave no refresh token. Enable it on the integration record.")
    plain = {name: trip.plain(name) for name in trip.draft.credentials}
    return plain | {"refresh_token": tokens.refresh.get_secret_value()}


@dataclass(frozen=True, slots=True)
class _Way:
    address: Callable[[Trip, str], str]
    credentials: Callable[[Trip, Params], Credentials]


_WAYS: Final[Mapping[str, _Way]] = {
    "stripe": _Way(_stripe_address, _stripe_credentials),
    "shopify": _Way(_shopify_address, _shopify_credentials),
    "netsuite": _Way(_netsuite_address, _netsuite_credentials),
}
