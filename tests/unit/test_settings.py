"""Settings: the product starts with right ones or says which is wrong."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import ValidationError

from ecomops.kit.settings import Settings, load_settings

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
PRODUCTION = {
    "ECOMOPS_ENV": "production",
    "ECOMOPS_BASE_URL": "https://ecomops.example.com",
    "DATABASE_URL": "postgresql://ecomops_app:x@db/ecomops",
    "REDIS_URL": "redis://:x@cache:6379/0",
    "ECOMOPS_ENCRYPTION_KEYS": KEY,
    "ECOMOPS_SECRET_KEY": "s" * 32,
    "ECOMOPS_AUDIT_SIGNING_KEY": KEY,
}
NAMES = [str(field.validation_alias) for field in Settings.model_fields.values()]


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def load(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def refusal(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> str:
    with pytest.raises(ValidationError) as error:
        load(monkeypatch, values)
    return str(error.value)


def test_production_starts_with_all_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, PRODUCTION)
    assert settings.secure_cookies
    assert settings.origin == "https://ecomops.example.com"


@pytest.mark.parametrize("name", sorted(set(PRODUCTION) - {"ECOMOPS_ENV"}))
@pytest.mark.parametrize("how", ["missing", "empty"])
def test_production_names_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, name: str, how: str
) -> None:
    values = {key: value for key, value in PRODUCTION.items() if key != name}
    if how == "empty":
        values[name] = ""
    assert name in refusal(monkeypatch, values)


def test_production_names_everything_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    told = refusal(monkeypatch, {"ECOMOPS_ENV": "production"})
    for name in set(PRODUCTION) - {"ECOMOPS_ENV"}:
        assert name in told


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"ECOMOPS_BASE_URL": "http://ecomops.example.com"}, "ECOMOPS_BASE_URL must start with"),
        ({"ECOMOPS_AUDIT_SIGNING_KEY": "short"}, "the signing key is not 32 bytes in base64"),
        ({"ECOMOPS_AUDIT_FORMER_KEYS": f"{KEY},x"}, "key 2 is not 32 bytes in base64"),
        ({"ECOMOPS_SECRET_KEY": "short"}, "ECOMOPS_SECRET_KEY must be at least 32"),
        ({"STRIPE_API_BASE": "http://127.0.0.1:1"}, "providers' own hosts"),
        ({"SHOPIFY_API_BASE": "https://evil.example"}, "providers' own hosts"),
        ({"NETSUITE_API_BASE": "https://evil.example"}, "providers' own hosts"),
    ],
)
def test_production_is_strict(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], told: str
) -> None:
    assert told in refusal(monkeypatch, PRODUCTION | changes)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("ECOMOPS_ENV", "staging", "ECOMOPS_ENV"),
        ("ECOMOPS_PORT", "0", "ECOMOPS_PORT"),
        ("ECOMOPS_PORT", "99999", "ECOMOPS_PORT"),
        ("ECOMOPS_PORT", "three thousand", "ECOMOPS_PORT"),
        ("ECOMOPS_JOB_LEASE_SECONDS", "1", "ECOMOPS_JOB_LEASE_SECONDS"),
        ("ECOMOPS_ARGON2_MEMORY_KIB", "1", "ECOMOPS_ARGON2_MEMORY_KIB"),
        ("ECOMOPS_LOG_LEVEL", "LOUD", "ECOMOPS_LOG_LEVEL"),
        ("ECOMOPS_ENCRYPTION_KEYS", "secret-but-wrong", "key 1 is not a Fernet key"),
        ("ECOMOPS_ENCRYPTION_KEYS", f"{KEY},secret-but-wrong", "key 2 is not a Fernet key"),
    ],
)
def test_a_wrong_value_is_named_and_a_secret_one_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    message = refusal(monkeypatch, {name: value})
    assert told in message
    assert "secret-but-wrong" not in message


def test_secrets_do_not_show_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, PRODUCTION | {"ECOMOPS_SECRET_KEY": "canary" * 8})
    shown = f"{settings!r} {settings} {settings.model_dump()}"
    for secret in ("canary", KEY, "ecomops_app:x", "redis://:x"):
        assert secret not in shown


def test_the_first_source_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = tmp_path / ".ecomops"
    made.mkdir()
    (made / "local.env").write_text("ECOMOPS_PORT=4001\nECOMOPS_SANDBOX_PORT=5001\nREDIS_URL=c\n")
    (tmp_path / ".env").write_text("ECOMOPS_PORT=4002\nECOMOPS_SANDBOX_PORT=5002\n")
    settings = load(monkeypatch, {"ECOMOPS_PORT": "4003"})
    assert (settings.port, settings.sandbox_port) == (4003, 5002)
    assert settings.redis_url.get_secret_value() == "c"


def test_keys_are_a_list_with_the_current_one_first(monkeypatch: pytest.MonkeyPatch) -> None:
    second = Fernet.generate_key().decode()
    settings = load(monkeypatch, {"ECOMOPS_ENCRYPTION_KEYS": f" {KEY} ,{second}, "})
    assert [key.get_secret_value() for key in settings.encryption_keys] == [KEY, second]


def test_a_setting_that_is_empty_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, {"ECOMOPS_PORT": "", "ECOMOPS_DATA_DIR": "", "ECOMOPS_ENV": ""})
    assert (settings.port, settings.env, settings.data_dir) == (3000, "local", Path(".ecomops"))
    assert settings.base_url == "http://localhost:3000"
