"""OAuth 1.0 signatures as a server sees them (RFC 5849, sections 3.4 and 3.5.1)."""

import re
from base64 import b64encode
from hashlib import sha256
from hmac import digest
from urllib.parse import parse_qsl, quote, unquote, urlsplit

_SCHEME = re.compile(r"OAuth\s+", re.IGNORECASE)
_PARAMETER = re.compile(r'\s*([\w.~%-]+)="([^"]*)"\s*')
_USUAL_PORTS = {"http": 80, "https": 443}


def read_header(authorization: str) -> dict[str, str] | None:
    """The parameters of an ``OAuth`` Authorization header, decoded; None where it is none."""
    scheme = _SCHEME.match(authorization)
    if scheme is None:
        return None
    found: dict[str, str] = {}
    for part in authorization[scheme.end() :].split(","):
        parameter = _PARAMETER.fullmatch(part)
        name = unquote(parameter[1]) if parameter else ""
        if parameter is None or name in found:
            return None
        found[name] = unquote(parameter[2])
    return found


def hmac_sha256(base_string: str, consumer_secret: str, token_secret: str) -> str:
    """The signature of a base string, in base64."""
    key = f"{_escaped(consumer_secret)}&{_escaped(token_secret)}"
    return b64encode(digest(key.encode(), base_string.encode(), sha256)).decode()


def base_string(method: str, url: str, parameters: dict[str, str]) -> str:
    """What is signed: the method, the address without its query, and all parameters in order.

    ``parameters`` are those of the Authorization header; its realm and signature do not count.
    """
    asked = urlsplit(url)
    counted = [(name, value) for name, value in parameters.items()
               if name not in ("realm", "oauth_signature")]  # fmt: skip
    counted += parse_qsl(asked.query, keep_blank_values=True)
    pairs = sorted((_escaped(name), _escaped(value)) for name, value in counted)
    normalised = "&".join(f"{name}={value}" for name, value in pairs)
    host = (asked.hostname or "").lower()
    if asked.port not in (None, _USUAL_PORTS.get(asked.scheme)):
        host = f"{host}:{asked.port}"
    address = f"{asked.scheme}://{host}{asked.path or '/'}"
    return "&".join(_escaped(part) for part in (method.upper(), address, normalised))


def _escaped(text: str) -> str:
    return quote(text, safe="-._~")
