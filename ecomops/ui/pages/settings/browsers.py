"""What a browser calls itself, in words. Pure."""

from __future__ import annotations

from ipaddress import ip_address

# Asked in this order: most browsers also name the one that they descend from.
_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"),
    ("Windows", "Windows"), ("Macintosh", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def browser_words(user_agent: str) -> str:
    """``Firefox on Windows``; what cannot be told is called a browser."""
    browser = _first(_BROWSERS, user_agent) or "A browser"
    system = _first(_SYSTEMS, user_agent)
    return f"{browser} on {system}" if system else browser


def address_words(address: str) -> str:
    """The network address, or that it is this machine's own."""
    try:
        return "this machine" if ip_address(address).is_loopback else address
    except ValueError:
        return address or "an unknown address"


def _first(known: tuple[tuple[str, str], ...], text: str) -> str:
    return next((words for mark, words in known if mark in text), "")
