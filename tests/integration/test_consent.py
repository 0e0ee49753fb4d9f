"""Connecting by consent: there and back with the sandbox, and every return that is not genuine."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text
from sqlmodel import select

from ecomops import runtime
from ecomops.connectors.netsuite import oauth as netsuite_oauth
from ecomops.connectors.shopify import oauth
from ecomops.domains.connections.credentials import Renewed, keep_renewed, seal_into
from ecomops.domains.connections.methods import METHODS
from ecomops.domains.connections.schemas import CreateConnection, ListConnections
from ecomops.domains.connections.service import list_connections, open_connection
from ecomops.domains.identity.people import AddPerson, add_person
from ecomops.kit.context import Actor, Context, Plan
from ecomops.kit.errors import (
    ConflictError,
    EntitlementDeniedError,
    InvalidInputError,
    PermissionDeniedError,
    ProviderAuthError,
)
from ecomops.kit.settings import get_settings
from ecomops.models.connections import Connection
from ecomops.operations.connection_check import check_connection
from ecomops.operations.consent import Return, begin, finish
from tests.conftest import Workspace
from tests.integration.provider import Sandbox, Stored

StoredOf = Callable[[Workspace], Stored]
Audit = Callable[[Workspace], list[tuple[str, str]]]
PROVIDERS = ("stripe", "shopify", "netsuite")


def command(sandbox: Sandbox, provider: str, **other: str) -> CreateConnection:
    told = sandbox.json("/credentials.json")[provider] | other
    (way,) = [it for it in METHODS[provider] if it.consent]
    credentials = {name: SecretStr(told[name]) for name in way.fields}
    return CreateConnection(provider, "By consent", "sandbox", credentials, "consent")


@dataclass
class Trip:
    """A browser that goes to the consent page, where the owner always agrees."""

    address: str

    def back(self) -> Return:
        answer = httpx.get(self.address)
        assert answer.status_code in (302, 303), answer.text
        there = urlsplit(answer.headers["location"])
        origin = urlsplit(get_settings().origin)
        assert (there.scheme, there.netloc) == (origin.scheme, origin.netloc)
        return Return(there.path.rpartition("/")[2], dict(parse_qsl(there.query)))


def connected(workspace: Workspace) -> list[str]:
    return [it.provider for it in runtime.run(workspace.ctx, list_connections, ListConnections())]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_there_and_back(
    workspace: Workspace, sandbox: Sandbox, provider: str, audit: Audit
) -> None:
    trip = Trip(begin(workspace.ctx, command(sandbox, provider)))
    back = trip.back()
    card = finish(workspace.ctx, back)
    assert (card.provider, card.label, card.status) == (provider, "By consent", "active")
    outcome = check_connection(workspace.ctx, card.id)
    assert outcome.ok, outcome.message
    assert ("connection_created", "success") in audit(workspace)
    with pytest.raises(ConflictError, match="used before"):
        finish(workspace.ctx, back)
    assert connected(workspace) == [provider]


def test_nothing_of_it_is_stored_in_plain_or_for_long(
    workspace: Workspace, sandbox: Sandbox, stored: StoredOf
) -> None:
    wanted = command(sandbox, "stripe")
    trip = Trip(begin(workspace.ctx, wanted))
    draft = "SELECT draft FROM oauth_attempts WHERE tenant_id = :tenant"
    platform_key = wanted.credentials["platform_key"].get_secret_value()
    state = dict(parse_qsl(urlsplit(trip.address).query))["state"]
    row = bytes(stored(workspace).one(draft))
    assert platform_key.encode() not in row
    assert state.encode() not in row
    assert platform_key not in trip.address
    finish(workspace.ctx, trip.back())
    assert bytes(stored(workspace).one(draft)) == b""


def test_a_person_who_says_no(workspace: Workspace, sandbox: Sandbox, audit: Audit) -> None:
    begin(workspace.ctx, command(sandbox, "stripe"))
    with pytest.raises(ConflictError, match="not given"):
        finish(workspace.ctx, Return("stripe", {"error": "access_denied", "state": "x"}))
    assert connected(workspace) == []
    assert ("connection_consent_refused", "denied") in audit(workspace)


def test_only_who_may_connect_is_told_to_have_been_refused(
    workspace: Workspace, audit: Audit
) -> None:
    refused = {"error": "access_denied"}
    with pytest.raises(PermissionDeniedError):
        finish(workspace.as_role("finance"), Return("stripe", refused))
    with pytest.raises(ConflictError, match="no such provider"):
        finish(workspace.ctx, Return("made up", refused))
    assert ("connection_consent_refused", "denied") not in audit(workspace)


def test_returns_that_were_not_waited_for(
    workspace: Workspace, other_workspace: Workspace, sandbox: Sandbox, admin_engine: Engine
) -> None:
    back = Trip(begin(workspace.ctx, command(sandbox, "stripe"))).back()
    second = runtime.run(workspace.ctx, add_person, AddPerson(
        "Bo", f"bo-{workspace.slug}@example.com", "admin", SecretStr("correct horse battery")
    ))  # fmt: skip
    colleague = replace(workspace.ctx, actor=Actor(second, "bo"))
    for ctx, params in (
        (workspace.ctx, {**back.params, "state": "guessed"}),
        (workspace.ctx, {"code": back.params["code"]}),
        (other_workspace.ctx, back.params),
        (colleague, back.params),
    ):
        with pytest.raises(ConflictError, match="used before, or took too long"):
            finish(ctx, Return("stripe", params))
    with pytest.raises(PermissionDeniedError):
        finish(workspace.as_role("finance"), back)
    with admin_engine.begin() as admin:
        admin.execute(text("UPDATE oauth_attempts SET expires_at = now()"))
    with pytest.raises(ConflictError, match="took too long"):
        finish(workspace.ctx, back)
    assert connected(workspace) == connected(other_workspace) == []


def test_a_code_that_the_provider_does_not_know(workspace: Workspace, sandbox: Sandbox) -> None:
    back = Trip(begin(workspace.ctx, command(sandbox, "stripe"))).back()
    with pytest.raises(ProviderAuthError, match="refused the consent"):
        finish(workspace.ctx, Return("stripe", {**back.params, "code": "ac_forged"}))
    assert connected(workspace) == []


def test_a_consent_of_another_provider(workspace: Workspace, sandbox: Sandbox) -> None:
    back = Trip(begin(workspace.ctx, command(sandbox, "stripe"))).back()
    with pytest.raises(ConflictError, match="another provider"):
        finish(workspace.ctx, Return("netsuite", back.params))
    assert connected(workspace) == []


@pytest.mark.parametrize(
    "change",
    [
        {"hmac": "0" * 64},
        {"hmac": ""},
        {"shop": "other.myshopify.com"},
        {"code": "another"},
        {"timestamp": "1337178173"},
        {"timestamp": "soon"},
        {"extra": "1"},
    ],
)
def test_a_return_that_shopify_did_not_sign(
    workspace: Workspace, sandbox: Sandbox, change: dict[str, str]
) -> None:
    back = Trip(begin(workspace.ctx, command(sandbox, "shopify"))).back()
    with pytest.raises(ConflictError, match="did not come from the shop"):
        finish(workspace.ctx, Return("shopify", {**back.params, **change}))
    assert connected(workspace) == []


def test_who_may_not_begin(workspace: Workspace, sandbox: Sandbox) -> None:
    wanted = command(sandbox, "stripe")
    with pytest.raises(PermissionDeniedError):
        begin(workspace.as_role("ops"), wanted)
    expired: Context = replace(
        workspace.ctx, plan=Plan("trial", datetime.now(UTC) - timedelta(days=1))
    )
    with pytest.raises(EntitlementDeniedError):
        begin(expired, wanted)
    finish(workspace.ctx, Trip(begin(workspace.ctx, wanted)).back())
    with pytest.raises(EntitlementDeniedError):
        begin(workspace.ctx, wanted)


@pytest.mark.parametrize(
    ("name", "value"),
    [("client_id", "acct_1"), ("client_id", ""), ("platform_key", "pk_test_0123456789")],
)
def test_what_is_no_platform(workspace: Workspace, sandbox: Sandbox, name: str, value: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        begin(workspace.ctx, command(sandbox, "stripe", **{name: value}))
    assert set(caught.value.fields) == {name}


def credentials_of(workspace: Workspace, connection: UUID) -> dict[str, str]:
    held = runtime.run(workspace.ctx, open_connection, connection).credentials
    return {name: value.get_secret_value() for name, value in held.items()}


def put(workspace: Workspace, connection: UUID, credentials: dict[str, str]) -> None:
    """Have the connection hold these, whatever it held."""
    with runtime.unit_of_work(workspace.ctx) as session:
        seal_into(session.exec(select(Connection).where(Connection.id == connection)).one(),
                  credentials)  # fmt: skip


def let_it_end(workspace: Workspace, connection: UUID) -> dict[str, str]:
    """The token of a connection has a minute left; its credentials."""
    soon = str(int(datetime.now(UTC).timestamp()) + 60)
    ending = credentials_of(workspace, connection) | {"expires_at": soon}
    put(workspace, connection, ending)
    return ending


def test_a_token_that_ends_is_renewed_once_and_kept(
    workspace: Workspace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def refresh(*given: Any) -> oauth.Tokens:
        asked.append(given)
        return real(*given)

    real = oauth.refresh
    monkeypatch.setattr(oauth, "refresh", refresh)
    connection = finish(
        workspace.ctx, Trip(begin(workspace.ctx, command(sandbox, "shopify"))).back()
    ).id
    first = let_it_end(workspace, connection)
    with ThreadPoolExecutor(3) as pool:
        outcomes = list(
            pool.map(lambda _: check_connection(workspace.ctx, connection).ok, range(3))
        )
    assert outcomes == [True, True, True]
    assert len(asked) == 1
    second = credentials_of(workspace, connection)
    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] != first["refresh_token"]
    assert int(second["expires_at"]) > int(first["expires_at"]) + 3000
    assert second["api_secret"] == first["api_secret"]
    assert check_connection(workspace.ctx, connection).ok
    assert credentials_of(workspace, connection) == second


def test_netsuite_tokens_are_kept_and_a_new_refresh_token_replaces_the_old_one(
    workspace: Workspace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = netsuite_oauth.refresh
    asked: list[str] = []

    def rotating(http: Any, app: Any, given: SecretStr) -> netsuite_oauth.Tokens:
        """As for a client whose refresh tokens are good once."""
        asked.append(given.get_secret_value())
        tokens = real(http, app, SecretStr(first["refresh_token"]))
        return replace(tokens, refresh=SecretStr(f"successor-{len(asked)}"))

    connection = finish(
        workspace.ctx, Trip(begin(workspace.ctx, command(sandbox, "netsuite"))).back()
    ).id
    first = credentials_of(workspace, connection)
    monkeypatch.setattr(netsuite_oauth, "refresh", rotating)
    with ThreadPoolExecutor(3) as pool:
        outcomes = [*pool.map(lambda _: check_connection(workspace.ctx, connection).ok, range(3))]
    assert outcomes == [True, True, True]
    let_it_end(workspace, connection)
    assert check_connection(workspace.ctx, connection).ok
    assert asked == [first["refresh_token"], "successor-1"], "each once, by whoever came first"
    held = credentials_of(workspace, connection)
    assert held["refresh_token"] == "successor-2"
    assert held["client_secret"] == first["client_secret"]


def test_a_renewal_leaves_alone_what_people_saved_meanwhile(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    connection = finish(
        workspace.ctx, Trip(begin(workspace.ctx, command(sandbox, "shopify"))).back()
    ).id
    used = SecretStr(credentials_of(workspace, connection)["access_token"])
    fresh = Renewed(connection, used, {"access_token": SecretStr("shpat_fresh")})
    saved = credentials_of(workspace, connection) | {"webhook_secret": "whsec_saved"}
    put(workspace, connection, saved)
    runtime.run(workspace.ctx, keep_renewed, fresh)
    assert credentials_of(workspace, connection) == saved | {"access_token": "shpat_fresh"}
    edited = {"access_token": "shpat_of_another_shop"}
    put(workspace, connection, edited)
    runtime.run(workspace.ctx, keep_renewed, fresh)
    assert credentials_of(workspace, connection) == edited


def test_a_token_that_was_refused_is_renewed(workspace: Workspace, sandbox: Sandbox) -> None:
    connection = finish(
        workspace.ctx, Trip(begin(workspace.ctx, command(sandbox, "shopify"))).back()
    ).id
    held = credentials_of(workspace, connection)
    broken = held | {"access_token": "shpat_0123456789abcdef0123456789abcdef"}
    put(workspace, connection, broken)
    assert check_connection(workspace.ctx, connection).ok
    renewed = credentials_of(workspace, connection)
    assert renewed["access_token"] not in (held["access_token"], broken["access_token"])


def test_a_refresh_token_that_is_gone_is_said(workspace: Workspace, sandbox: Sandbox) -> None:
    connection = finish(
        workspace.ctx, Trip(begin(workspace.ctx, command(sandbox, "shopify"))).back()
    ).id
    gone = let_it_end(workspace, connection) | {"refresh_token": "shprt_gone_gone_gone"}
    put(workspace, connection, gone)
    outcome = check_connection(workspace.ctx, connection)
    assert not outcome.ok
    assert "Connect the shop again" in outcome.message
    (card,) = runtime.run(workspace.ctx, list_connections, ListConnections())
    assert card.status == "error"
