"""T14: an address that a person typed never leads to our machines or the inner network."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from itertools import product
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ecomops.connectors import outbound
from ecomops.connectors.outbound import AddressRefusedError, allowed, post, problem_of
from ecomops.kit.errors import ProviderTransientError

INNER = (
    "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1", "fe80::1", "fc00::1",
    "fd00:ec2::254",
    "::", "ff02::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a00:1",
    "2002:a00:1::1", "2001:0:a00:1::", "::10.0.0.1", "2001:db8::1",
)  # fmt: skip
HERE = ("127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1")
PUBLIC = ("1.1.1.1", "93.184.216.34", "2606:4700::1111")
# Other ways to write addresses, which the system's resolver understands.
WRITTEN = (
    "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "3232235777", "0xa9fea9fe",
    "10.1", "0", "192.168.257",
)  # fmt: skip
FORMS = ("https://{}", "https://{}/", "https://{}:443/x", "https://{}/a?b=c", "HTTPS://{}/")
MALFORMED = (
    "", " ", "events.example.com", "//events.example.com", "ftp://events.example.com",
    "file:///etc/passwd", "gopher://x/", "javascript:alert(1)", "https://", "https:///x",
    "https://user@events.example.com", "https://user:pw@events.example.com",
    "https://events.example.com#x", "https://events.example.com:0/", "https://events.example.com:x/",
    "https://events.example.com:99999/", "https://ev ents.example.com", "https://events.example.com/\n",
    "https://events.example.com/\r\nHost: x", "https://evil\\@events.example.com", "https://[::1",
    "https://\uff45vents.example.com", "https://events\u3002example.com", "https://ex\x00ample.com",
    "https://{}.example.com", "https://" + "a" * 2000, "http://events.example.com",
)  # fmt: skip
HOSTILE = [
    *(form.format(f"[{host}]" if ":" in host else host)
      for form, host in product(FORMS, INNER + HERE + WRITTEN)),
    *MALFORMED,
]  # fmt: skip


def test_there_are_enough_of_them() -> None:
    assert len(set(HOSTILE)) >= 200


@pytest.mark.parametrize("url", HOSTILE)
def test_no_hostile_address_is_taken_or_connected_to(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "create_connection", _connected)
    assert problem_of(url, "production")
    with pytest.raises(ProviderTransientError):
        post(url, b"", {}, "production")


def _connected(*_given: Any, **_named: Any) -> None:
    raise AssertionError("a connection was made")


@pytest.mark.parametrize("url", ["https://events.example.com/audit?x=1", "https://1.1.1.1:8443/"])
def test_public_addresses_are_fine(url: str) -> None:
    assert problem_of(url, "production") == ""


@pytest.mark.parametrize("address", INNER)
def test_inner_addresses_are_refused_everywhere(address: str) -> None:
    assert not allowed(ip_address(address), "production")
    assert not allowed(ip_address(address), "local")


@pytest.mark.parametrize("address", HERE)
def test_this_machine_is_fine_outside_of_production(address: str) -> None:
    assert allowed(ip_address(address), "local")
    assert not allowed(ip_address(address), "production")


@pytest.mark.parametrize("address", PUBLIC)
def test_the_public_internet_is_fine(address: str) -> None:
    assert allowed(ip_address(address), "production")


def test_without_https_only_this_machine_is_reached() -> None:
    assert problem_of("http://localhost:8000/x", "local") == ""
    assert problem_of("http://events.example.com", "local") != ""
    assert problem_of("http://localhost:8000/x", "production") != ""


@pytest.mark.parametrize("inner", INNER + HERE)
def test_a_public_name_that_leads_inside_is_refused_before_anything_is_sent(
    inner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def resolved(*_given: Any, **_named: Any) -> list[Any]:
        return [(2, 1, 6, "", (address, 443)) for address in ("1.1.1.1", inner)]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    monkeypatch.setattr(socket, "create_connection", _connected)
    with pytest.raises(AddressRefusedError, match="not public"):
        post("https://events.example.com/", b"", {}, "production")


def test_what_was_judged_is_what_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads elsewhere at a second look is never looked up a second time."""
    answers = iter([[(2, 1, 6, "", ("1.1.1.1", 443))]])
    tried: list[Any] = []

    def connect(address: Any, *_given: Any, **_named: Any) -> None:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_given, **_named: next(answers))
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(ProviderTransientError, match="could not be reached"):
        post("https://events.example.com/", b"", {}, "production")
    assert tried == [("1.1.1.1", 443)]


@contextmanager
def answering(
    status: int, body: bytes = b"", location: str = ""
) -> Iterator[tuple[str, list[Any]]]:
    """A receiver on this machine, and what it was sent."""
    received: list[Any] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            received.append((dict(self.headers), self.rfile.read(length)))
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/in", received
        server.shutdown()


def test_a_post_arrives_with_its_body_and_headers() -> None:
    with answering(200, b"x" * 9_000) as (url, received):
        assert post(url, b"body", {"Ecomops-Signature": "t=1"}, "test") == 200
    ((headers, body),) = received
    assert (body, headers["Ecomops-Signature"]) == (b"body", "t=1")


def test_no_redirect_is_followed() -> None:
    with answering(200) as (elsewhere, there), answering(307, location=elsewhere) as (url, _):
        assert post(url, b"body", {}, "test") == 307
        assert there == []


@contextmanager
def talking(talk: Callable[[socket.socket], None], tls: ssl.SSLContext | None) -> Iterator[str]:
    """A receiver on this machine that says what it likes, once."""

    def serve() -> None:
        with suppress(OSError), server.accept()[0] as taken:
            talk(tls.wrap_socket(taken, server_side=True) if tls else taken)

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SIP)
        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.getsockname()[1]}/"
        thread.join(10)


SIP = 64 * 1024
BODY = b"x" * 20_000_000
SHORT = 0.5
"""Seconds for an exchange; each step of a slow one takes far less, all of them together more."""


def drip(client: socket.socket) -> None:
    client.recv(SIP)
    for byte in b"HTTP/1.1 200 OK\r\n\r\n":
        time.sleep(SHORT / 5)
        client.sendall(bytes([byte]))


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's certificate of its own, which ``post`` does not ask about."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(x509.Name([]), x509.Name([]), key.public_key(), 1, now,
                                      now + dt.timedelta(days=1))  # fmt: skip
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(pem, pkcs8, serialization.NoEncryption())
    file = tmp_path / "server.pem"
    file.write_bytes(secret + builder.sign(key, hashes.SHA256()).public_bytes(pem))
    monkeypatch.setattr(outbound, "_tls", ssl._create_unverified_context)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_an_answer_that_drips_gets_no_more_than_the_one_deadline(
    secure: bool, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "SECONDS", SHORT)
    late = pytest.raises(ProviderTransientError, match="in time")
    with talking(drip, tls if secure else None) as url, late:
        post(url, b"{}", {}, "test")


def test_a_receiver_that_sips_gets_no_more_than_the_one_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken = []

    def sip(client: socket.socket) -> None:
        while piece := client.recv(SIP):
            taken.append(len(piece))
            time.sleep(SHORT / 50)

    monkeypatch.setattr(outbound, "SECONDS", SHORT)
    late = pytest.raises(ProviderTransientError, match="in time")
    with talking(sip, None) as url, late:
        post(url, BODY, {}, "test")
    assert sum(taken) < len(BODY)
