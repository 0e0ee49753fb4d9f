"""The Test button and Run Sync, for connections of every provider."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

import pytest
from pydantic import SecretStr

from ecomops import runtime
from ecomops.domains.connections.fields import FORMS
from ecomops.domains.connections.schemas import ConnectionCard, CreateConnection, ListConnections
from ecomops.domains.connections.service import create_connection, list_connections
from ecomops.domains.sync.schemas import StartSync, SyncStarted
from ecomops.domains.sync.service import start_sync
from ecomops.kit.errors import ConflictError, EntitlementDeniedError
from ecomops.operations.connection_check import check_connection
from tests.conftest import Workspace
from tests.integration.provider import Sandbox

Audit = Callable[[Workspace], list[tuple[str, str]]]
PROVIDERS = ("stripe", "shopify", "netsuite")


def connect(
    sandbox: Sandbox, workspace: Workspace, provider: str, other: Mapping[str, str] | None = None
) -> UUID:
    """A sandbox connection with the right credentials, but for ``other``."""
    told = sandbox.json("/credentials.json")[provider]
    values = {name: told[name] for name in FORMS[provider]} | dict(other or {})
    secrets = {name: SecretStr(value) for name, value in values.items()}
    command = CreateConnection(provider, "Main", "sandbox", secrets)
    return runtime.run(workspace.ctx, create_connection, command).id


def card(workspace: Workspace) -> ConnectionCard:
    (found,) = runtime.run(workspace.ctx, list_connections, ListConnections())
    return found


@pytest.mark.parametrize(
    ("provider", "name"),
    [("stripe", "Ecomops Demo Shop"), ("shopify", "Ecomops Demo Shop"), ("netsuite", "Harbour &")],
)
def test_a_connection_that_works_is_said_to(
    sandbox: Sandbox, workspace: Workspace, audit: Audit, provider: str, name: str
) -> None:
    outcome = check_connection(workspace.ctx, connect(sandbox, workspace, provider))
    assert (outcome.ok, outcome.message) == (True, "Connection healthy")
    found = card(workspace)
    assert (found.status, found.last_error) == ("active", None)
    assert str(found.account_name).startswith(name)
    assert audit(workspace)[-2:] == [
        ("connection_created", "success"), ("connection_tested", "success")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("provider", "wrong", "words"),
    [
        ("stripe", {"api_key": "sk_test_0123456789"}, "Stripe refused the key"),
        ("shopify", {"api_secret": "0123456789abcdef"}, "API Key and API Secret"),
        ("shopify", {"shop_domain": "other.myshopify.com"}, "Shop Domain"),
        ("netsuite", {"token_secret": "0123456789abcdef"}, "Token Secret"),
        ("netsuite", {"account_id": "7654321"}, "Account ID"),
    ],
)
def test_one_that_does_not_says_what_to_mend(
    sandbox: Sandbox,
    workspace: Workspace,
    audit: Audit,
    provider: str,
    wrong: dict[str, str],
    words: str,
) -> None:
    outcome = check_connection(workspace.ctx, connect(sandbox, workspace, provider, wrong))
    assert not outcome.ok
    assert words in outcome.message
    assert (card(workspace).status, card(workspace).last_error) == ("error", outcome.message)
    assert audit(workspace)[-1] == ("connection_tested", "error")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_key_that_was_revoked_and_given_back(
    sandbox: Sandbox, workspace: Workspace, provider: str
) -> None:
    connection = connect(sandbox, workspace, provider)
    sandbox.faults({"scripts": [{"fault": "revoked", "path": f"/{provider}/"}]})
    assert not check_connection(workspace.ctx, connection).ok
    assert card(workspace).status == "error"
    sandbox.faults({})
    assert check_connection(workspace.ctx, connection).ok
    assert card(workspace).status == "active"


def test_a_trial_takes_one_netsuite_account_and_one_source(
    sandbox: Sandbox, workspace: Workspace
) -> None:
    connect(sandbox, workspace, "netsuite")
    connect(sandbox, workspace, "shopify")
    for provider in PROVIDERS:
        with pytest.raises(EntitlementDeniedError):
            connect(sandbox, workspace, provider)


def test_all_that_is_connected_is_synced(sandbox: Sandbox, workspace: Workspace) -> None:
    with pytest.raises(ConflictError, match="nothing to sync yet"):
        runtime.run(workspace.ctx, start_sync, StartSync())
    connect(sandbox, workspace, "netsuite")
    connect(sandbox, workspace, "shopify")
    assert runtime.run(workspace.ctx, start_sync, StartSync()) == SyncStarted(2, 0)
    assert runtime.run(workspace.ctx, start_sync, StartSync()) == SyncStarted(0, 2)
