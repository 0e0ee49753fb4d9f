"""T14: no shop domain and no account ID leads to any other host."""

from __future__ import annotations

import socket
from dataclasses import replace
from itertools import product
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from ecomops.connectors.http import Limits
from ecomops.connectors.names import netsuite_account, netsuite_host_label, shop_domain
from ecomops.connectors.netsuite import NetsuiteConnector
from ecomops.connectors.shopify import ShopifyConnector
from ecomops.domains.connections import fields
from ecomops.domains.connections.schemas import CreateConnection, OpenedConnection
from ecomops.kit.context import Context
from ecomops.kit.errors import ConflictError, InvalidInputError, ProviderAuthError, ProviderError
from ecomops.kit.settings import Settings
from ecomops.operations import addresses, provider
from ecomops.operations.provider import connector_for

ONCE = Limits(retries=0)
CTX = Context("c", "web")
HOSTS = (
    "evil.example", "127.0.0.1", "localhost", "[::1]", "0.0.0.0", "169.254.169.254", "2130706433",
    "0x7f.1", "127.0.0.1:5432", "metadata.google.internal", "user:pw@evil.example", "evil.example.",
    "xn--evl-7oa.example", "\uff45vil.example", "evil\u3002example",
)  # fmt: skip
JOINED = (
    "{host}", "https://{host}", "//{host}", "{host}/{good}", "{host}#{good}", "{host}?{good}",
    "{good}.{host}", "{good}@{host}", "{good}:x@{host}", "{good}/@{host}", "{good}#@{host}",
    "{good}?@{host}", "{good}\\@{host}", "{host}\\{good}", "{good}%2f@{host}", "{host}%00{good}",
    "{host}\x00{good}", "{host}\n{good}", "{good}\r\nHost: {host}", "{host} {good}",
    "{host}\u2028{good}", "{host}\u3002{good}", "{good};{host}", "{host},{good}",
)  # fmt: skip
SHOPS = (
    "", " ", ".", "shop", "myshopify.com", ".myshopify.com", "-shop.myshopify.com", "{shop}",
    "a.b.myshopify.com", "shop.myshopify.com.", "shop.myshopify.com:443", "shop.myshopify.com/",
    "https://shop.myshopify.com", "shop.myshopify.com/admin", "shop.myshopify.co", "SHOP.MYSHOPIFY",
    "shop_1.myshopify.com", "shop.myshopify.com@evil.example", "shopmyshopify.com", "../shop",
    "\u017fhop.myshopify.com", "shop.my\u017fhopify.com", "\u212ashop.myshopify.com",
    "a" * 64 + ".myshopify.com", "shop.myshopify.com\x00", "s\tp.myshopify.com",
    "\u0663.myshopify.com",
    "shop%2emyshopify.com", "shop..myshopify.com", "shop.myshopify.com?x", "shop.myshopify.com#x",
)  # fmt: skip
ACCOUNTS = (
    "", " ", ".", "1234567.evil.example", "1234567/../x", "1234567_", "1234567-", "_SB1", "-",
    "1234567_SB1_SB2", "1234567_XX1", "1234567 SB1", "1234567_SB1@", "1234567#", "1234567?",
    "1234567/", "1234567:80", "{account}", "1234567%2e", "1234567\x00", "12\n34", "\u0661\u0662",
    "1" * 33, "\u017fB1", "1234567_\u017fB1", "\u212a1", "1234567\\", "evil.example/", "a.b",
    "1234567_SB1234",
)  # fmt: skip


def joined(good: str) -> list[str]:
    return [form.format(host=host, good=good) for form, host in product(JOINED, HOSTS)]


HOSTILE_SHOPS = [*SHOPS, *joined("shop.myshopify.com")]
# A bare word such as localhost is an account like any other: it becomes a label of NetSuite's host.
HOSTILE_ACCOUNTS = [
    *ACCOUNTS, *[it for it in joined("1234567") if it not in ("localhost", "2130706433")]
]  # fmt: skip


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every try to look up a host or to connect; none gets anywhere."""
    tried: list[object] = []

    def refuse(*args: object, **kwargs: object) -> None:
        tried.append(args)
        raise OSError("no connections in this test")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    return tried


@pytest.fixture
def real_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Provider connections go where they go in production."""
    monkeypatch.setattr(addresses, "get_settings", lambda: Settings(_env_file=None, env="test"))


def opened(name: str, field: str, value: str) -> OpenedConnection:
    values = dict.fromkeys(fields.FORMS[name], "abcdefgh12345678") | {field: value}
    secrets = {field_name: SecretStr(text) for field_name, text in values.items()}
    return OpenedConnection(UUID(int=1), name, "Main", "provider", secrets)


def test_there_are_enough_of_them() -> None:
    assert len(set(HOSTILE_SHOPS)) >= 300
    assert len(set(HOSTILE_ACCOUNTS)) >= 300


