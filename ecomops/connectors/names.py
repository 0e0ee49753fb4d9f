"""Names that become part of an address: taken by full match, or not at all.

What these functions let through can only ever lead to the provider's own hosts.
"""

import re
from urllib.parse import urlsplit

_SHOP = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\.myshopify\.com")
_STORAGE = ("storage.googleapis.com",)
_ACCOUNT = re.compile(r"[A-Z0-9]{1,32}(?:_(?:SB|RP)[0-9]{0,3})?")


def shop_domain(text: str) -> str | None:
    """The shop's own domain in lower case; None for anything else, the bare name included."""
    # Only ASCII is folded: other letters may turn into ASCII ones by a change of case.
    domain = text.lower() if text.isascii() else text
    return domain if _SHOP.fullmatch(domain) else None


def shopify_file(address: str, base: str) -> bool:
    """Whether a file's address leads to Shopify or the storage it uses.

    Where ``base``, by which the shop is called, is plain HTTP (a test's), to that host only.
    """
    try:
        told, own = urlsplit(address), urlsplit(base)
        host = told.hostname or ""
    except ValueError:
        return False
    if own.scheme == "http":
        return (told.scheme, told.netloc) == ("http", own.netloc)
    own_host = host in _STORAGE or host.endswith(".shopify.com")
    return told.scheme == "https" and told.netloc == host and own_host


def netsuite_account(text: str) -> str | None:
    """The account as NetSuite writes it (``1234567_SB1``), also from the form that hosts have."""
    account = text.upper().replace("-", "_") if text.isascii() else text
    return account if _ACCOUNT.fullmatch(account) else None


def netsuite_host_label(account: str) -> str:
    """The account as it stands in host names: ``1234567-sb1``."""
    return account.lower().replace("_", "-")
