"""What people change about themselves: their name, their password."""

from dataclasses import dataclass

from pydantic import SecretStr
from sqlalchemy import delete
from sqlmodel import Session, col

from ecomops.domains.audit.service import Event, record
from ecomops.domains.identity.fields import name_problem
from ecomops.domains.identity.passwords import hash_password, verify, weakness
from ecomops.domains.identity.sessions import revoked
from ecomops.domains.identity.throttle import attempt_succeeded, begin_attempt
from ecomops.kit.context import Context
from ecomops.kit.errors import InvalidInputError
from ecomops.models.identity import BrowserSession, OneTimeLink, User

NOT_RIGHT = "This is not your current password."


@dataclass(frozen=True, slots=True)
class ChangePassword:
    current: SecretStr
    new: SecretStr


def rename_myself(session: Session, ctx: Context, name: str) -> None:
    """Change one's own name. Raises InvalidInputError."""
    if problem := name_problem(name):
        raise InvalidInputError({"name": problem})
    user = session.get_one(User, ctx.actor.user_id)
    payload = {"from": user.name, "to": name.strip()}
    if payload["from"] == payload["to"]:
        return
    user.name = name.strip()
    record(session, ctx, Event("config", "user_renamed", "user", str(user.id), payload=payload))


def change_password(session: Session, ctx: Context, command: ChangePassword) -> bool:
    """Choose a new password, and sign every other browser out, in all workspaces.

    False when the current one is wrong: guesses are counted as at sign-in, and committed. Raises
    InvalidInputError, TooManyAttemptsError.
    """
    user = session.get_one(User, ctx.actor.user_id)
    if problem := weakness(command.new, [user.name, user.email]):
        raise InvalidInputError({"password": problem})
    begin_attempt(session, user.email, ctx.address)
    right, _better_hash = verify(command.current, user.password_hash)
    if not right:
        event = Event("auth", "password_changed", "user", str(user.id), status="error")
        record(session, ctx, event)
        return False
    attempt_succeeded(session, user.email, ctx.address)
    user.password_hash = hash_password(command.new)
    record(session, ctx, Event("auth", "password_changed", "user", str(user.id),
                               payload={"sessions_ended": _end_others(session, ctx)}))  # fmt: skip
    return True


def require_right(done: bool) -> None:
    """Raises InvalidInputError when the current password was not right."""
    if not done:
        raise InvalidInputError({"current_password": NOT_RIGHT})


def _end_others(session: Session, ctx: Context) -> int:
    """End what the old password opened, and any link to choose another one; how many sessions."""
    mine = col(BrowserSession.user_id) == ctx.actor.user_id
    others = delete(BrowserSession).where(mine, col(BrowserSession.id) != ctx.session_id)
    gone = session.execute(others.returning(col(BrowserSession.id))).all()
    session.execute(delete(OneTimeLink).where(col(OneTimeLink.person_id) == ctx.actor.user_id))
    revoked(session, ctx.actor.user_id)
    return len(gone)
