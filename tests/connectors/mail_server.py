"""A small SMTP server (RFC 5321) in this process, which keeps what it is given."""

from __future__ import annotations

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_string
from email.message import Message
from threading import Thread


@dataclass
class MailServer:
    """``refuses`` is the answer to each recipient in place of a yes."""

    port: int = 0
    refuses: str = ""
    letters: list[Message] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def text_of(letter: Message) -> str:
    """What a person reads of a letter in one part."""
    body = letter.get_payload(decode=True)
    assert isinstance(body, bytes)
    return body.decode().replace("\r\n", "\n")


@contextmanager
def mail_server(refuses: str = "") -> Iterator[MailServer]:
    """A server on a free port of this machine."""
    kept = MailServer(refuses=refuses)

    class Conversation(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._answer("220 ready")
            while line := self.rfile.readline().decode().strip():
                kept.said.append(line)
                self._follow(line.partition(" ")[0].upper())

        def _follow(self, verb: str) -> None:
            if verb == "DATA":
                self._answer("354 go on")
                kept.letters.append(message_from_string(self._text()))
            refused = verb == "RCPT" and kept.refuses
            self._answer(kept.refuses if refused else "221 bye" if verb == "QUIT" else "250 ok")

        def _text(self) -> str:
            lines = []
            while (line := self.rfile.readline().decode()) != ".\r\n":
                lines.append(line)
            return "".join(lines)

        def _answer(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation) as server:
        server.daemon_threads = True
        kept.port = server.server_address[1]
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield kept
        finally:
            server.shutdown()
            thread.join()
