"""The connection form's rules."""

import re

from pydantic import SecretStr

from ecomops.domains.connections.schemas import CreateConnection
from ecomops.kit.errors import InvalidInputError
from ecomops.kit.names import UNPRINTABLE
from ecomops.kit.settings import get_settings

_PRINTABLE = re.compile(r"[\x21-\x7e]{8,512}")
CREDENTIAL_FIELDS: dict[str, dict[str, str]] = {"stripe": {"api_key": "API Key"}}
"""Provider → its credential fields and their labels on screen. Grows with the connectors."""


def check(command: CreateConnection) -> dict[str, str]:
    """The credentials as plain text. Raises InvalidInputError with every field that is wrong."""
    wanted = CREDENTIAL_FIELDS.get(command.provider)
    if wanted is None:
        raise InvalidInputError({"provider": "This provider cannot be connected yet."})
    values = {name: _plain(command.credentials.get(name)) for name in wanted}
    problems = {name: _problem(command.provider, values[name], wanted[name]) for name in wanted}
    problems["label"] = _label_problem(command.label)
    problems["environment"] = _environment_problem(command.environment)
    wrong = {name: problem for name, problem in problems.items() if problem}
    if wrong:
        raise InvalidInputError(wrong)
    return values


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value().strip() if secret else ""


def _label_problem(label: str) -> str | None:
    if not label.strip():
        return "Give the connection a label, for example Main store."
    if len(label.strip()) > 100 or UNPRINTABLE.search(label):
        return "Use at most 100 ordinary characters."
    return None


def _environment_problem(environment: str) -> str | None:
    if environment not in ("provider", "sandbox"):
        return "Choose Provider or Sandbox."
    if environment == "sandbox" and get_settings().env == "production":
        return "Sandbox connections exist in local and test environments only."
    return None


def _problem(provider: str, value: str, label: str) -> str | None:
    if not value:
        return f"Enter the {label}."
    if not _PRINTABLE.fullmatch(value):
        return f"This does not look like an {label}: paste it without spaces or line breaks."
    if provider == "stripe":
        return _stripe_key_problem(value)
    return None


def _stripe_key_problem(value: str) -> str | None:
    if value.startswith("pk_"):
        return "This is a publishable key. Use the secret key (sk_…) or a restricted key (rk_…)."
    if not value.startswith(("sk_live_", "sk_test_", "rk_live_", "rk_test_")):
        return "A Stripe key starts with sk_live_, sk_test_, rk_live_ or rk_test_."
    return None
