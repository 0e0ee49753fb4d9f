"""What a failed test means: every sign is one that a connector says, and finds its remedy."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecomops import connectors
from ecomops.ui.pages.connections.remedies import (
    GENERAL,
    PASSING,
    PASSING_SIGNS,
    REMEDIES,
    Remedy,
    remedy_for,
)

CONNECTORS = Path(str(connectors.__file__)).parent


def sentences(folder: str) -> Iterator[str]:
    """All texts in the code of a connector, each as it is said."""
    for module in sorted((CONNECTORS / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


@pytest.mark.parametrize("remedy", REMEDIES, ids=lambda it: f"{it.provider} {it.sign}")
def test_each_sign_is_what_a_connector_says(remedy: Remedy) -> None:
    assert any(remedy.sign in it for it in sentences(remedy.provider))


@pytest.mark.parametrize("sign", PASSING_SIGNS)
def test_each_sign_of_what_passes_is_said(sign: str) -> None:
    assert any(sign in it for it in sentences(""))


@pytest.mark.parametrize(
    ("provider", "error", "sign"),
    [
        ("stripe", "Stripe refused the key: Invalid API Key provided. Check that …",
         "Stripe refused the key"),
        ("stripe", "The Stripe key lacks a permission: Payouts (read). In Stripe's …",
         "key lacks a permission"),
        ("shopify", "The Shopify app lacks access: orders needs read_orders. Give the app …",
         "app lacks access"),
        ("shopify", "Shopify does not know this shop. Check the Shop Domain.", "Shop Domain"),
        ("netsuite", "NetSuite refused the token: the clock of this server is 7 minutes off, …",
         "clock of this server"),
        ("netsuite", "NetSuite refused the token: it does not know the Token ID in this account, "
         "or the token was revoked. Check the Account ID, the Token ID, …",
         "Token ID in this account"),
        ("netsuite", "NetSuite refused the token: the role of the token may not use it. Give …",
         "may not use it"),
        ("netsuite", "The Token ID of this connection is empty or holds a space. Copy it whole.",
         "holds a space"),
    ],
)  # fmt: skip
def test_an_error_finds_its_remedy(provider: str, error: str, sign: str) -> None:
    assert remedy_for(provider, error).sign == sign


def test_one_providers_remedy_is_not_told_of_another() -> None:
    assert remedy_for("netsuite", "Stripe refused the key: why.") is GENERAL


@pytest.mark.parametrize("error", ["Stripe had a problem (status 500).",
                                   "NetSuite did not answer in time."])  # fmt: skip
def test_what_passes_asks_nobody_for_new_credentials(error: str) -> None:
    assert remedy_for("netsuite", error) is PASSING
    assert not [step for step in PASSING.steps if "credentials" in step]


def test_every_remedy_says_what_it_means_and_what_to_do() -> None:
    assert [it.sign for it in REMEDIES if not (it.meaning and all(it.steps) and it.steps)] == []
