"""Somebody new, with a workspace and a password nobody has used."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4


@dataclass
class Person:
    """What a person types into the registration form."""

    slug: str = field(default_factory=lambda: f"w{uuid4().hex[:12]}")
    password: str = "plum tractor violin 88"

    @property
    def email(self) -> str:
        return f"{self.slug}@example.com"

    def form(self, **changes: str) -> dict[str, str]:
        """The registration form as posted."""
        typed = {
            "organization_name": "Nordwind Trading",
            "slug": self.slug,
            "name": "Ada Lind",
            "email": self.email,
            "password": self.password,
        }
        return typed | changes

    def credentials(self, **changes: str) -> dict[str, str]:
        """The sign-in form as posted."""
        return {"email": self.email, "password": self.password} | changes
