"""Links to people: made, then sent by mail where there is a mail server. The link stays either way.

Only the hash of a link is stored, so it is sent by who made it, after the commit, or not at all.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ecomops import runtime
from ecomops.connectors import mail
from ecomops.domains.identity.invitations import InvitePerson, invite_person, renew_link
from ecomops.domains.identity.links import LinkMade
from ecomops.kit.context import Context
from ecomops.kit.logging import get_logger
from ecomops.kit.settings import get_settings

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LinkShown:
    """A link to be copied. ``mail``: what became of the letter, none where there is no server."""

    address: str
    kind: str
    email: str
    expires_at: datetime
    mail: str

    def __repr__(self) -> str:
        return f"LinkShown({self.kind}, {self.mail})"  # The address is a secret.


def invite(ctx: Context, command: InvitePerson) -> LinkShown:
    """Ask somebody to join. Raises EcomopsError."""
    return _sent(runtime.run(ctx, invite_person, command))


def make_link(ctx: Context, person_id: UUID) -> LinkShown:
    """Another link, for who is invited or forgot their password. Raises EcomopsError."""
    return _sent(runtime.run(ctx, renew_link, person_id))


def _sent(made: LinkMade) -> LinkShown:
    address = f"{get_settings().origin}/welcome?token={made.token.get_secret_value()}"
    smtp_url, outcome = get_settings().smtp_url, "none"
    if smtp_url.get_secret_value():
        try:
            mail.send(smtp_url, _letter(made, address))
            outcome = "sent"
        except mail.MailError as error:
            log.warning("letter_not_sent", cause=str(error))
            outcome = "failed"
    return LinkShown(address, made.kind, made.email, made.expires_at, outcome)


def _letter(made: LinkMade, address: str) -> mail.Letter:
    until = f"{made.expires_at:%d %B %Y, %H:%M} UTC"
    if made.kind == "password":
        subject = "Choose a new password for ecomops"
        what = f"Open this link to choose a new password; {made.workspace_name} made it for you."
    else:
        subject = "You are invited to ecomops"
        what = f"You are invited to the workspace {made.workspace_name}. Open this link to join."
    once = f"It works once, until {until}. If you did not expect it, ignore it."
    text = f"{what}\n\n{address}\n\n{once}\n"
    return mail.Letter(made.email, subject, text)
