"""The registration form's rules, all fields told at once."""

import re

from email_validator import EmailNotValidError, validate_email
from pydantic import SecretStr

from ecomops.domains.identity.passwords import weakness
from ecomops.domains.identity.schemas import Register
from ecomops.kit.errors import InvalidInputError
from ecomops.kit.names import UNPRINTABLE

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])")
NO_EMAIL = "Enter an email address like name@company.com."
TAKEN_SLUG = "This slug is taken. Choose another one."
_RESERVED = frozenset({"admin", "api", "app", "auth", "login", "register", "static", "www"})


def normalized_email(email: str) -> str | None:
    """The address in lower case, or None when it is none."""
    try:
        checked = validate_email(email.strip(), check_deliverability=False)
    except EmailNotValidError:
        return None
    return checked.normalized.lower()


def checked(command: Register) -> str:
    """The normalised e-mail. Raises InvalidInputError with every field that is wrong."""
    email = normalized_email(command.email)
    related = [command.name, command.organization_name, command.slug, command.email]
    problems = {
        "organization_name": name_problem(command.organization_name, "organization"),
        "slug": slug_problem(command.slug),
        "name": name_problem(command.name),
        "email": None if email else NO_EMAIL,
        "password": weakness(command.password, related),
    }
    wrong = {field: problem for field, problem in problems.items() if problem}
    if wrong or email is None:
        raise InvalidInputError(wrong)
    return email


def check_newcomer(name: str, password: SecretStr, email: str) -> None:
    """Raises InvalidInputError with every field that is wrong."""
    problems = {"name": name_problem(name), "password": weakness(password, [name, email])}
    wrong = {field: problem for field, problem in problems.items() if problem}
    if wrong:
        raise InvalidInputError(wrong)


def name_problem(value: str, what: str = "name") -> str | None:
    """What is wrong with the name of a person or an organization, or None."""
    if not value.strip():
        return "Enter your organization's name." if what == "organization" else "Enter your name."
    if len(value) > 200 or UNPRINTABLE.search(value):
        return "Use at most 200 ordinary characters."
    return None


def slug_problem(slug: str) -> str | None:
    """What is wrong with the slug of a workspace, or None."""
    if not _SLUG.fullmatch(slug):
        return "Use 3 to 63 characters: a to z, 0 to 9 and hyphens, no hyphen at either end."
    if slug in _RESERVED:
        return "This slug is reserved. Choose another one."
    return None
