"""A link is made whatever becomes of the letter; and the command line for when nobody is left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ecomops import runtime
from ecomops.domains.identity.invitations import InvitePerson
from ecomops.domains.identity.joining import see_link
from ecomops.kit.errors import NotFoundError
from ecomops.kit.settings import Settings, get_settings
from ecomops.local import administration
from ecomops.operations.invitations import LinkShown, invite, make_link
from ecomops.runtime.link_cookies import link_token
from tests.conftest import Workspace, anonymous
from tests.connectors.mail_server import mail_server, text_of
from tests.integration.people import id_of, joined, new_email, statuses
from tests.ports import own_port


@contextmanager
def mailing(monkeypatch: pytest.MonkeyPatch, url: str) -> Iterator[None]:
    monkeypatch.setenv("SMTP_URL", url)
    get_settings.cache_clear()
    try:
        yield
    finally:
        monkeypatch.delenv("SMTP_URL")
        get_settings.cache_clear()


def works(shown: LinkShown) -> bool:
    token = link_token(shown.address.partition("?token=")[2])
    assert token is not None
    return runtime.run(anonymous(), see_link, token).email == shown.email


def test_without_a_mail_server_the_link_is_only_shown(workspace: Workspace) -> None:
    shown = invite(workspace.ctx, InvitePerson("Bo", new_email(), "ops"))
    assert shown.mail == "none"
    assert shown.address.startswith(f"{get_settings().origin}/welcome?token=")
    assert works(shown)
    assert shown.address not in repr(shown)


def test_where_there_is_one_the_same_link_is_sent(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server() as server, mailing(monkeypatch, f"smtp://127.0.0.1:{server.port}"):
        shown = invite(workspace.ctx, InvitePerson("Bo", new_email(), "ops"))
        bo = joined(workspace)
        again = make_link(workspace.ctx, id_of(bo))
    assert (shown.mail, again.mail) == ("sent", "sent")
    texts = [text_of(letter) for letter in server.letters]
    assert shown.address in texts[0]
    assert again.address in texts[1]
    subjects = [letter["Subject"] for letter in server.letters]
    assert subjects == ["You are invited to ecomops", "Choose a new password for ecomops"]


@pytest.mark.parametrize("url", ["smtp://127.0.0.1:{port}", "nonsense"])
def test_a_letter_that_is_not_sent_is_told_and_the_link_stays(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    with mailing(monkeypatch, url.format(port=own_port())):
        shown = invite(workspace.ctx, InvitePerson("Bo", new_email(), "ops"))
    assert shown.mail == "failed"
    assert works(shown)
    assert statuses(workspace)[shown.email] == ("ops", "invited")


def test_an_operator_invites_and_lets_in_who_lost_the_password(
    workspace: Workspace, settings: Settings
) -> None:
    email, admin = new_email(), f"{workspace.slug}@example.com"
    try:
        first = administration.invite_person(workspace.slug, email, "admin")
        second = administration.link_for_person(workspace.slug, email.upper())
        reset = administration.link_for_person(workspace.slug, admin)
        with pytest.raises(NotFoundError):
            administration.link_for_person(workspace.slug, "nobody@example.com")
    finally:
        runtime.start(settings)
    assert first != second
    kinds = {}
    for address in (second, reset):
        token = link_token(address.partition("?token=")[2])
        assert token is not None
        seen = runtime.run(anonymous(), see_link, token)
        kinds[seen.email] = seen.kind
    assert kinds == {email: "invitation", admin: "password"}
