"""``/settings/workspace``: what the workspace is called, and where and how it counts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import reflex as rx

from ecomops.core.money import EXPONENTS
from ecomops.domains.workspace.service import (
    WorkspaceSettings,
    get_workspace,
    update_workspace,
)
from ecomops.domains.workspace.zones import zones
from ecomops.kit.errors import InvalidInputError
from ecomops.ui import routes
from ecomops.ui.components.buttons import busy_button
from ecomops.ui.components.cards import card
from ecomops.ui.components.fields import field, select_field
from ecomops.ui.components.toasts import toast
from ecomops.ui.handlers import handler
from ecomops.ui.layouts.shell import shell
from ecomops.ui.pages.settings.frame import framed, loaded
from ecomops.ui.problems import shown_on_page
from ecomops.ui.registry import page
from ecomops.ui.session import perform
from ecomops.ui.state import AppState

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class WorkspaceState(AppState):
    """The workspace's settings as they are stored, and what is wrong with those that are typed."""

    organization_name: str = ""
    slug: str = ""
    zone: str = ""
    currency: str = ""
    fiscal_month: str = ""
    workspace_loaded: bool = False
    workspace_problem: str = ""
    workspace_reference: str = ""
    errors: dict[str, str] = {}  # noqa: RUF012 - Reflex copies the default for each State
    saving: bool = False

    @handler("tenant.manage")
    async def load_workspace(self) -> None:
        """Show what is stored; a form that is being filled in stays as it is."""
        self.saving = False
        with shown_on_page(self, "workspace"):
            stored = await perform(get_workspace)
            self.organization_name, self.slug = stored.name, stored.slug
            self.zone, self.currency = stored.timezone, stored.currency
            self.fiscal_month = str(stored.fiscal_year_start)
            self.workspace_loaded = True

    @handler("tenant.manage")
    async def save_workspace(self, form: dict[str, Any]) -> AsyncIterator[Any]:
        """Store the form; what is wrong is said beside its field."""
        if self.saving:
            return
        self.saving, self.errors = True, {}
        yield
        try:
            await perform(update_workspace, command_of(form))
        except InvalidInputError as error:
            self.errors = dict(error.fields)
            wrong = next((name for name in form if name in self.errors), None)
            yield rx.set_focus(wrong) if wrong else None
            return
        finally:
            self.saving = False
        yield toast("Workspace saved", tone="success")
        yield WorkspaceState.load_workspace
        yield AppState.load_shell


def command_of(form: dict[str, Any]) -> WorkspaceSettings:
    """What the form asks for."""
    typed = {name: str(value).strip() for name, value in form.items()}
    month = typed.get("fiscal_year_start", "")
    return WorkspaceSettings(
        name=typed.get("organization_name", ""),
        slug=typed.get("slug", ""),
        timezone=typed.get("timezone", ""),
        currency=typed.get("currency", ""),
        fiscal_year_start=int(month) if month in map(str, range(1, 13)) else 0,
    )


@page(
    routes.WORKSPACE,
    "Workspace",
    "tenant.manage",
    layout=shell(),
    on_load=[WorkspaceState.load_workspace],
)
def workspace() -> rx.Component:
    """One form."""
    return framed(
        routes.WORKSPACE,
        loaded(
            WorkspaceState.workspace_loaded,
            WorkspaceState.workspace_problem,
            WorkspaceState.workspace_reference,
            WorkspaceState.load_workspace,
            card("Workspace", _form()),
        ),
    )


def _form() -> rx.Component:
    save = busy_button(
        "Save Changes",
        busy=WorkspaceState.saving,
        busy_label="Saving",
        kind="primary",
        type="submit",
        locked=WorkspaceState.expired,
    )
    return rx.el.form(
        _name(),
        _slug(),
        _zone(),
        rx.el.div(*_counting(), class_name="field-row"),
        rx.el.div(save, class_name="form-foot"),
        class_name="form",
        no_validate=True,
        on_submit=WorkspaceState.save_workspace,
    )


def _name() -> rx.Component:
    return field(
        "organization_name",
        "Organization Name",
        WorkspaceState.errors.get("organization_name", ""),
        default_value=WorkspaceState.organization_name,
        auto_complete="organization",
        max_length=200,
    )


def _slug() -> rx.Component:
    return field(
        "slug",
        "URL Slug",
        WorkspaceState.errors.get("slug", ""),
        hint="3 to 63 of a-z, 0-9 and hyphens. Links that exist go on working.",
        default_value=WorkspaceState.slug,
        auto_complete="off",
        max_length=63,
        spell_check=False,
        custom_attrs={"autoCapitalize": "none"},
    )


def _zone() -> rx.Component:
    typed = field(
        "timezone",
        "Time Zone",
        WorkspaceState.errors.get("timezone", ""),
        hint="Type a city to search. Days, file names and schedules follow it at once.",
        default_value=WorkspaceState.zone,
        list="zones",
        auto_complete="off",
        spell_check=False,
    )
    names = rx.el.datalist(*[rx.el.option(value=zone) for zone in zones()], id="zones")
    return rx.fragment(typed, names)


def _counting() -> list[rx.Component]:
    currency = select_field(
        "currency",
        "Currency",
        WorkspaceState.errors.get("currency", ""),
        [(code, code) for code in sorted(EXPONENTS)],
        default_value=WorkspaceState.currency,
    )
    month = select_field(
        "fiscal_year_start",
        "Fiscal year starts",
        WorkspaceState.errors.get("fiscal_year_start", ""),
        [(str(number), name) for number, name in enumerate(MONTHS, start=1)],
        default_value=WorkspaceState.fiscal_month,
    )
    return [currency, month]
