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
from ecomops.domains.connections.fields import OFFERED
from ecomops.domains.connections.methods import METHODS, method_of
from ecomops.domains.connections.schemas import CreateConnection
from ecomops.domains.connections.service import create_connection
from ecomops.kit.errors import DomainError, InvalidInputError, UnauthenticatedError
from ecomops.kit.settings import get_settings
from ecomops.operations.consent import begin
from ecomops.ui import routes
from ecomops.ui.components.providers import NAMES
from ecomops.ui.components.toasts import toast
from ecomops.ui.handlers import handler
from ecomops.ui.operation import query
from ecomops.ui.pages.connections.state import ConnectionsState
from ecomops.ui.session import call, perform
from ecomops.ui.state import AppState

FORM = "form"
CONSENT_FAILED = {
    "conflict": "Nothing was connected: the consent was not given, was used before or took too"
    " long. Begin again.",
    "provider_auth": "Nothing was connected: the provider refused the app's keys. Check them and"
    " begin again.",
    "permission_denied": "Nothing was connected: ask an admin of your workspace to do it.",
    "entitlement_denied": "Nothing was connected: your plan has no room for it.",
    "": "Nothing was connected: the provider could not be reached. Try again in a moment.",
}
"""By the code of the error."""


class ConnectionForm(AppState):
    """Where the person is in the dialog: the choice of a provider, then its form."""

    form_open: bool = False
    editing: str = ""
    edited_label: str = ""
    provider: str = ""
    provider_name: str = ""
    method: str = ""
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
        if outcome := query("consent"):
            return [consent_toast(outcome, query("label")), rx.redirect(routes.CONNECTIONS,
                                                                        replace=True)]  # fmt: skip
        wanted = query("add")
        if wanted in (*OFFERED, routes.ANY) and not self.form_open and self._may_manage:
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
        if provider in OFFERED:
            self.provider, self.provider_name, self.errors = provider, NAMES[provider], {}
            self.method = METHODS[provider][0].name

    @handler("connections.manage")
    async def choose_method(self, method: str) -> None:
        """Show the fields of another way to connect; what was typed in common ones stays."""
        if method_of(self.provider, method):
            self.method, self.errors = method, {}

    @handler("connections.manage")
    async def begin_editing(self, connection_id: str, provider: str, label: str) -> None:
        """Open the dialog with the connection's label; what is stored is not read back."""
        if provider not in OFFERED:
            return
        self.method = METHODS[provider][0].name
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
            if self._needs_consent:
                address = await self._consent(form)
                self.form_open = False  # or it would still be open when the person comes back
                yield rx.redirect(address)
                return
            done = await self._save(form)
        except UnauthenticatedError:
            raise
        except DomainError as error:
            self.errors, self.saving = beside_fields(error), False
            wrong = next((name for name in form if name in self.errors), None)
            yield rx.set_focus(wrong) if wrong else None
            return
        finally:
            self.saving = False
        self.form_open = False  # at once, or the second of two clicks would find it open
        yield toast(done, tone="success")
        yield ConnectionForm.close_form
        yield ConnectionsState.load_connections

    @property
    def _needs_consent(self) -> bool:
        way = method_of(self.provider, self.method)
        return way is not None and way.consent

    async def _consent(self, form: dict[str, Any]) -> str:
        """Where the person gives consent."""
        return await call(begin, add_command(self.provider, self.method, form))

    async def _save(self, form: dict[str, Any]) -> str:
        """Add or change the connection; what to tell of it."""
        if self.editing:
            edit = edit_command(self.editing, self.provider, self.method, form)
            await perform(edit_connection, edit)
            return "Connection saved"
        await perform(create_connection, add_command(self.provider, self.method, form))
        return f"{self.provider_name} connected"


def consent_toast(outcome: str, label: str) -> Any:
    """What came of the way to the provider and back, by the code in the address."""
    if outcome == "done":
        return toast(f"'{label[:100]}' is connected", tone="success")
    return toast(CONSENT_FAILED.get(outcome, CONSENT_FAILED[""]), tone="error")


def add_command(provider: str, method: str, form: dict[str, Any]) -> CreateConnection:
    """What the form of a new connection asks for."""
    return CreateConnection(
        provider=provider,
        label=str(form.get("label", "")),
        environment=str(form.get("environment") or "provider"),
        credentials=_credentials(provider, method, form),
        method=method,
    )


def edit_command(
    connection_id: str, provider: str, method: str, form: dict[str, Any]
) -> EditConnection:
    """What the form of a connection that is there asks for."""
    label, credentials = str(form.get("label", "")), _credentials(provider, method, form)
    return EditConnection(UUID(connection_id), label, credentials, method)


def _credentials(provider: str, method: str, form: dict[str, Any]) -> dict[str, SecretStr]:
    way = method_of(provider, method)
    names = way.fields if way else {}
    return {name: SecretStr(str(form.get(name, ""))) for name in names}


def beside_fields(error: DomainError) -> dict[str, str]:
    """What is wrong, by field; by the form itself where it is none of them."""
    return dict(error.fields) if isinstance(error, InvalidInputError) else {FORM: error.message}
