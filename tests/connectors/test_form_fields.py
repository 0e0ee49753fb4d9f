"""What the connection form says beside each field."""

from collections.abc import Mapping

import pytest
from pydantic import SecretStr

from ecomops.connectors.registry import OPENERS
from ecomops.domains.connections.fields import FORMS, OFFERED, check
from ecomops.domains.connections.schemas import CreateConnection
from ecomops.kit.errors import InvalidInputError
from ecomops.models.connections import PROVIDERS

GOOD = {
    "stripe": {"api_key": "sk_test_12345678"},
    "shopify": {
        "shop_domain": " Nord.myshopify.com ",
        "api_key": "0123456789abcdef",
        "api_secret": "shpss_0123456789",
    },
    "netsuite": {
        "account_id": "1234567_SB1",
        "consumer_key": "0123456789abcdef",
        "consumer_secret": "0123456789abcdef",
        "token_id": "0123456789abcdef",
        "token_secret": "0123456789abcdef",
    },
}


def command(provider: str, other: Mapping[str, str] | None = None) -> CreateConnection:
    values = {**GOOD[provider], **(other or {})}
    secrets = {name: SecretStr(value) for name, value in values.items()}
    return CreateConnection(provider, "Main", "provider", secrets)


def problems(provider: str, other: Mapping[str, str]) -> dict[str, str]:
    with pytest.raises(InvalidInputError) as caught:
        check(command(provider, other))
    return caught.value.fields


def test_every_provider_has_a_form_and_a_connector() -> None:
    assert set(FORMS) == set(OPENERS) == set(PROVIDERS) == set(GOOD)
    assert set(FORMS) == set(OFFERED)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_is_right_is_taken_without_the_blanks_around_it(provider: str) -> None:
    wanted = {name: value.strip() for name, value in GOOD[provider].items()}
    assert check(command(provider)) == wanted


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_field_that_is_left_empty_is_named(provider: str) -> None:
    found = problems(provider, dict.fromkeys(GOOD[provider], " "))
    assert found == {name: f"Enter the {label}." for name, label in FORMS[provider].items()}


@pytest.mark.parametrize(
    ("provider", "field", "value", "words"),
    [
        ("stripe", "api_key", "pk_test_12345678", "publishable"),
        ("shopify", "shop_domain", "nord", "your-store.myshopify.com"),
        ("shopify", "shop_domain", "https://nord.myshopify.com", "without https://"),
        ("shopify", "api_key", "shpss_0123456789", "Client ID"),
        ("shopify", "api_key", "shpat_0123456789", "API Secret"),
        ("shopify", "api_secret", "two words of it", "without spaces"),
        ("netsuite", "account_id", "My Company", "1234567_SB1"),
        ("netsuite", "account_id", "https://1234567.app.netsuite.com", "Company Information"),
        ("netsuite", "token_id", "short", "Token ID whole"),
        ("netsuite", "token_secret", "héllo wörld", "Token Secret whole"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    provider: str, field: str, value: str, words: str
) -> None:
    found = problems(provider, {field: value})
    assert list(found) == [field]
    assert words in found[field]
    assert value not in found[field]
