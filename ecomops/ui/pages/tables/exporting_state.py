"""What the Export menu does: a download at once, or a file prepared in the background."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import reflex as rx

from ecomops.domains.exports.service import start_export
from ecomops.domains.plans.rules import PLANS
from ecomops.domains.tables.catalog import get_table
from ecomops.domains.tables.export import is_large
from ecomops.domains.tables.parameters import export_of, write_query
from ecomops.domains.tables.schemas import Export, Format
from ecomops.ui import routes
from ecomops.ui.components.toasts import toast
from ecomops.ui.handlers import handler
from ecomops.ui.layouts.activity import Activity
from ecomops.ui.operation import current_path
from ecomops.ui.pages.tables.layout import parse_layout
from ecomops.ui.session import perform
from ecomops.ui.state import AppState

WITHOUT_EXCEL = [name for name, allows in PLANS.items() if "excel" not in allows.features]
"""Plans whose people are led to the others. The service decides."""


class Exporting(AppState):
    """The menu's dialogs. What is exported stands in the page's address."""

    options_open: bool = False
    upgrade_open: bool = False
    options_format: str = "csv"

    @handler("tables.view")
    async def export_csv(self) -> Any:
        """All rows of the filters with all columns, as CSV."""
        return await _export(_on_page("csv"))

    @handler("tables.view")
    async def export_excel(self) -> Any:
        """The same as a workbook, where the plan has it."""
        if self._lacks_excel():
            self.upgrade_open = True
            return None
        return await _export(_on_page("xlsx"))

    @handler("tables.view")
    async def export_with_options(self, form: dict[str, Any]) -> Any:
        """As the dialog says: format, columns, mark, now or in the background."""
        self.options_open = False
        export = _on_page("xlsx" if form.get("format") == "xlsx" else "csv")
        if export.format == "xlsx" and self._lacks_excel():
            self.upgrade_open = True
            return None
        columns = _columns_on_screen() if form.get("columns") == "screen" else ()
        chosen = replace(export, columns=columns, bom=bool(form.get("bom")))
        return await _export(chosen, in_background=form.get("when") == "background")

    @handler("tables.view")
    async def choose_format(self, value: str) -> None:
        """The dialog shows what goes with the format."""
        self.options_format = value

    @handler("tables.view")
    async def open_options(self) -> None:
        """Open the dialog."""
        self.options_open, self.options_format = True, "csv"

    @handler("tables.view")
    async def close_options(self) -> None:
        """Close it."""
        self.options_open = False

    @handler("tables.view")
    async def close_upgrade(self) -> None:
        """The plan stays as it is."""
        self.upgrade_open = False

    def _lacks_excel(self) -> bool:
        return self.plan_name in WITHOUT_EXCEL


async def _export(export: Export, *, in_background: bool = False) -> Any:
    """Download the file, or have it prepared where it is asked for or the file is large."""
    if not in_background and not await perform(is_large, export):
        table, query = export.query.table, write_query(export)
        return rx.download(url=routes.export(table, export.format, query))
    await perform(start_export, export)
    why = "It will be here for 7 days." if in_background else "It is large: it will be here soon."
    told = toast("Your file is being prepared", description=why)
    return [told, rx.redirect(routes.EXPORTS), Activity.load_jobs]


def _on_page(file_format: Format) -> Export:
    """The rows of the page's filters, in its order, which is ascending where it says no other."""
    given = parse_qsl(urlsplit(current_path()).query)
    return export_of(_table(), file_format, [("dir", "asc"), *given])


def _table() -> str:
    """The open table. Raises NotFoundError when no table is."""
    return get_table(urlsplit(current_path()).path.rstrip("/").rpartition("/")[2]).name


def _columns_on_screen() -> tuple[str, ...]:
    given = parse_qs(urlsplit(current_path()).query)
    names = [column.name for column in get_table(_table()).columns]
    layout = parse_layout(given.get("cols", [""])[-1], names)
    return tuple(placed.name for placed in layout if not placed.hidden)
