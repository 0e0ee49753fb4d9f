"""What was imported, and the question before a statement is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from ecomops.domains.imports.drafts import find_waiting
from ecomops.domains.imports.queries import list_imports
from ecomops.domains.imports.schemas import ImportView, ListImports, Waiting
from ecomops.domains.imports.service import undo_import
from ecomops.ui import format as fmt
from ecomops.ui import routes
from ecomops.ui.components.toasts import toast
from ecomops.ui.handlers import handler
from ecomops.ui.layouts.activity import AFTER_A_JOB
from ecomops.ui.operation import current_path
from ecomops.ui.pages.imports import words
from ecomops.ui.problems import shown_on_page
from ecomops.ui.session import perform
from ecomops.ui.state import AppState


@dataclass
class ImportRow:
    """One import, as text. ``undoable``: its lines can be taken back."""

    id: str
    file_name: str
    kind: str
    about: str
    counts: str
    sums: str
    by: str
    when: str
    moment: str
    file_hash: str
    status: str
    undoable: bool


class ImportsState(AppState):
    """The newest imports."""

    imports: list[ImportRow] = []  # noqa: RUF012 - Reflex copies the default for each State
    imports_loaded: bool = False
    imports_problem: str = ""
    imports_reference: str = ""
    undo_id: str = ""
    undo_name: str = ""
    waiting_name: str = ""
    waiting_until: str = ""
    waiting_address: str = ""

    @handler("imports.run")
    async def load_imports(self) -> None:
        """Show them."""
        with shown_on_page(self, "imports"):
            now = datetime.now(UTC)
            views = await perform(list_imports, ListImports())
            self.imports = [import_row(view, now, self.timezone) for view in views]
            self._show_waiting(await perform(find_waiting))
            self.imports_loaded = True

    def _show_waiting(self, found: Waiting | None) -> None:
        self.waiting_name = found.file_name if found else ""
        self.waiting_until = fmt.moment(found.until, self.timezone) if found else ""
        self.waiting_address = f"{routes.IMPORT_PREVIEW}?id={found.id}" if found else ""

    @handler("jobs.view")
    async def look_again(self) -> Any:
        """Load them once more if this is the page that is open."""
        here = urlsplit(current_path()).path.rstrip("/") == routes.IMPORTS
        return ImportsState.load_imports if here else None

    @handler("imports.run")
    async def ask_to_undo(self, import_id: str, name: str) -> None:
        """Ask whether the statement shall really be taken back."""
        self.undo_id, self.undo_name = import_id, name

    @handler("imports.run")
    async def keep(self) -> None:
        """Leave the import as it is."""
        self.undo_id = ""

    @handler("imports.run")
    async def undo(self) -> Any:
        """Take back the statement that was asked about."""
        import_id, self.undo_id = self.undo_id, ""
        if not import_id:
            return None
        removed = await perform(undo_import, UUID(import_id))
        told = f"{fmt.counted(removed, 'bank line')} removed"
        return [toast("Import undone", description=told, tone="success"), ImportsState.load_imports]


def import_row(view: ImportView, now: datetime, zone: str) -> ImportRow:
    """What the page shows of an import."""
    about = (view.account, words.span(view.first_day, view.last_day))
    return ImportRow(
        id=str(view.id),
        file_name=view.file_name,
        kind=words.LAYOUTS[view.layout],
        about=" · ".join(part for part in about if part),
        counts=counts(view),
        sums=words.totals(view.sums),
        by=view.by,
        when=fmt.ago(view.created_at, now),
        moment=fmt.moment(view.created_at, zone),
        file_hash=view.file_hash.hex(),
        status="Undone" if view.status == "undone" else "Completed",
        undoable=view.kind == "bank" and view.status == "completed",
    )


def counts(view: ImportView) -> str:
    """``120 new · 3 unchanged``."""
    told = view.counts
    named = ((told.inserted, "new"), (told.updated, "changed"), (told.unchanged, "unchanged"),
             (told.ignored, "left out"))  # fmt: skip
    parts = [f"{fmt.number(count)} {word}" for count, word in named if count]
    return " · ".join(parts) or "Nothing in it"


AFTER_A_JOB.append(ImportsState.look_again)
