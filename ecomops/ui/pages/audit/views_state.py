"""Filters of the audit log that somebody kept under a name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from ecomops.domains.tables.schemas import SavedView, SaveView
from ecomops.domains.tables.views import delete_view, list_views, save_view
from ecomops.kit.errors import InvalidInputError
from ecomops.ui.components.toasts import toast
from ecomops.ui.handlers import handler
from ecomops.ui.operation import current_path
from ecomops.ui.pages.audit import address
from ecomops.ui.problems import shown_on_page
from ecomops.ui.session import perform
from ecomops.ui.state import AppState

SCREEN = "audit"


@dataclass
class ViewLine:
    """A saved view; ``address`` opens it."""

    id: str
    name: str
    address: str
    shared: bool
    mine: bool


class AuditViews(AppState):
    """The saved views of the log, and the dialogs that keep and delete one."""

    views: list[ViewLine] = []  # noqa: RUF012 - Reflex copies the default for each State
    views_problem: str = ""
    views_reference: str = ""
    saving: bool = False
    name_error: str = ""
    delete_id: str = ""
    delete_name: str = ""

    @handler("audit.view")
    async def load_views(self) -> None:
        """List them."""
        with shown_on_page(self, "views"):
            self.views = [_line(view) for view in await perform(list_views, SCREEN)]

    @handler("audit.view")
    async def begin_saving(self) -> None:
        """Ask for a name."""
        self.saving, self.name_error = True, ""

    @handler("audit.view")
    async def stop_saving(self) -> None:
        """Leave it unsaved."""
        self.saving = False

    @handler("audit.view")
    async def save(self, form: dict[str, Any]) -> Any:
        """Keep the filters that are on, without the page and the event that are open."""
        name = str(form.get("view_name") or "").strip()
        shared = form.get("whose") == "shared"
        self.name_error = ""
        try:
            await perform(save_view, SaveView(SCREEN, name, _query(current_path()), shared))
        except InvalidInputError as error:
            self.name_error = error.message
            return None
        self.saving = False
        return [toast(f"View {name} saved", tone="success"), AuditViews.load_views]

    @handler("audit.view")
    async def ask_to_delete(self, view_id: str, name: str) -> None:
        """Ask whether the view shall really go."""
        self.delete_id, self.delete_name = view_id, name

    @handler("audit.view")
    async def keep_view(self) -> None:
        """Leave the view alone."""
        self.delete_id = ""

    @handler("audit.view")
    async def delete(self) -> Any:
        """Delete the view that was asked about."""
        view_id, self.delete_id = self.delete_id, ""
        if not view_id:
            return None
        await perform(delete_view, UUID(view_id))
        return [toast(f"View {self.delete_name} deleted", tone="success"), AuditViews.load_views]


def _query(path: str) -> str:
    view = replace(address.list_of(address.parse(path)), cursor=None)
    return address.page_address(view).partition("?")[2]


def _line(view: SavedView) -> ViewLine:
    opened = address.page_address(address.parse(f"?{view.query}"))
    return ViewLine(str(view.id), view.name, opened, view.shared, view.mine)
