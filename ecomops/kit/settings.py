"""Settings of the process, from the environment; checked before anything else starts."""

import os
from base64 import b64decode
from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Env = Literal["local", "test", "production"]

STRIPE_API_BASE = "https://api.stripe.com"
SHOPIFY_API_BASE = "https://{shop}"
NETSUITE_API_BASE = "https://{account}.suitetalk.api.netsuite.com"

_REQUIRED = (
    "database_url", "redis_url", "encryption_keys", "secret_key", "audit_signing_key", "base_url",
)  # fmt: skip


class Settings(BaseSettings):
    """One attribute a setting; the environment name is the attribute's, in capitals.

    Those that belong to ecomops alone are prefixed ``ECOMOPS_``. First wins: the environment,
    ``.env``, ``<data dir>/local.env`` (made by the local stack).
    """

    model_config = SettingsConfigDict(
        env_file_encoding="utf-8",
        env_ignore_empty=True,  # `NAME=` in a file or a compose file means: not given
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    env: Env = Field("local", validation_alias="ECOMOPS_ENV")
    base_url: str = Field("", validation_alias="ECOMOPS_BASE_URL")
    data_dir: Path = Field(Path(".ecomops"), validation_alias="ECOMOPS_DATA_DIR")
    port: int = Field(3000, validation_alias="ECOMOPS_PORT", ge=1, le=65535)
    sandbox_port: int = Field(8090, validation_alias="ECOMOPS_SANDBOX_PORT", ge=1, le=65535)
    database_url: SecretStr = Field(SecretStr(""), validation_alias="DATABASE_URL")
    database_owner_url: SecretStr = Field(SecretStr(""), validation_alias="DATABASE_OWNER_URL")
    redis_url: SecretStr = Field(SecretStr(""), validation_alias="REDIS_URL")
    encryption_keys: Annotated[list[SecretStr], NoDecode] = Field(
        default_factory=list, validation_alias="ECOMOPS_ENCRYPTION_KEYS"
    )
    secret_key: SecretStr = Field(SecretStr(""), validation_alias="ECOMOPS_SECRET_KEY")
    audit_signing_key: SecretStr = Field(
        SecretStr(""), validation_alias="ECOMOPS_AUDIT_SIGNING_KEY"
    )
    audit_former_keys: Annotated[list[str], NoDecode] = Field(
        default_factory=list, validation_alias="ECOMOPS_AUDIT_FORMER_KEYS"
    )
    backup_passphrase: SecretStr = Field(
        SecretStr(""), validation_alias="ECOMOPS_BACKUP_PASSPHRASE"
    )
    smtp_url: SecretStr = Field(SecretStr(""), validation_alias="SMTP_URL")
    stripe_api_base: str = Field(STRIPE_API_BASE, validation_alias="STRIPE_API_BASE")
    shopify_api_base: str = Field(SHOPIFY_API_BASE, validation_alias="SHOPIFY_API_BASE")
    netsuite_api_base: str = Field(NETSUITE_API_BASE, validation_alias="NETSUITE_API_BASE")
    job_lease_seconds: int = Field(60, validation_alias="ECOMOPS_JOB_LEASE_SECONDS", ge=2, le=3600)
    argon2_memory_kib: int = Field(
        65536, validation_alias="ECOMOPS_ARGON2_MEMORY_KIB", ge=8192, le=1048576
    )
    web_workers: int = Field(1, validation_alias="ECOMOPS_WEB_WORKERS", ge=1, le=64)
    trusted_proxies: Annotated[list[str], NoDecode] = Field(
        default_factory=list, validation_alias="ECOMOPS_TRUSTED_PROXIES"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", validation_alias="ECOMOPS_LOG_LEVEL"
    )

    @field_validator("encryption_keys", "trusted_proxies", "audit_former_keys", mode="before")
    @classmethod
    def _split_list(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @field_validator("encryption_keys")
    @classmethod
    def _keys_are_fernet(cls, keys: list[SecretStr]) -> list[SecretStr]:
        for position, key in enumerate(keys, start=1):
            try:
                Fernet(key.get_secret_value())
            except ValueError:
                raise ValueError(
                    f"key {position} is not a Fernet key (32 bytes, URL-safe base64)"
                ) from None
        return keys

    @field_validator("audit_signing_key")
    @classmethod
    def _signing_key_is_one(cls, key: SecretStr) -> SecretStr:
        if key.get_secret_value() and not _is_32_bytes(key.get_secret_value()):
            raise ValueError("the signing key is not 32 bytes in base64")
        return key

    @field_validator("audit_former_keys")
    @classmethod
    def _former_keys_are_public_keys(cls, keys: list[str]) -> list[str]:
        for position, key in enumerate(keys, start=1):
            if not _is_32_bytes(key):
                raise ValueError(f"key {position} is not 32 bytes in base64")
        return keys

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies_are_networks(cls, proxies: list[str]) -> list[str]:
        return [str(ip_network(proxy, strict=False)) for proxy in proxies]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.env != "production":
            self.base_url = self.base_url or f"http://localhost:{self.port}"
            return self
        missing = [name for name in _REQUIRED if not self._given(name)]
        if missing:
            names = ", ".join(str(type(self).model_fields[n].validation_alias) for n in missing)
            raise ValueError(f"production needs these settings: {names}")
        return self._production_is_strict()

    def _production_is_strict(self) -> Self:
        if not self.base_url.startswith("https://"):
            raise ValueError("in production ECOMOPS_BASE_URL must start with https://")
        if len(self.secret_key.get_secret_value()) < 32:
            raise ValueError("ECOMOPS_SECRET_KEY must be at least 32 characters")
        bases = (self.stripe_api_base, self.shopify_api_base, self.netsuite_api_base)
        if bases != (STRIPE_API_BASE, SHOPIFY_API_BASE, NETSUITE_API_BASE):
            raise ValueError("in production only the providers' own hosts can be reached")
        return self

    def _given(self, name: str) -> bool:
        value = getattr(self, name)
        return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)

    @property
    def origin(self) -> str:
        """Scheme, host and port under which browsers reach the app."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def secure_cookies(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def sandbox_base(self) -> str:
        """Where sandbox connections go; the sandbox listens on this machine only."""
        return f"http://127.0.0.1:{self.sandbox_port}"


def _is_32_bytes(text: str) -> bool:
    try:
        return len(b64decode(text, validate=True)) == 32
    except ValueError:
        return False


def load_settings() -> Settings:
    """Read the settings anew. Raises pydantic.ValidationError that names each wrong one."""
    return Settings(_env_file=(data_dir_of_environment() / "local.env", ".env"))


def data_dir_of_environment() -> Path:
    """Where `local.env` is, which is read before there are settings."""
    return Path(os.environ.get("ECOMOPS_DATA_DIR") or ".ecomops")


@lru_cache
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return load_settings()
