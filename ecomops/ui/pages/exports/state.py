"""The workspace's exports, and what their people do with them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from ecomops.domains.exports.queries import list_exports
from ecomops.domains.exports.schemas import ListExports, RetryExport
from ecomops.domains.exports.service import retry_export
from ecomops.operations.export_expiry import delete_export
from ecomops.ui import routes
from ecomops.ui.components.toasts import toast
from ecomops.ui.handlers import handler
from ecomops.ui.layouts.activity import AFTER_A_JOB, Activity
from ecomops.ui.operation import current_path
from ecomops.ui.pages.exports.rows import ExportRow, export_row
from ecomops.ui.problems import shown_on_page
from ecomops.ui.session import call, perform
from ecomops.ui.state import AppState


class ExportsState(AppState):
    """The newest exports as text. How far one is that is being prepared, ``Activity`` knows."""

    exports: list[ExportRow] = []  # noqa: RUF012 - Reflex copies the default for each State
    exports_loaded: bool = False
    exports_problem: str = ""
    exports_reference: str = ""
    delete_id: str = ""
    delete_name: str = ""

    @handler("tables.view")
    async def load_exports(self) -> None:
        """Show them."""
        with shown_on_page(self, "exports"):
            now = datetime.now(UTC)
            views = await perform(list_exports, ListExports())
            self.exports = [export_row(view, now, self.timezone) for view in views]
            self.exports_loaded = True

    @handler("tables.view")
    async def look_again(self) -> Any:
        """Load them once more if this is the page that is open."""
        here = urlsplit(current_path()).path.rstrip("/") == routes.EXPORTS
        return ExportsState.load_exports if here else None

    @handler("tables.view")
    async def try_again(self, export_id: str) -> Any:
        """Have a file prepared again that could not be."""
        await perform(retry_export, RetryExport(UUID(export_id)))
        return [ExportsState.load_exports, Activity.load_jobs]

    @handler("tables.view")
    async def cancel_export(self, export_id: str) -> Any:
        """Stop what is being prepared; nothing is lost that could not be asked for again."""
        await call(delete_export, UUID(export_id))
        return [ExportsState.load_exports, Activity.load_jobs]

    @handler("tables.view")
    async def ask_to_delete(self, export_id: str, name: str) -> None:
        """Ask whether the file shall really go."""
        self.delete_id, self.delete_name = export_id, name

    @handler("tables.view")
    async def keep_export(self) -> None:
        """Leave the file alone."""
        self.delete_id = ""

    @handler("tables.view")
    async def delete_export(self) -> Any:
        """Delete the export that was asked about."""
        export_id, self.delete_id = self.delete_id, ""
        if not export_id:
            return None
        await call(delete_export, UUID(export_id))
        return [toast("Export deleted", tone="success"), ExportsState.load_exports]


AFTER_A_JOB.append(ExportsState.look_again)
