"""What the connection form asks for, what it says, and how a card is written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from ecomops.domains.connections.fields import FORMS
from ecomops.domains.connections.methods import METHODS, Method
from ecomops.domains.connections.schemas import ConnectionCard
from ecomops.kit.errors import ConflictError, InvalidInputError
from ecomops.models.connections import PROVIDERS
from ecomops.ui.pages.connections.form import BRINGS, KEY_HINTS, PLAIN
from ecomops.ui.pages.connections.form_state import (
    FORM,
    add_command,
    beside_fields,
    edit_command,
)
from ecomops.ui.pages.connections.state import card_row

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ID = UUID(int=7)
CARD = ConnectionCard(
    id=ID,
    provider="netsuite",
    label="Books",
    status="error",
    environment="sandbox",
    created_at=NOW - timedelta(days=1),
    last_sync_at=None,
    last_error="NetSuite refused the token.",
    account_name=None,
)


def test_every_provider_is_offered_with_a_line_and_hints_for_its_own_fields() -> None:
    assert set(FORMS) == set(PROVIDERS) == set(BRINGS)
    for provider, name in KEY_HINTS:
        assert any(name in way.fields for way in METHODS[provider])


def test_only_names_that_are_no_secret_are_seen_as_they_are_typed() -> None:
    assert {"account_id", "certificate_id", "client_id", "shop_domain"} == PLAIN


@pytest.mark.parametrize(
    ("provider", "way"), [(name, way) for name, ways in METHODS.items() for way in ways]
)
def test_a_form_asks_for_its_ways_credentials_and_no_others(provider: str, way: Method) -> None:
    typed = {name: f"{name} value" for name in way.fields}
    command = add_command(provider, way.name, {"label": "Main", "stray": "x", **typed})
    assert (command.provider, command.label, command.environment) == (provider, "Main", "provider")
    assert {name: it.get_secret_value() for name, it in command.credentials.items()} == typed
    assert "value" not in repr(command)


def test_an_unknown_provider_asks_for_nothing() -> None:
    assert add_command("paypal", "", {"api_key": "x"}).credentials == {}


def test_an_edit_names_the_connection_and_hides_what_was_typed() -> None:
    command = edit_command(str(ID), "stripe", "key", {"label": "New", "api_key": "sk_test_typed"})
    assert (command.connection_id, command.label) == (ID, "New")
    assert command.credentials["api_key"].get_secret_value() == "sk_test_typed"
    assert "typed" not in repr(command)


def test_what_is_wrong_stands_beside_its_field_or_on_the_form() -> None:
    assert beside_fields(InvalidInputError({"label": "Too long."})) == {"label": "Too long."}
    assert beside_fields(ConflictError("Revoked.")) == {FORM: "Revoked."}


def test_a_card_is_text_and_says_what_is_wrong() -> None:
    card = card_row(CARD, None, NOW, "Europe/Berlin")
    assert (card.provider_name, card.status, card.sandbox) == ("NetSuite", "Error", True)
    assert (card.last_sync, card.account) == ("Never", "Shown after a test")
    assert card.error == "NetSuite refused the token."
    assert card.created == "19 Nov 2026, 13:00 CET"
