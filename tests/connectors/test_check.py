"""The Test call of NetSuite and Shopify, over HTTP: against the sandbox, and what it may meet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from ecomops.connectors.base import Connector
from ecomops.connectors.http import Limits
from ecomops.connectors.netsuite import NetsuiteConnector
from ecomops.connectors.shopify import ShopifyConnector
from ecomops.kit.errors import (
    ProviderAuthError,
    ProviderContractError,
    ProviderError,
    ProviderRateLimitedError,
    ProviderTransientError,
)
from tests.connectors.wire import Reply, Respond, Wire, reply, script, serve
from tests.sandbox.conftest import start, stop

HASTY = Limits(read=5, retries=2, first_backoff=0.001, longest_backoff=0.002, longest_retry_after=0)
Secrets = dict[str, SecretStr]
VERSION: dict[str, Any] = {"X_Shopify_API_Version": "2026-07"}
SHOP_DATA = {"id": "gid://shopify/Shop/1", "name": "Nord", "plan": {"partnerDevelopment": True}}


class Sandbox:
    """A running sandbox and its own addresses."""

    def __init__(self, base: str) -> None:
        self.base = base

    def json(self, path: str) -> Any:
        return httpx.get(self.base + path).raise_for_status().json()

    def set_clock(self, days: int) -> None:
        httpx.put(f"{self.base}/clock", json={"offset_days": days}).raise_for_status()

    def faults(self, plan: Mapping[str, Any]) -> None:
        httpx.put(f"{self.base}/faults", json=plan).raise_for_status()


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    process = start("--days", "2", "--orders-per-day", "2")
    yield Sandbox(process.base)
    assert stop(process) == 0


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    """The sandbox with its clock at the end of its history and nothing wrong with it."""
    running.set_clock(0)
    running.faults({})
    return running


def credentials(sandbox: Sandbox, provider: str) -> Secrets:
    told = sandbox.json("/credentials.json")[provider]
    return {name: SecretStr(value) for name, value in told.items()}


def netsuite(sandbox: Sandbox, **other: str) -> NetsuiteConnector:
    signing = ("account_id", "consumer_key", "consumer_secret", "token_id", "token_secret")
    told = credentials(sandbox, "netsuite")
    own = {name: told[name] for name in signing}
    label = own["account_id"].get_secret_value().lower().replace("_", "-")
    return NetsuiteConnector(
        {**own, **secret(other)}, base=f"{sandbox.base}/netsuite/{label}", limits=HASTY
    )


def shopify(sandbox: Sandbox, **other: str) -> ShopifyConnector:
    told = credentials(sandbox, "shopify")
    own = {name: told[name] for name in ("shop_domain", "api_key", "api_secret")}
    base = f"{sandbox.base}/shopify/{own['shop_domain'].get_secret_value()}"
    return ShopifyConnector({**own, **secret(other)}, base=base, limits=HASTY)


def secret(values: Mapping[str, str]) -> Secrets:
    return {name: SecretStr(value) for name, value in values.items()}


def problem(connector: Connector) -> ProviderError:
    """The error that a check must end with."""
    with pytest.raises(ProviderError) as caught:
        connector.check()
    connector.close()
    return caught.value


# NetSuite, against the sandbox


def test_netsuite_lets_the_right_token_in(sandbox: Sandbox) -> None:
    connector = netsuite(sandbox)
    account = credentials(sandbox, "netsuite")["account_id"].get_secret_value()
    for _ in range(3):
        found = connector.check()
        assert (found.account_id, found.name) == (account, f"Harbour & Pine Inc. ({account})")
    connector.close()


@pytest.mark.parametrize("typed", [str.lower, lambda it: it.replace("_", "-")])
def test_the_account_may_be_typed_as_hosts_have_it(
    sandbox: Sandbox, typed: Callable[[str], str]
) -> None:
    account = credentials(sandbox, "netsuite")["account_id"].get_secret_value()
    assert netsuite(sandbox, account_id=typed(account)).check().account_id == account


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("consumer_key", "Consumer Key"),
        ("consumer_secret", "Consumer Secret or the Token Secret"),
        ("token_id", "Token ID"),
        ("token_secret", "Consumer Secret or the Token Secret"),
    ],
)
def test_netsuite_says_which_credential_is_wrong(sandbox: Sandbox, field: str, words: str) -> None:
    error = problem(netsuite(sandbox, **{field: "0123456789abcdef"}))
    assert isinstance(error, ProviderAuthError)
    assert error.message.startswith("NetSuite refused the token")
    assert words in error.message
    assert "0123456789abcdef" not in error.message + error.detail


def test_another_account_is_refused(sandbox: Sandbox) -> None:
    error = problem(netsuite(sandbox, account_id="7654321"))
    assert isinstance(error, ProviderAuthError)
    assert "Account ID" in error.message


@pytest.mark.parametrize("provider", ["netsuite", "shopify"])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("rate_limited", ProviderRateLimitedError),
        ("server_error", ProviderTransientError),
        ("html", ProviderTransientError),
        ("truncated", ProviderTransientError),
        ("disconnected", ProviderTransientError),
        ("revoked", ProviderAuthError),
    ],
)
def test_faults_are_told_apart(
    sandbox: Sandbox, provider: str, fault: str, kind: type[ProviderError]
) -> None:
    connector: Connector = (netsuite if provider == "netsuite" else shopify)(sandbox)
    sandbox.faults({"scripts": [{"fault": fault, "path": f"/{provider}/"}]})
    assert type(problem(connector)) in (kind, *kind.__subclasses__())


@pytest.mark.parametrize("provider", ["netsuite", "shopify"])
@pytest.mark.parametrize("fault", ["rate_limited", "server_error", "html", "truncated"])
def test_a_fault_that_passes_is_waited_out(sandbox: Sandbox, provider: str, fault: str) -> None:
    connector: Connector = (netsuite if provider == "netsuite" else shopify)(sandbox)
    sandbox.faults({"scripts": [{"fault": fault, "path": f"/{provider}/", "times": 1}]})
    assert connector.check().account_id
    assert sandbox.json("/faults")["injected"] == {fault: 1}
    connector.close()


# NetSuite, what else it may say


def netsuite_at(wire: Wire, **other: str) -> NetsuiteConnector:
    values = dict.fromkeys(("consumer_key", "consumer_secret", "token_id", "token_secret"), "k" * 9)
    values |= {"account_id": "1234567_SB1", **other}
    return NetsuiteConnector(secret(values), base=wire.base + "/n", limits=HASTY)


def refused(status: int, code: str, detail: str, **headers: str) -> Reply:
    body = {"status": status, "o:errorDetails": [{"detail": detail, "o:errorCode": code}]}
    return reply(body, status, **headers)


def netsuite_problem(answer: Reply) -> ProviderError:
    with serve(script(answer)) as wire:
        return problem(netsuite_at(wire))


def test_the_query_goes_out_as_documented() -> None:
    one = {"items": [{"links": [], "expr1": 1}], "count": 1, "hasMore": False}
    with serve(script(reply(one))) as wire:
        netsuite_at(wire).check()
    request = wire.seen[0]
    assert request.path == "/n/services/rest/query/v1/suiteql"
    assert request.query == {"limit": "1"}
    assert request.headers["prefer"] == "transient"
    assert request.headers["authorization"].startswith('OAuth realm="1234567_SB1",')
    assert json.loads(request.body) == {"q": "SELECT 1 FROM dual"}


def test_a_role_without_the_permission_is_named() -> None:
    error = netsuite_problem(refused(403, "INSUFFICIENT_PERMISSION", "Permission Violation"))
    assert isinstance(error, ProviderAuthError)
    assert "REST Web Services" in error.message
    assert "SuiteAnalytics Workbook" in error.message


def test_a_refusal_without_a_reason_says_all_that_there_is_to_check() -> None:
    error = netsuite_problem(reply(b"", 401))
    assert isinstance(error, ProviderAuthError)
    assert "integration and the token are enabled" in error.message


def test_a_wrong_clock_is_said_so() -> None:
    answer = refused(401, "INVALID_LOGIN", "Invalid.", Date="Mon, 05 Jan 2015 10:00:00 GMT")
    assert "clock" in netsuite_problem(answer).message


@pytest.mark.parametrize("status", [400, 404, 405])
def test_what_netsuite_does_not_understand_is_a_contract_error(status: int) -> None:
    error = netsuite_problem(refused(status, "INVALID_REQUEST", "malformed syntax"))
    assert isinstance(error, ProviderContractError)
    assert "malformed syntax" in error.message


@pytest.mark.parametrize(
    "body",
    [
        {}, [], "x", 1, None, {"items": None}, {"items": [1]}, {"items": []}, {"items": [{}]},
        {"items": [{"expr1": "2"}]}, {"items": [{"a": "1", "b": "1"}]},
    ],
    ids=repr,
)  # fmt: skip
def test_an_answer_that_is_none_is_a_contract_error(body: Any) -> None:
    assert isinstance(netsuite_problem(reply(json.dumps(body))), ProviderContractError)


# Shopify, against the sandbox


def test_shopify_gives_the_apps_credentials_a_token(sandbox: Sandbox) -> None:
    found = shopify(sandbox).check()
    assert found.name == "Ecomops Demo Shop"
    assert found.account_id.startswith("gid://shopify/Shop/")
    domain = credentials(sandbox, "shopify")["shop_domain"].get_secret_value()
    assert found.detail["shop"] == domain
    assert found.detail["currency"] == "USD"
    assert found.detail["api_version"] == "2026-07"
    assert "read_orders" in found.detail["scopes"]
    assert (found.detail["missing_scopes"], found.detail["limits"]) == ([], [])
    assert abs(found.detail["clock_skew_seconds"]) <= 2


def test_a_custom_apps_lasting_token_is_taken_as_the_secret(sandbox: Sandbox) -> None:
    token = credentials(sandbox, "shopify")["access_token"].get_secret_value()
    assert shopify(sandbox, api_secret=token).check().name == "Ecomops Demo Shop"
    error = problem(shopify(sandbox, api_secret="shpat_0123456789abcdef"))
    assert isinstance(error, ProviderAuthError)
    assert "still installed" in error.message


@pytest.mark.parametrize("field", ["api_key", "api_secret"])
def test_wrong_credentials_of_an_app_are_said_so(sandbox: Sandbox, field: str) -> None:
    error = problem(shopify(sandbox, **{field: "0123456789abcdef"}))
    assert isinstance(error, ProviderAuthError)
    assert error.message.startswith("Shopify refused the API Key and API Secret")


def test_another_shop_is_not_found(sandbox: Sandbox) -> None:
    own = credentials(sandbox, "shopify")
    base = f"{sandbox.base}/shopify/other.myshopify.com"
    error = problem(ShopifyConnector(own, base=base, limits=HASTY))
    assert isinstance(error, ProviderAuthError)
    assert "Shop Domain" in error.message


def test_a_token_that_has_ended_is_replaced(sandbox: Sandbox) -> None:
    connector = shopify(sandbox)
    connector.check()
    sandbox.set_clock(2)
    with capture_logs() as lines:
        assert connector.check().name == "Ecomops Demo Shop"
    calls = [line["status"] for line in lines if line["event"] == "provider_call"]
    assert calls == [401, 200, 200]
    connector.close()


# Shopify, what else it may say


def shopify_at(wire: Wire) -> ShopifyConnector:
    values = {"shop_domain": "Nord.myshopify.com", "api_key": "k" * 32, "api_secret": "s" * 32}
    return ShopifyConnector(secret(values), base=wire.base + "/s", limits=HASTY)


def granting(answer: Reply) -> Respond:
    """Grants tokens, and gives this answer to queries."""
    granted = reply({"access_token": "t" * 32, "scope": "read_orders", "expires_in": 86399})
    return lambda request: granted if request.path.endswith("access_token") else answer


def shopify_problem(answer: Reply) -> ProviderError:
    with serve(granting(answer)) as wire:
        return problem(shopify_at(wire))


def errors(code: str, **more: Any) -> Reply:
    error = {"message": f"It is {code}.", "extensions": {"code": code}}
    return reply({"errors": [error], "data": None, **more}, **VERSION)


def test_the_token_is_kept_and_sent_in_shopifys_header() -> None:
    with serve(granting(reply({"data": {"shop": SHOP_DATA}}, **VERSION))) as wire:
        connector = shopify_at(wire)
        connector.check()
        connector.check()
        connector.close()
    grant, *queries = wire.seen
    assert json.loads(grant.body) == {
        "grant_type": "client_credentials", "client_id": "k" * 32, "client_secret": "s" * 32
    }  # fmt: skip
    assert "x-shopify-access-token" not in grant.headers
    assert [query.path for query in queries] == ["/s/admin/api/2026-07/graphql.json"] * 2
    assert {query.headers["x-shopify-access-token"] for query in queries} == {"t" * 32}


@pytest.mark.parametrize(("lifetime", "grants"), [(86_399, 1), (300, 2), (0, 2)])
def test_a_token_is_replaced_before_it_ends(lifetime: int, grants: int) -> None:
    granted = reply({"access_token": "t" * 32, "scope": "", "expires_in": lifetime})
    shop = reply({"data": {"shop": SHOP_DATA}}, **VERSION)
    with serve(lambda it: granted if it.path.endswith("access_token") else shop) as wire:
        connector = shopify_at(wire)
        connector.check()
        connector.check()
        connector.close()
    assert sum(request.path.endswith("access_token") for request in wire.seen) == grants


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (errors("ACCESS_DENIED"), ProviderAuthError, "access scopes"),
        (errors("SHOP_INACTIVE"), ProviderAuthError, "frozen"),
        (errors("INTERNAL_SERVER_ERROR"), ProviderTransientError, "problem"),
        (errors("MAX_COST_EXCEEDED"), ProviderContractError, "MAX_COST_EXCEEDED"),
        (reply({"errors": "text"}, **VERSION), ProviderContractError, "text"),
        (reply({"errors": "No"}, 401), ProviderAuthError, "still installed"),
        (reply({"errors": {"scope": ["missing"]}}, 403), ProviderAuthError, "access scopes"),
        (reply(b"", 402), ProviderAuthError, "frozen"),
        (reply(b"", 423), ProviderAuthError, "locked"),
        (reply(b"<html>", 404, Content_Type="text/html"), ProviderAuthError, "Shop Domain"),
        (reply(b"", 429, Retry_After="2.0"), ProviderRateLimitedError, "limits"),
        (reply({"errors": "Bad"}, 400), ProviderContractError, "Bad"),
    ],
)
def test_each_refusal_has_its_type_and_words(
    answer: Reply, kind: type[ProviderError], words: str
) -> None:
    error = shopify_problem(answer)
    assert isinstance(error, kind)
    assert words in error.message


@pytest.mark.parametrize("version", ["2026-10", "2025-01", None])
def test_an_answer_in_another_version_is_refused(version: str | None) -> None:
    answer = reply({"data": {"shop": SHOP_DATA}}, X_Shopify_API_Version=version)
    error = shopify_problem(answer)
    assert isinstance(error, ProviderContractError)
    assert "2026-07" in error.message


def test_the_wait_is_as_long_as_the_bucket_takes_to_fill() -> None:
    bucket = {"maximumAvailable": 2000.0, "currentlyAvailable": 10, "restoreRate": 100.0}
    cost = {"requestedQueryCost": 252, "actualQueryCost": None, "throttleStatus": bucket}
    error = shopify_problem(errors("THROTTLED", extensions={"cost": cost}))
    assert isinstance(error, ProviderRateLimitedError)
    assert error.retry_after == 3


@pytest.mark.parametrize("cost", [None, {}, {"requestedQueryCost": "x"}, []])
def test_a_throttled_answer_without_a_cost_is_one_all_the_same(cost: Any) -> None:
    error = shopify_problem(errors("THROTTLED", extensions={"cost": cost}))
    assert isinstance(error, ProviderRateLimitedError)
    assert error.retry_after is None


def test_what_is_not_granted_is_said_by_name() -> None:
    granted = ["read_shopify_payments", "write_orders", "read_products"]
    installed = {"accessScopes": [{"handle": name} for name in granted]}
    data = {"shop": SHOP_DATA, "currentAppInstallation": installed}
    answer = reply({"data": data}, Date="Fri, 20 Nov 2026 10:00:00 GMT", **VERSION)
    with serve(granting(answer)) as wire:
        detail = shopify_at(wire).check().detail
    assert detail["scopes"] == sorted(granted)
    assert detail["missing_scopes"] == ["read_all_orders"]
    (limit,) = detail["limits"]
    assert "60 days" in limit
    told = datetime(2026, 11, 20, 10, tzinfo=UTC)
    skew = (told - datetime.now(UTC)).total_seconds()
    assert abs(detail["clock_skew_seconds"] - skew) < 5


def test_without_an_installation_the_tokens_scopes_are_told() -> None:
    with serve(granting(reply({"data": {"shop": SHOP_DATA}}, **VERSION))) as wire:
        detail = shopify_at(wire).check().detail
    assert detail["scopes"] == ["read_orders"]
    assert "read_shopify_payments_payouts" in detail["missing_scopes"]


@pytest.mark.parametrize(
    "data", [None, [], "x", {}, {"shop": None}, {"shop": {"id": 1, "name": "x"}}], ids=repr
)
def test_a_shop_that_is_none_is_a_contract_error(data: Any) -> None:
    assert isinstance(shopify_problem(reply({"data": data}, **VERSION)), ProviderContractError)


@pytest.mark.parametrize(
    "body",
    [{}, [], {"access_token": 1, "expires_in": 5}, {"access_token": "a\nb" * 8, "expires_in": 5}],
    ids=repr,
)
def test_a_grant_without_a_token_is_a_contract_error(body: Any) -> None:
    with serve(script(reply(body))) as wire:
        assert isinstance(problem(shopify_at(wire)), ProviderContractError)
        assert len(wire.seen) == 1


@pytest.mark.parametrize("provider", [netsuite_at, shopify_at])
def test_neither_log_nor_error_holds_a_secret(
    provider: Callable[[Wire], Connector],
) -> None:
    with serve(script(reply({"errors": "no"}, 401))) as wire, capture_logs() as lines:
        error = problem(provider(wire))
    text = repr(lines) + error.message + error.detail
    assert "k" * 9 not in text
    assert "s" * 32 not in text
