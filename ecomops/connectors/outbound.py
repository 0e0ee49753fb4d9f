"""Posting to an address that a person typed: never to a machine of ours or of the inner network.

The name is looked up once for each connection, every address it leads to is judged, and one that
was judged is what is connected to: no second look-up can lead elsewhere.
"""

import socket
import ssl
import time
from collections.abc import Mapping
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import httpcore
import httpx

from ecomops.kit.errors import ProviderTransientError

LONGEST_URL: Final = 2000
SECONDS: Final = 30
"""For all of it, from the connection to the answer's headers."""
RECORD: Final = 16 * 1024
Address = IPv4Address | IPv6Address

# Addresses that carry an IPv4 address within them, and lead to it.
_TRANSLATED: Final = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))
_TUNNELS: Final = (ip_network("2002::/16"), ip_network("2001::/32"), ip_network("::/96"))


class AddressRefusedError(ProviderTransientError):
    """The name leads to an address that is not for us to call. It may lead elsewhere later."""


def problem_of(url: str, env: str) -> str:
    """Why nothing can be posted to ``url``; empty when it can, as far as its text tells.

    Production takes https alone; elsewhere http to this machine is fine too.
    """
    parts = _split(url)
    if parts is None:
        return "Enter an address like https://events.example.com/audit."
    if parts.scheme != "https" and not (env != "production" and parts.scheme == "http"):
        return "The address must begin with https://."
    if parts.username is not None or parts.password is not None:
        return "The address must not hold a name or password."
    literal = _literal(parts.hostname or "")
    if literal is not None and not allowed(literal, env):
        return "This address is not on the public internet."
    if parts.scheme == "http" and not _is_here(parts.hostname or "", literal):
        return "Without https only this machine can be reached."
    return ""


def _split(url: str) -> SplitResult | None:
    plain = url.isascii() and url.isprintable() and not set(url) & set(' "<>\\^`{|}')
    if not plain or len(url) > LONGEST_URL:
        return None
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    return parts if named and parts.scheme in ("http", "https") and not parts.fragment else None


def _literal(host: str) -> Address | None:
    """The address that ``host`` is; also in the forms that only the system's resolver knows."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def _is_here(host: str, literal: Address | None) -> bool:
    return literal.is_loopback if literal else host.lower() == "localhost"


def allowed(address: Address, env: str) -> bool:
    """Whether it is on the public internet; outside of production, this machine is fine too."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return allowed(address.ipv4_mapped, env)
        if address.is_loopback:
            return env != "production"
        inner = any(address in network for network in (*_TRANSLATED, *_TUNNELS))
        return address.is_global and not address.is_multicast and not inner
    if address.is_loopback:
        return env != "production"
    return address.is_global and not address.is_multicast and not address.is_reserved


def post(url: str, body: bytes, headers: Mapping[str, str], env: str) -> int:
    """Post once; the answer's status. No redirect is followed, no proxy used.

    The answer's body is not read. Raises ProviderTransientError.
    """
    if problem := problem_of(url, env):
        raise AddressRefusedError(problem)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_tls(), network_backend=_Checked(env)) as pool,
            pool.stream("POST", url, headers=list(headers.items()), content=body) as response,
        ):
            return response.status
    except httpcore.TimeoutException as error:
        raise ProviderTransientError("It did not answer in time.", detail=repr(error)) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError, ValueError) as error:
        message = f"It could not be reached ({type(error).__name__})."
        raise ProviderTransientError(message, detail=repr(error)) from error


class _Deadline:
    """When an exchange has to be over, however it is spread."""

    def __init__(self) -> None:
        self._ends = time.monotonic() + SECONDS

    def left(self) -> float:
        """The seconds that are left. Raises TimeoutException when none are."""
        seconds = self._ends - time.monotonic()
        if seconds <= 0:
            raise httpcore.TimeoutException(f"It took more than {SECONDS} seconds.")
        return seconds


class _Hurried(httpcore.NetworkStream):
    """A stream whose steps get what is left of the time for all of them."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # The stream's own timeout begins anew with each record that the receiver takes.
        for start in range(0, len(buffer), RECORD):
            self._stream.write(buffer[start : start + RECORD], self._deadline.left())

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        secured = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left())
        return _Hurried(secured, self._deadline)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Checked(httpcore.SyncBackend):
    """Connects to the addresses that it has judged itself, for one exchange within its time."""

    def __init__(self, env: str) -> None:
        self._env, self._deadline = env, _Deadline()

    def connect_tcp(self, host: str, port: int, *rest: Any, **named: Any) -> Any:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for address in addresses:
            if not allowed(ip_address(address.partition("%")[0]), self._env):
                raise AddressRefusedError(f"{host} leads to {address}, which is not public.")
        timed = {**named, "timeout": self._deadline.left()}
        return _Hurried(super().connect_tcp(addresses[0], port, *rest, **timed), self._deadline)


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
