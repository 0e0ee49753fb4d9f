"""A real HTTP server on loopback whose answers a test writes, byte by byte where it must."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

VERSION = "2026-07-29.dahlia"


@dataclass(frozen=True)
class Request:
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    client_port: int
    body: bytes = b""


@dataclass(frozen=True)
class Reply:
    """``raw`` goes out as it is. ``drip`` is the pause in seconds after each of its bytes."""

    raw: bytes
    delay: float = 0
    drip: float = 0
    close: bool = False


Respond = Callable[[Request], Reply]


def reply(body: Any = b"", status: int = 200, **headers: str | None) -> Reply:
    """A well-formed answer; a body that is not bytes or text is sent as JSON."""
    if not isinstance(body, bytes | str):
        body = json.dumps(body)
    data = body.encode() if isinstance(body, str) else body
    lines: dict[str, str | None] = {
        "Content-Type": "application/json",
        "Content-Length": str(len(data)),
        "Stripe-Version": VERSION,
        "Request-Id": "req_1",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
    return Reply(f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + data)


def late(seconds: float, body: Any) -> Reply:
    return replace(reply(body), delay=seconds)


def error(status: int, message: str = "", *, code: str = "", **headers: str | None) -> Reply:
    return reply({"error": {"message": message, "code": code}}, status, **headers)


@dataclass
class Wire:
    """``seen`` is every request, in order."""

    base: str
    seen: list[Request] = field(default_factory=list)


@contextmanager
def serve(respond: Respond) -> Iterator[Wire]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        def _answer(self, body: bytes) -> None:
            parts = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(parts.path, query, headers, self.client_address[1], body)
            wire.seen.append(request)
            answer = respond(request)
            time.sleep(answer.delay)
            self.close_connection = answer.close
            try:
                self._send(answer)
            except OSError:
                self.close_connection = True

        def _send(self, answer: Reply) -> None:
            if not answer.drip:
                self.wfile.write(answer.raw)
                return
            for byte in answer.raw:
                self.wfile.write(bytes([byte]))
                time.sleep(answer.drip)

        def log_message(self, format: str, *args: Any) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    wire = Wire(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield wire
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def script(*replies: Reply) -> Respond:
    """One reply after another; the last one for ever."""
    left = list(replies)
    return lambda _request: left.pop(0) if len(left) > 1 else left[0]
