"""The cookies themselves, and the note that goes in one of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from starlette.responses import Response

from ecomops.api.session_cookies import set_session
from ecomops.kit.flash import Flash, seal, unseal
from ecomops.kit.settings import Settings
from ecomops.runtime.sessions import cookie_in, token_in

SECRET = SecretStr("a secret of this test")
NOTE = Flash("/register", "", {"slug": "This slug is taken."}, {"name": "Ada Lind"})


def on_https() -> Settings:
    return Settings(
        ECOMOPS_ENV="production",
        ECOMOPS_BASE_URL="https://app.example",
        ECOMOPS_SECRET_KEY=SecretStr("s" * 32),
        ECOMOPS_ENCRYPTION_KEYS=[SecretStr(Fernet.generate_key().decode())],
        DATABASE_URL=SecretStr("postgresql://a"),
        REDIS_URL=SecretStr("redis://a"),
    )


def test_on_https_the_session_is_bound_to_this_host() -> None:
    response, settings = Response(), on_https()
    set_session(response, SecretStr("t0ken"), datetime.now(UTC) + timedelta(days=7), settings)
    name, *attributes = response.headers["set-cookie"].split("; ")
    assert name == "__Host-session=t0ken"
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} <= set(attributes)
    assert token_in("session=other; __Host-session=t0ken", settings) == SecretStr("t0ken")


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("session=abc", "abc"), ("a=b; session=abc; c=d", "abc"), ("a=b;session=abc", "abc"),
        ("", None), ("session", None), ("session=", None), ("xsession=abc", None),
        ("session=abc; session=def", "abc"), ("a=session=abc", None),
    ],
)  # fmt: skip
def test_reading_one_cookie(header: str, value: str | None) -> None:
    assert cookie_in(header, "session") == value


def test_a_note_is_read_by_its_own_key_only() -> None:
    sealed = seal(NOTE, SECRET)
    assert unseal(sealed, SECRET) == NOTE
    assert unseal(sealed, SecretStr("another")) is None
    assert unseal(sealed[:-8], SECRET) is None
    assert unseal("", SECRET) is None
    assert "Ada" not in sealed


def test_a_note_is_forgotten_after_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = seal(NOTE, SECRET)
    later = datetime.now(UTC).timestamp() + 61
    monkeypatch.setattr("time.time", lambda: later)
    assert unseal(sealed, SECRET) is None


def test_a_note_too_long_for_a_cookie_loses_what_was_typed_and_keeps_its_errors() -> None:
    typed = dict.fromkeys(("name", "slug", "email"), "\N{GRINNING FACE}" * 320)
    sealed = seal(Flash("/register", "", NOTE.errors, typed), SECRET)
    assert len(sealed) <= 3_800
    assert unseal(sealed, SECRET) == Flash("/register", "", NOTE.errors)


@given(st.dictionaries(st.sampled_from(["name", "slug", "email"]), st.text(max_size=20_000)))
def test_a_note_always_fits_a_cookie_and_keeps_its_errors(fields: dict[str, str]) -> None:
    sealed = seal(Flash("/register", "", NOTE.errors, fields), SECRET)
    assert len(sealed) <= 3_800
    found = unseal(sealed, SECRET)
    assert found is not None
    assert found.errors == NOTE.errors
