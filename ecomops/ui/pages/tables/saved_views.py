"""The saved views of one table: what the Views menu lists, and what changes them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import reflex as rx

from ecomops.domains.tables.catalog import TABLES
from ecomops.domains.tables.schemas import DefaultView, SavedView, SaveView
from ecomops.domains.tables.views import delete_view, list_views, save_view, set_default_view
from ecomops.kit.errors import InvalidInputError
from ecomops.ui.components.toasts import toast
from ecomops.ui.handlers import handler
from ecomops.ui.operation import current_path
from ecomops.ui.pages.tables import address
from ecomops.ui.session import perform
from ecomops.ui.state import AppState


@dataclass
class ViewRow:
    """A saved view in the menu; ``address`` opens it."""

    id: str
    name: str
    address: str
    shared: bool
    mine: bool
    is_default: bool


class SavedViews(AppState):
    """The views of the table that is open, and the one that the screen came from."""

    screen: str = ""
    views: list[ViewRow] = []  # noqa: RUF012 - Reflex copies the default for each State
    current: ViewRow | None = None
    plain_address: str = ""
    saving: bool = False
    deleting: bool = False
    name_error: str = ""

    @handler("tables.view")
    async def load_views(self) -> None:
        """See what views there are by now."""
        await self._load(self.screen)

    @handler("tables.view")
    async def begin_saving(self) -> None:
        """Ask for a name."""
        self.saving, self.name_error = True, ""

    @handler("tables.view")
    async def stop_saving(self) -> None:
        """Leave it unsaved."""
        self.saving = False

    @handler("tables.view")
    async def save_view(self, form: dict[str, Any]) -> Any:
        """Keep the screen as it is under a new name, and stay on it."""
        view = address.view_at(current_path())
        if view is None:
            return None
        name, shared = str(form.get("name") or "").strip(), form.get("whose") == "shared"
        command = SaveView(view.table, name, address.query_text(view), shared)
        self.name_error = ""
        try:
            await perform(save_view, command)
        except InvalidInputError as error:
            self.name_error = str(error)
            return None
        self.saving = False
        await self._load(view.table)
        return [toast(f"View {name} saved", tone="success"), *self._open(name)]

    @handler("tables.view")
    async def update_view(self) -> Any:
        """Have the view that is open keep the screen as it is now."""
        view, current = address.view_at(current_path()), self.current
        if view is None or current is None:
            return None
        query = address.query_text(view)
        command = SaveView(view.table, current.name, query, current.shared, UUID(current.id))
        await perform(save_view, command)
        await self._load(view.table)
        return toast(f"View {current.name} updated", tone="success")

    @handler("tables.view")
    async def begin_deleting(self) -> None:
        """Ask whether the view that is open shall really go."""
        self.deleting = self.current is not None

    @handler("tables.view")
    async def stop_deleting(self) -> None:
        """Leave it."""
        self.deleting = False

    @handler("tables.view")
    async def delete_view(self) -> Any:
        """Delete the view that is open; the screen stays."""
        self.deleting = False
        if self.current is None:
            return None
        name = self.current.name
        await perform(delete_view, UUID(self.current.id))
        await self._load(self.screen)
        return toast(f"View {name} deleted", tone="success")

    @handler("tables.view")
    async def toggle_default(self) -> None:
        """Have the table open with the view that is open, or as it comes."""
        if self.current is not None:
            wanted = None if self.current.is_default else UUID(self.current.id)
            await perform(set_default_view, DefaultView(self.screen, wanted))
            await self._load(self.screen)

    async def _opened(self, view: address.View, *, is_bare: bool) -> str:
        """A table's page is opened: know its views. Where to go instead: the default's address."""
        if self.screen != view.table:
            await self._load(view.table)
        self._remember(view.saved)
        default = next((row for row in self.views if row.is_default), None)
        return default.address if default and is_bare else ""

    def _marked(self, view: address.View) -> address.View:
        """The view, saying that it is not the default, which a bare address would open."""
        has_default = any(row.is_default for row in self.views)
        return replace(view, saved=address.NO_VIEW) if has_default and not view.saved else view

    async def _load(self, screen: str) -> None:
        if not screen:
            return
        views = [_row(saved) for saved in await perform(list_views, screen)]
        self.screen, self.views = screen, views
        plain = self._marked(address.View(screen))
        self.plain_address = address.page_address(plain)
        self._remember(self.current.id if self.current else "")

    def _remember(self, view_id: str) -> None:
        self.current = next((row for row in self.views if row.id == view_id), None)

    def _open(self, name: str) -> list[Any]:
        found = [row.address for row in self.views if row.mine and row.name == name]
        return [rx.redirect(found[0], replace=True)] if found else []


def _row(saved: SavedView) -> ViewRow:
    view = address.parse(TABLES[saved.screen], f"?{saved.query}")
    view_id = str(saved.id)
    opened = address.page_address(replace(view, saved=view_id))
    return ViewRow(view_id, saved.name, opened, saved.shared, saved.mine, saved.is_default)
