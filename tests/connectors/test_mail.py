"""Letters by SMTP: sent, refused, and never in the clear to another machine."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from ecomops.connectors import mail
from tests.connectors.mail_server import mail_server, text_of
from tests.ports import own_port

LETTER = mail.Letter("bo@example.com", "You are invited", "Open this link:\n\nhttps://x/y\n")


def test_a_letter_arrives_as_it_was_written() -> None:
    with mail_server() as server:
        url = SecretStr(f"smtp://127.0.0.1:{server.port}?from=ecomops@company.com")
        mail.send(url, LETTER)
    (letter,) = server.letters
    assert (letter["From"], letter["To"]) == ("ecomops@company.com", "bo@example.com")
    assert letter["Subject"] == "You are invited"
    assert text_of(letter) == LETTER.text


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("smtp://me%40company.com:pw@mail.company.com", "me@company.com"),
        ("smtp://me:pw@mail.company.com", "ecomops@mail.company.com"),
        ("smtps://me:pw@mail.company.com?from=a@b.example", "a@b.example"),
    ],
)
def test_the_sender_is_named_or_follows(url: str, sender: str) -> None:
    assert mail._message(urlsplit(url), LETTER)["From"] == sender


def test_a_refusal_is_told_by_its_kind_alone() -> None:
    refusing = mail_server(refuses="550 no such user bo@example.com")
    with refusing as server, pytest.raises(mail.MailError, match=r"^SMTPRecipientsRefused$"):
        mail.send(SecretStr(f"smtp://127.0.0.1:{server.port}"), LETTER)
    assert server.letters == []


def test_nobody_there_is_told_at_once() -> None:
    with pytest.raises(mail.MailError, match="ConnectionRefusedError"):
        mail.send(SecretStr(f"smtp://127.0.0.1:{own_port()}"), LETTER)


def test_another_machine_hears_nothing_before_the_line_is_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server offers no STARTTLS; only because it is this machine would that do."""
    monkeypatch.setattr(mail, "_LOOPBACK", frozenset())
    with mail_server() as server, pytest.raises(mail.MailError, match="SMTPNotSupportedError"):
        mail.send(SecretStr(f"smtp://127.0.0.1:{server.port}"), LETTER)
    assert not [line for line in server.said if line.startswith(("AUTH", "MAIL"))]


@pytest.mark.parametrize("url", ["http://127.0.0.1", "smtp://", "smtp://127.0.0.1:99999"])
def test_what_is_no_mail_server_is_an_error_of_ours(url: str) -> None:
    with pytest.raises(mail.MailError):
        mail.send(SecretStr(url), LETTER)


def test_a_name_cannot_add_a_header() -> None:
    odd = mail.Letter("bo@example.com\r\nBcc: all@example.com", "x", "y")
    with mail_server() as server, pytest.raises(mail.MailError, match="ValueError"):
        mail.send(SecretStr(f"smtp://127.0.0.1:{server.port}"), odd)
    assert server.letters == []
