"""The connection form's rules."""

import re
from collections.abc import Callable, Mapping

from pydantic import SecretStr

from ecomops.connectors.names import netsuite_account, shop_domain
from ecomops.domains.connections.schemas import CreateConnection
from ecomops.kit.errors import InvalidInputError
from ecomops.kit.names import UNPRINTABLE
from ecomops.kit.settings import get_settings

Problem = Callable[[str], str | None]

_PRINTABLE = re.compile(r"[\x21-\x7e]{8,512}")
FORMS: dict[str, dict[str, str]] = {
    "stripe": {"api_key": "API Key"},
    "shopify": {"shop_domain": "Shop Domain", "api_key": "API Key", "api_secret": "API Secret"},
    "netsuite": {
        "account_id": "Account ID",
        "consumer_key": "Consumer Key",
        "consumer_secret": "Consumer Secret",
        "token_id": "Token ID",
        "token_secret": "Token Secret",
    },
}
"""Provider → its credential fields and their labels on screen, for all that can be connected."""

OFFERED = ("netsuite", "shopify", "stripe")
"""Providers that the screen offers. A provider is added here when its pages are ready for it."""

CREDENTIAL_FIELDS = {provider: FORMS[provider] for provider in OFFERED}
"""The forms that the screen shows."""


def check(command: CreateConnection) -> dict[str, str]:
    """The credentials as plain text. Raises InvalidInputError with every field that is wrong."""
    if command.provider not in FORMS:
        raise InvalidInputError({"provider": "This provider cannot be connected yet."})
    others = {
        "label": _label_problem(command.label),
        "environment": _environment_problem(command.environment),
    }
    return _checked(command.provider, command.credentials, others, FORMS[command.provider])


def check_edit(provider: str, label: str, credentials: Mapping[str, SecretStr]) -> dict[str, str]:
    """As ``check``, for a connection that is there; without credentials the stored ones stay."""
    others = {"label": _label_problem(label)}
    return _checked(provider, credentials, others, FORMS[provider] if credentials else {})


def check_webhook_secret(provider: str, secret: SecretStr) -> str:
    """The signing secret as plain text. Raises InvalidInputError."""
    value = _plain(secret)
    if provider == "stripe" and not value.startswith("whsec_"):
        problem = "Stripe's signing secret starts with whsec_. Stripe shows it with the endpoint."
    elif not _PRINTABLE.fullmatch(value):
        problem = "Paste the signing secret whole, without spaces or line breaks."
    else:
        return value
    raise InvalidInputError({"webhook_secret": problem})


def _checked(
    provider: str,
    credentials: Mapping[str, SecretStr],
    others: dict[str, str | None],
    wanted: Mapping[str, str],
) -> dict[str, str]:
    values = {name: _plain(credentials.get(name)) for name in wanted}
    problems = {name: _problem(provider, name, values[name]) for name in wanted} | others
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


def _problem(provider: str, name: str, value: str) -> str | None:
    label = FORMS[provider][name]
    if not value:
        return f"Enter the {label}."
    if name in _NAMES:
        return _NAMES[name](value)
    if not _PRINTABLE.fullmatch(value):
        return f"Paste the {label} whole, without spaces or line breaks."
    rule = _SECRETS.get((provider, name))
    return rule(value) if rule else None


def _stripe_key_problem(value: str) -> str | None:
    if value.startswith("pk_"):
        return "This is a publishable key. Use the secret key (sk_…) or a restricted key (rk_…)."
    if not value.startswith(("sk_live_", "sk_test_", "rk_live_", "rk_test_")):
        return "A Stripe key starts with sk_live_, sk_test_, rk_live_ or rk_test_."
    return None


def _shop_domain_problem(value: str) -> str | None:
    if shop_domain(value) is None:
        return "Use the shop's own address as in your-store.myshopify.com, without https:// or /."
    return None


def _shopify_key_problem(value: str) -> str | None:
    if value.startswith("shpss_"):
        return "This is the app's secret. The API Key is what Shopify calls the Client ID."
    if value.startswith("shpat_"):
        return "This is an access token: paste it as the API Secret, and the app's API key here."
    return None


def _account_id_problem(value: str) -> str | None:
    if netsuite_account(value) is None:
        return (
            "An Account ID looks like 1234567 or 1234567_SB1. "
            "NetSuite shows it under Setup, Company, Company Information."
        )
    return None


_NAMES: dict[str, Problem] = {
    "shop_domain": _shop_domain_problem,
    "account_id": _account_id_problem,
}
_SECRETS: dict[tuple[str, str], Problem] = {
    ("stripe", "api_key"): _stripe_key_problem,
    ("shopify", "api_key"): _shopify_key_problem,
}
