"""Secrets at rest."""

import json

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from ecomops.kit.crypto import SealedForAnotherError, Vault, new_token, token_hash

OLD, NEW = (SecretStr(Fernet.generate_key().decode()) for _ in range(2))
OWNER = "tenant/connection"


@given(st.dictionaries(st.text(), st.text(), max_size=4))
def test_what_is_sealed_opens_as_it_was(secret: dict[str, str]) -> None:
    opened = Vault([NEW]).open(Vault([NEW]).seal(secret, OWNER), OWNER)
    assert {name: value.get_secret_value() for name, value in opened.items()} == secret


def test_it_opens_for_its_owner_only() -> None:
    sealed = Vault([NEW]).seal({"api_key": "x"}, OWNER)
    for other in ("", "tenant/other", "other/connection", "tenant/connection "):
        with pytest.raises(SealedForAnotherError, match="another connection"):
            Vault([NEW]).open(sealed, other)


def test_an_older_key_still_opens_and_the_first_one_seals() -> None:
    sealed = Vault([OLD]).seal({"api_key": "x"}, OWNER)
    assert Vault([NEW, OLD]).open(sealed, OWNER)["api_key"].get_secret_value() == "x"
    with pytest.raises(SealedForAnotherError, match="No configured key"):
        Vault([NEW]).open(sealed, OWNER)
    fresh = Vault([NEW, OLD]).seal({"api_key": "x"}, OWNER)
    assert Vault([NEW]).open(fresh, OWNER)


@pytest.mark.parametrize("place", [0, 9, 20, 60, -1])
def test_a_changed_byte_is_noticed(place: int) -> None:
    sealed = bytearray(Vault([NEW]).seal({"api_key": "x"}, OWNER))
    sealed[place] ^= 1
    with pytest.raises(SealedForAnotherError):
        Vault([NEW]).open(bytes(sealed), OWNER)


def test_the_key_version_names_the_first_key_and_does_not_tell_it() -> None:
    assert Vault([NEW, OLD]).key_version == Vault([NEW]).key_version != Vault([OLD]).key_version
    assert Vault([NEW]).key_version not in NEW.get_secret_value()
    assert len(Vault([NEW]).key_version) == 12


def test_no_key_is_no_vault() -> None:
    with pytest.raises(ValueError, match="ECOMOPS_ENCRYPTION_KEYS"):
        Vault([])


def test_the_plain_text_is_not_in_the_ciphertext() -> None:
    sealed = Vault([NEW]).seal({"api_key": "sk_test_plain"}, OWNER)
    assert b"sk_test_plain" not in sealed
    assert b"owner" not in sealed
    assert OWNER not in json.dumps(sealed.decode())


def test_tokens_are_random_and_their_hashes_are_not() -> None:
    tokens = {new_token().get_secret_value() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) == 43 for token in tokens)
    token = SecretStr("abc")
    assert token_hash(token) == token_hash(SecretStr("abc")) != token_hash(SecretStr("abd"))
    assert len(token_hash(token)) == 32
