"""The form that adds a connection, or edits one.

Credentials pass through it as form data on their way in and are kept in no variable.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import reflex as rx
from pydantic import SecretStr

from ecomops.domains.connections.changes import EditConnection, edit_connection
from ecomops.domains.connections.fields import CREDENTIAL_FIELDS
from ecomops.domains.connections.schemas import CreateConnection
from ecomops.domains.connections.service import create_connection
from ecomops.kit.errors import DomainError, InvalidInputError, UnauthenticatedError
from ecomops.kit.settings import get_settings
from ecomops.ui import routes
from ecomops.ui.components.providers import NAMES
from ecomops.ui.components.toasts import toast
from ecomops.ui.handlers import handler
from ecomops.ui.operation import query
from ecomops.ui.pages.connections.state import ConnectionsState
from ecomops.ui.session import perform
from ecomops.ui.state import AppState

FORM = "form"


class ConnectionForm(AppState):
    """Where the person is in the dialog: the choice of a provider, then its form."""

    form_open: bool = False
    editing: str = ""
    edited_label: str = ""
    provider: str = ""
    provider_name: str = ""
    errors: dict[str, str] = {}  # noqa: RUF012 - Reflex copies the default for each State
    saving: bool = False
    form_number: int = 0
    sandbox_key_address: str = ""

    @handler("connections.view")
    async def load_form(self) -> Any:
        """Know what may be offered, and open the form that the address asks for.

        A form that is open stays as it is: this runs again when a lost connection is back.
        """
        settings = get_settings()
        offered = settings.env in ("local", "test")
        self.sandbox_key_address = f"{settings.sandbox_base}/credentials.json" if offered else ""
        self.saving = False
        wanted = query("add")
        if wanted in CREDENTIAL_FIELDS and not self.form_open and self._may_manage:
            return [ConnectionForm.begin_adding, ConnectionForm.choose_provider(wanted)]
        return None

    @property
    def _may_manage(self) -> bool:
        return "connections.manage" in self.permissions and not self.expired

    @handler("connections.manage")
    async def begin_adding(self) -> None:
        """Open the dialog at the choice of a provider, with an empty form."""
        self.form_open, self.editing, self.edited_label = True, "", ""
        self.provider, self.errors = "", {}
        self.form_number += 1

    @handler("connections.manage")
    async def choose_provider(self, provider: str) -> None:
        """Go on to the provider's form."""
        if provider in CREDENTIAL_FIELDS:
            self.provider, self.provider_name, self.errors = provider, NAMES[provider], {}

    @handler("connections.manage")
    async def begin_editing(self, connection_id: str, provider: str, label: str) -> None:
        """Open the dialog with the connection's label; what is stored is not read back."""
        if provider not in CREDENTIAL_FIELDS:
            return
        self.form_open, self.editing, self.edited_label = True, connection_id, label
        self.provider, self.provider_name, self.errors = provider, NAMES[provider], {}
        self.form_number += 1

    @handler("connections.manage")
    async def close_form(self) -> Any:
        """Close the dialog, and forget that the address asked for it."""
        self.form_open, self.errors = False, {}
        return rx.redirect(routes.CONNECTIONS, replace=True) if query("add") else None

    @handler("connections.manage")
    async def save_connection(self, form: dict[str, Any]) -> AsyncIterator[Any]:
        """Store the connection; what is wrong is said beside its field."""
        if self.saving or not self.form_open:
            return
        self.saving, self.errors = True, {}
        yield
        try:
            done = await self._save(form)
        except UnauthenticatedError:
            raise
        except DomainError as error:
            self.errors = beside_fields(error)
            wrong = next((name for name in form if name in self.errors), None)
            yield rx.set_focus(wrong) if wrong else None
            return
        finally:
            self.saving = False
        self.form_open = False  # at once, or the second of two clicks would find it open
        yield toast(done, tone="success")
        yield ConnectionForm.close_form
        yield ConnectionsState.load_connections

    async def _save(self, form: dict[str, Any]) -> str:
        """Add or change the connection; what to tell of it."""
        if self.editing:
            await perform(edit_connection, edit_command(self.editing, self.provider, form))
            return "Connection saved"
        await perform(create_connection, add_command(self.provider, form))
        return f"{self.provider_name} connected"


def add_command(provider: str, form: dict[str, Any]) -> CreateConnection:
    """What the form of a new connection asks for."""
    return CreateConnection(
        provider=provider,
        label=str(form.get("label", "")),
        environment=str(form.get("environment") or "provider"),
        credentials=_credentials(provider, form),
    )


def edit_command(connection_id: str, provider: str, form: dict[str, Any]) -> EditConnection:
    """What the form of a connection that is there asks for."""
    label, credentials = str(form.get("label", "")), _credentials(provider, form)
    return EditConnection(UUID(connection_id), label, credentials)


def _credentials(provider: str, form: dict[str, Any]) -> dict[str, SecretStr]:
    names = CREDENTIAL_FIELDS.get(provider, {})
    return {name: SecretStr(str(form.get(name, ""))) for name in names}


def beside_fields(error: DomainError) -> dict[str, str]:
    """What is wrong, by field; by the form itself where it is none of them."""
    return dict(error.fields) if isinstance(error, InvalidInputError) else {FORM: error.message}
