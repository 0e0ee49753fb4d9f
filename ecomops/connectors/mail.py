"""Letters by SMTP: ``smtp://user:password@host:587?from=ecomops@company.com``, or ``smtps://``."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from pydantic import SecretStr

PATIENCE = 10
_PORTS = {"smtp": 587, "smtps": 465}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class MailError(Exception):
    """The letter was not taken. The text says why, for an operator."""


@dataclass(frozen=True, slots=True)
class Letter:
    to: str
    subject: str
    text: str


def send(smtp_url: SecretStr, letter: Letter) -> None:
    """Hand a letter to the mail server, within a minute or not at all. Raises MailError."""
    try:
        server = urlsplit(smtp_url.get_secret_value())
        message = _message(server, letter)
        with _connected(server) as smtp:
            if server.username:
                smtp.login(unquote(server.username), unquote(server.password or ""))
            smtp.send_message(message)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        # What the server said may quote what we sent, so only its kind is told.
        raise MailError(type(error).__name__) from None


def _message(server: SplitResult, letter: Letter) -> EmailMessage:
    message = EmailMessage()
    message["From"] = _sender(server)
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message.set_content(letter.text)
    return message


def _sender(server: SplitResult) -> str:
    named = parse_qs(server.query).get("from", [""])[0]
    user = unquote(server.username or "")
    return named or (user if "@" in user else f"ecomops@{server.hostname}")


def _connected(server: SplitResult) -> smtplib.SMTP:
    """A connection that nobody on the way can read, unless it stays on this machine."""
    host, port = server.hostname or "", server.port or _PORTS[_scheme(server)]
    context = ssl.create_default_context()
    if _scheme(server) == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=context)
    smtp = smtplib.SMTP(host, port, timeout=PATIENCE)
    if host not in _LOOPBACK:
        try:
            smtp.starttls(context=context)
        except BaseException:
            smtp.close()
            raise
    return smtp


def _scheme(server: SplitResult) -> str:
    if server.scheme not in _PORTS:
        raise ValueError("SMTP_URL begins with smtp:// or smtps://")
    return server.scheme
