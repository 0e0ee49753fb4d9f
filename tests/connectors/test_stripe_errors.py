"""What Stripe refuses, breaks or garbles, in words a person can act on."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from ecomops.connectors.stripe.objects import KINDS
from ecomops.kit.errors import (
    ProviderAuthError,
    ProviderContractError,
    ProviderError,
    ProviderPermissionError,
    ProviderRateLimitedError,
    ProviderTransientError,
)
from tests.connectors import stripe_objects as stripe
from tests.connectors.ledger import KEY, a_list, stripe_at
from tests.connectors.wire import Reply, Request, Respond, error, reply, script


def test_hostile_text_in_an_error_is_made_printable() -> None:
    with (
        stripe_at(script(error(400, "a\0b\ud800\n" + "x" * 9999))) as (connector, _),
        pytest.raises(ProviderContractError) as caught,
    ):
        list(connector.pages("charges", None))
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 400


@pytest.mark.parametrize("version", [None, "2022-11-15"])
def test_another_api_version_is_refused(version: str | None) -> None:
    body = {"object": "list", "data": [], "has_more": False}
    answer = reply(body, Stripe_Version=version)
    with (
        stripe_at(script(answer)) as (connector, _),
        pytest.raises(ProviderContractError, match="version"),
    ):
        list(connector.pages("charges", None))


@pytest.mark.parametrize(
    ("status", "code", "kind", "requests"),
    [
        (400, "parameter_unknown", ProviderContractError, 1),
        (401, "", ProviderAuthError, 1),
        (402, "", ProviderContractError, 1),
        (403, "", ProviderPermissionError, 1),
        (404, "", ProviderContractError, 1),
        (409, "", ProviderTransientError, 3),
        (424, "", ProviderTransientError, 3),
        (429, "rate_limit", ProviderRateLimitedError, 3),
        (429, "lock_timeout", ProviderRateLimitedError, 3),
        (500, "", ProviderTransientError, 3),
        (504, "", ProviderTransientError, 3),
    ],
)
def test_each_status_has_its_error(
    status: int, code: str, kind: type[ProviderError], requests: int
) -> None:
    with stripe_at(script(error(status, "why", code=code))) as (connector, wire):
        with pytest.raises(kind) as caught:
            list(connector.pages("charges", None))
        assert type(caught.value) is kind or status == 404
        assert len(wire.seen) == requests


def test_a_token_revoked_in_mid_sync_leaves_the_cursor_of_the_last_page() -> None:
    first = a_list(stripe.charge(id="ch_2"), has_more=True)
    with stripe_at(script(first, error(401, "Expired API Key"))) as (connector, _):
        walk = connector.pages("charges", None)
        assert next(walk).cursor["after"] == "ch_2"
        with pytest.raises(ProviderAuthError, match="refused the key"):
            next(walk)


def account_of(account: Any, **refused: Reply) -> Respond:
    """An account with empty lists, some of which are ``refused``."""

    def respond(request: Request) -> Reply:
        name = request.path.rpartition("/")[2]
        return reply(account) if name == "account" else refused.get(name, a_list())

    return respond


def test_check_tells_whose_account_it_is() -> None:
    account = {
        "id": "acct_1",
        "object": "account",
        "business_profile": {"name": "Hogwarts Shop"},
        "country": "US",
        "default_currency": "usd",
        "settings": {
            "dashboard": {"timezone": "America/Los_Angeles"},
            "payouts": {"schedule": {"interval": "daily", "delay_days": 2}},
        },
    }
    with stripe_at(account_of(account)) as (connector, wire):
        found = connector.check()
    assert wire.seen[0].path == "/v1/account"
    assert {request.query.get("limit") for request in wire.seen[1:]} == {"1"}
    assert (found.account_id, found.name) == ("acct_1", "Hogwarts Shop")
    assert found.detail == {
        "country": "US",
        "default_currency": "USD",
        "timezone": "America/Los_Angeles",
        "livemode": False,
        "payout_schedule": {"interval": "daily", "delay_days": 2},
        "api_version": "2026-07-29.dahlia",
        "missing_permissions": {},
        "clock_skew_seconds": None,
    }


def test_check_names_what_a_restricted_key_cannot_see() -> None:
    said = "Having the 'rak_dispute_read' permission would allow this request to continue."
    refused = {"disputes": error(403, said), "events": error(403)}
    with stripe_at(account_of({"id": "acct_1"}, **refused)) as (connector, wire):
        gaps = connector.check().detail["missing_permissions"]
    assert gaps == {"Disputes": "rak_dispute_read", "Events": "Events"}
    assert len(wire.seen) == 7


@pytest.mark.parametrize(("behind", "skew"), [(0, 0), (90, 90), (-3600, -3600)])
def test_check_tells_how_far_our_clock_is_ahead(behind: int, skew: int) -> None:
    theirs = format_datetime(datetime.now(UTC) - timedelta(seconds=behind), usegmt=True)
    lists = reply({"object": "list", "data": [], "has_more": False}, Date=theirs)
    respond = account_of({"id": "acct_1"}, **dict.fromkeys((*KINDS, "events"), lists))
    with stripe_at(respond) as (connector, _):
        told = connector.check().detail["clock_skew_seconds"]
    assert abs(told - skew) <= 2


def test_check_stops_at_what_is_no_missing_permission() -> None:
    respond = account_of({"id": "acct_1"}, payouts=error(401, "Expired API Key"))
    with stripe_at(respond) as (connector, _), pytest.raises(ProviderAuthError, match="refused"):
        connector.check()


@pytest.mark.parametrize(("key", "live"), [("sk_live_abc12345", True), ("rk_test_abc12345", False)])
def test_the_mode_is_that_of_the_key(key: str, live: bool) -> None:
    with stripe_at(account_of({"id": "acct_1"}), key) as (connector, _):
        account = connector.check()
    assert account.detail["livemode"] is live
    assert account.name == "acct_1"


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("pk_test_abc12345", "publishable"),
        ("sk_test_é12345", "not a Stripe key"),
        ("sk_test\r\nX-Evil: 1", "not a Stripe key"),
        ("sk", "not a Stripe key"),
    ],
)
def test_a_key_that_cannot_work_is_refused_before_any_call(key: str, word: str) -> None:
    with stripe_at(script(reply({})), key) as (connector, wire):
        with pytest.raises(ProviderAuthError, match=word):
            connector.check()
        assert not wire.seen


def test_a_wrong_key_is_told_in_words_without_the_key() -> None:
    refusal = error(401, f"Invalid API Key provided: {KEY}.")
    with stripe_at(script(refusal)) as (connector, _), pytest.raises(ProviderAuthError) as caught:
        connector.check()
    assert caught.value.message.startswith("Stripe refused the key: Invalid API Key provided")
    assert "Check that" in caught.value.message
    assert KEY not in caught.value.message + caught.value.detail


@pytest.mark.parametrize(
    ("said", "named"),
    [
        (
            "The key does not have the required permissions. Having the 'rak_payout_read' "
            "permission would allow this request to continue.",
            "rak_payout_read",
        ),
        ("No.", "Payouts"),
    ],
)
def test_a_missing_permission_is_named(said: str, named: str) -> None:
    with (
        stripe_at(script(error(403, said))) as (connector, _),
        pytest.raises(ProviderAuthError, match=f"lacks a permission: {named}"),
    ):
        list(connector.pages("payouts", None))


def test_an_error_page_in_html_still_is_the_error_of_its_status() -> None:
    html = reply("<html>Bad Gateway</html>", 502, Content_Type="text/html")
    with (
        stripe_at(script(html)) as (connector, _),
        pytest.raises(ProviderTransientError, match="502"),
    ):
        connector.check()
