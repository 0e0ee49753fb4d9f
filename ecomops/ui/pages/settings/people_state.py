"""The people of the workspace, and what an admin does about one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from ecomops.domains.identity.invitations import InvitePerson, withdraw_invitation
from ecomops.domains.identity.members import (
    ChangeRole,
    PersonView,
    change_role,
    deactivate_person,
    list_people,
    reactivate_person,
)
from ecomops.kit.errors import ConflictError, InvalidInputError
from ecomops.operations.invitations import LinkShown, invite, make_link
from ecomops.ui import format as fmt
from ecomops.ui.components.toasts import toast
from ecomops.ui.handlers import handler
from ecomops.ui.layouts.frame import ROLE_WORDS
from ecomops.ui.problems import shown_on_page
from ecomops.ui.session import call, perform
from ecomops.ui.state import AppState

Role = Literal["admin", "finance", "ops", "readonly"]
FORM = "form"
MAIL_WORDS = {
    "none": "",
    "sent": "It was sent by email as well.",
    "failed": "It could not be sent by email, so pass it on yourself.",
}


@dataclass
class Person:
    """A member or somebody who is invited, as text."""

    id: str
    name: str
    email: str
    role: str
    role_words: str
    status: str
    seen: str
    seen_moment: str
    is_self: bool


class PeopleState(AppState):
    """The list, the form of a new person, the link that was just made, and one question."""

    people: list[Person] = []  # noqa: RUF012 - Reflex copies the default for each State
    people_loaded: bool = False
    people_problem: str = ""
    people_reference: str = ""

    adding: bool = False
    saving: bool = False
    errors: dict[str, str] = {}  # noqa: RUF012
    form_number: int = 0

    link_address: str = ""
    link_email: str = ""
    link_told: str = ""
    link_until: str = ""
    making_id: str = ""

    leaving_id: str = ""
    leaving_name: str = ""
    leaving_invited: bool = False

    @handler("users.manage")
    async def load_people(self) -> None:
        """Show who is there; a form that is being filled in stays as it is."""
        self.saving, self.making_id = False, ""
        with shown_on_page(self, "people"):
            now = datetime.now(UTC)
            found = await perform(list_people)
            self.people = [person_row(it, now, self.timezone) for it in found]
            self.people_loaded = True

    @handler("users.manage")
    async def begin_adding(self) -> None:
        """Open the form, empty."""
        self.adding, self.errors = True, {}
        self.form_number += 1

    @handler("users.manage")
    async def stop_adding(self) -> None:
        """Close the form."""
        self.adding, self.errors = False, {}

    @handler("users.manage", background=True)
    async def add_person(self, form: dict[str, Any]) -> AsyncIterator[Any]:
        """Invite somebody, and show the link for them; sending it may take a while."""
        async with self:
            if self.saving or not self.adding:
                return
            self.saving, self.errors = True, {}
        typed = {name: str(form.get(name, "")) for name in ("name", "email", "role")}
        try:
            made = await call(invite, InvitePerson(**typed))
        except (InvalidInputError, ConflictError) as error:
            fields = error.fields if isinstance(error, InvalidInputError) else {FORM: error.message}
            async with self:
                self.errors = dict(fields)
            return
        finally:
            async with self:
                self.saving = False
        async with self:
            self.adding = False
            self._show_link(made)
        yield PeopleState.load_people

    @handler("users.manage", background=True)
    async def new_link(self, person_id: str) -> AsyncIterator[Any]:
        """Make another link, to join or to choose a new password, in the place of the last."""
        async with self:
            if self.making_id:
                return
            self.making_id = person_id
        try:
            made = await call(make_link, UUID(person_id))
        finally:
            async with self:
                self.making_id = ""
        async with self:
            self._show_link(made)
        yield PeopleState.load_people

    @handler("users.manage")
    async def close_link(self) -> None:
        """Forget the link: it cannot be shown again."""
        self.link_address = ""

    @handler("users.manage")
    async def set_role(self, user_id: str, role: Role) -> Any:
        """Give a member another role."""
        try:
            await perform(change_role, ChangeRole(UUID(user_id), role))
        except ConflictError as error:
            return [toast(error.message, tone="error"), PeopleState.load_people]
        return [toast("Role changed", tone="success"), PeopleState.load_people]

    @handler("users.manage")
    async def ask_to_remove(self, person_id: str, name: str, invited: bool) -> None:
        """Ask whether the person shall really be shut out."""
        self.leaving_id, self.leaving_name, self.leaving_invited = person_id, name, invited

    @handler("users.manage")
    async def keep(self) -> None:
        """Leave the person alone."""
        self.leaving_id = ""

    @handler("users.manage")
    async def remove(self) -> AsyncIterator[Any]:
        """Deactivate the member, or withdraw the invitation, that was asked about."""
        person_id, self.leaving_id = self.leaving_id, ""
        if not person_id:
            return
        yield
        if self.leaving_invited:
            await perform(withdraw_invitation, UUID(person_id))
            yield toast("Invitation withdrawn")
        else:
            await perform(deactivate_person, UUID(person_id))
            yield toast(
                f"{self.leaving_name} was deactivated", description="Signed out everywhere."
            )
        yield PeopleState.load_people

    @handler("users.manage")
    async def reactivate(self, user_id: str) -> Any:
        """Let a member in again."""
        await perform(reactivate_person, UUID(user_id))
        return [toast("Reactivated", tone="success"), PeopleState.load_people]

    def _show_link(self, made: LinkShown) -> None:
        self.link_address, self.link_email = made.address, made.email
        self.link_told = MAIL_WORDS[made.mail]
        self.link_until = fmt.moment(made.expires_at, self.timezone)


def person_row(view: PersonView, now: datetime, zone: str) -> Person:
    """A person as the list shows them."""
    seen = view.last_seen_at
    return Person(
        id=str(view.id),
        name=view.name,
        email=view.email,
        role=view.role,
        role_words=ROLE_WORDS[view.role],
        status=fmt.words(view.status),
        seen=f"Seen {fmt.ago(seen, now)}" if seen else "Never seen",
        seen_moment=fmt.moment(seen, zone) if seen else "",
        is_self=view.is_self,
    )