def test_production_calls_no_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """None can be added; and were there one, it would not be called."""
    production = Settings(_env_file=None, env="test").model_copy(update={"env": "production"})
    monkeypatch.setattr(addresses, "get_settings", lambda: production)
    monkeypatch.setattr(fields, "get_settings", lambda: production)
    key = {"api_key": SecretStr("sk_test_abcdefgh12345678")}
    with pytest.raises(InvalidInputError, match="local and test environments only"):
        fields.check(CreateConnection("stripe", "Main", "sandbox", key))
    stored = replace(opened("stripe", "api_key", "sk_test_abcdefgh12345678"), environment="sandbox")
    with pytest.raises(ConflictError, match="local and test environments only"):
        connector_for(CTX, stored)


def test_the_guard_sees_a_connection(
    connections: list[object], real_hosts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "_gate", lambda connection: None)  # which would ask Redis
    for name, field, good in (
        ("shopify", "shop_domain", "shop.myshopify.com"),
        ("netsuite", "account_id", "1234567_SB1"),
    ):
        tried = len(connections)
        connector = connector_for(CTX, opened(name, field, good))
        connector._client._http._limits = ONCE  # type: ignore[attr-defined]  # no retries here
        with pytest.raises(ProviderError):
            connector.check()
        connector.close()
        assert len(connections) == tried + 1
    assert [args[0] for args in connections if isinstance(args, tuple)] == [
        ("shop.myshopify.com", 443), ("1234567-sb1.suitetalk.api.netsuite.com", 443)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "field", "hostile"),
    [
        ("shopify", "shop_domain", HOSTILE_SHOPS),
        ("netsuite", "account_id", HOSTILE_ACCOUNTS),
    ],
)
def test_the_form_refuses_each(name: str, field: str, hostile: list[str]) -> None:
    for value in hostile:
        given_values = opened(name, field, value).credentials
        with pytest.raises(InvalidInputError) as caught:
            fields.check(CreateConnection(name, "Main", "provider", given_values))
        assert list(caught.value.fields) == [field], value


def test_nothing_is_called_even_if_it_was_stored(
    connections: list[object], real_hosts: None
) -> None:
    for value in HOSTILE_SHOPS:
        connection = opened("shopify", "shop_domain", value)
        with pytest.raises(ConflictError):
            connector_for(CTX, connection)
        direct = ShopifyConnector(connection.credentials, base=f"https://{value}", limits=ONCE)
        with pytest.raises(ProviderAuthError):
            direct.check()
        direct.close()
    for value in HOSTILE_ACCOUNTS:
        connection = opened("netsuite", "account_id", value)
        with pytest.raises(ConflictError):
            connector_for(CTX, connection)
        client = NetsuiteConnector(connection.credentials, base=f"https://{value}", limits=ONCE)
        with pytest.raises(ProviderAuthError):
            client.check()
        client.close()
    assert connections == []


@given(st.text() | st.from_regex(r"[a-zA-Z0-9.@:/#?\\-]{0,20}\.myshopify\.com", fullmatch=True))
@settings(max_examples=300, deadline=None)
def test_what_is_let_through_is_a_host_of_shopify(text: str) -> None:
    domain = shop_domain(text)
    if domain is None:
        return
    address = urlsplit(f"https://{domain}/admin")
    assert address.netloc == address.hostname == domain
    assert domain.endswith(".myshopify.com")
    assert domain.count(".") == 2


@given(st.text() | st.from_regex(r"[a-zA-Z0-9_.@:/-]{1,12}", fullmatch=True))
@settings(max_examples=300, deadline=None)
def test_what_is_let_through_is_a_host_of_netsuite(text: str) -> None:
    account = netsuite_account(text)
    if account is None:
        return
    host = f"{netsuite_host_label(account)}.suitetalk.api.netsuite.com"
    address = urlsplit(f"https://{host}/services")
    assert address.netloc == address.hostname == host
    assert host.count(".") == 4


@pytest.mark.parametrize(
    ("typed", "account", "label"),
    [
        ("1234567", "1234567", "1234567"),
        ("1234567_SB1", "1234567_SB1", "1234567-sb1"),
        ("1234567-sb1", "1234567_SB1", "1234567-sb1"),
        ("1234567_RP", "1234567_RP", "1234567-rp"),
        ("tstdrv1234567", "TSTDRV1234567", "tstdrv1234567"),
    ],
)
def test_each_form_of_an_account_is_known(typed: str, account: str, label: str) -> None:
    assert netsuite_account(typed) == account
    assert netsuite_host_label(account) == label


def test_a_shop_may_be_typed_in_capitals() -> None:
    assert shop_domain("Nord-Wind.MyShopify.com") == "nord-wind.myshopify.com"
