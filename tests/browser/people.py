"""People of the tests, each with a workspace that no other test knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

PASSWORD = "plum tractor violin 88"


def _slug() -> str:
    return f"w{uuid4().hex[:12]}"


@dataclass(frozen=True)
class Person:
    """Somebody who registers a workspace."""

    slug: str = field(default_factory=_slug)
    organization: str = "Acme Goods"
    name: str = "Casey Controller"
    password: str = PASSWORD

    @property
    def email(self) -> str:
        return f"{self.slug}@example.com"

    def form(self) -> dict[str, str | float | bool]:
        """The registration form as a browser posts it."""
        return {
            "organization_name": self.organization,
            "slug": self.slug,
            "name": self.name,
            "email": self.email,
            "password": self.password,
        }
