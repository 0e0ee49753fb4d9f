"""The cookie that carries a one-time link's token from its address to the page's form.

So that the token stays out of addresses, and of what Reflex keeps of them.
"""

import re

from pydantic import SecretStr

from ecomops.kit.settings import Settings
from ecomops.runtime.sessions import cookie_in

SECONDS = 3_600
_PLAUSIBLE = re.compile(r"[A-Za-z0-9_-]{20,100}")


def link_cookie_name(settings: Settings) -> str:
    """The cookie's name; ``__Host-`` as for the session."""
    return "__Host-link" if settings.secure_cookies else "link"


def link_token(text: str) -> SecretStr | None:
    """``text`` if it could be a link's token."""
    return SecretStr(text) if _PLAUSIBLE.fullmatch(text) else None


def link_token_in(header: str, settings: Settings) -> SecretStr | None:
    """The link's token in a ``Cookie`` header, or None."""
    return link_token(cookie_in(header, link_cookie_name(settings)) or "")
