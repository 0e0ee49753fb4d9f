"""The connection form's rules."""

import re
from collections.abc import Callable, Mapping

from pydantic import SecretStr

from ecomops.connectors.names import netsuite_account, shop_domain
from ecomops.domains.connections.methods import METHODS, method_of
from ecomops.domains.connections.schemas import CreateConnection
from ecomops.kit.errors import InvalidInputError
from ecomops.kit.names import UNPRINTABLE
from ecomops.kit.settings import get_settings

Problem = Callable[[str], str | None]

_PRINTABLE = re.compile(r"[\x21-\x7e]{8,512}")
_PEM = re.compile(
    r"-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----[A-Za-z0-9+/=\s]{100,8000}-----END \1-----\s*"
)
OFFERED = ("netsuite", "shopify", "stripe")
"""Providers, in the order in which the screen offers them."""

FORMS = {provider: dict(METHODS[provider][0].fields) for provider in OFFERED}
"""The credential fields that each provider's form begins with, and their labels."""


def check(command: CreateConnection) -> dict[str, str]:
    """The credentials as plain text. Raises InvalidInputError with every field that is wrong."""
    method = method_of(command.provider, command.method)
    if method is None:
        raise InvalidInputError({"provider": "This provider cannot be connected this way."})
    others = {
        "label": _label_problem(command.label),
        "environment": _environment_problem(command.environment),
    }
    return _checked(command.provider, command.credentials, others, method.fields)


def check_edit(
    provider: str, label: str, credentials: Mapping[str, SecretStr], method: str = ""
) -> dict[str, str]:
    """As ``check``, for a connection that is there; without credentials the stored ones stay."""
    others = {"label": _label_problem(label)}
    way = method_of(provider, method)
    if way is None or way.consent:
        raise InvalidInputError({"provider": "This provider cannot be connected this way."})
    return _checked(provider, credentials, others, way.fields if credentials else {})


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
    problems = {
        name: _problem(provider, name, label, values[name]) for name, label in wanted.items()
    } | others
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


def _problem(provider: str, name: str, label: str, value: str) -> str | None:
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


def _private_key_problem(value: str) -> str | None:
    if not _PEM.fullmatch(value):
        return "Paste the whole private key, from -----BEGIN to PRIVATE KEY----- at its end."
    return None


def _platform_key_problem(value: str) -> str | None:
    if not value.startswith(("sk_live_", "sk_test_")):
        return "The platform's secret key starts with sk_live_ or sk_test_."
    return None


def _platform_problem(value: str) -> str | None:
    if not value.startswith("ca_"):
        return "A Connect client ID starts with ca_. Stripe shows it in the Connect settings."
    return None


_NAMES: dict[str, Problem] = {
    "private_key": _private_key_problem,
    "shop_domain": _shop_domain_problem,
    "account_id": _account_id_problem,
}
_SECRETS: dict[tuple[str, str], Problem] = {
    ("stripe", "api_key"): _stripe_key_problem,
    ("stripe", "client_id"): _platform_problem,
    ("stripe", "platform_key"): _platform_key_problem,
    ("shopify", "api_key"): _shopify_key_problem,
}
