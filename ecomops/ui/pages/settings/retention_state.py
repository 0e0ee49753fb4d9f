"""How long the audit log keeps payloads, as the form of the settings has it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from ecomops.domains.audit_settings.retention import get_retention, set_retention
from ecomops.kit.errors import InvalidInputError
from ecomops.ui.components.toasts import toast
from ecomops.ui.handlers import handler
from ecomops.ui.problems import shown_on_page
from ecomops.ui.session import perform
from ecomops.ui.state import AppState

YEARS = {"365": "1 year", "730": "2 years", "2555": "7 years"}
"""Days → their name."""
FOREVER, DAYS = "", "days"


class RetentionState(AppState):
    """What is stored: a choice of the form, and the days where they are none of the choices."""

    kept: str = FOREVER
    days: str = ""
    days_error: str = ""
    retention_loaded: bool = False
    retention_problem: str = ""
    retention_reference: str = ""
    saving: bool = False
    form_number: int = 0

    @handler("tenant.manage")
    async def load_retention(self) -> None:
        """Show what is stored; a form that is being filled in stays as it is."""
        self.saving = False
        with shown_on_page(self, "retention"):
            self._show(await perform(get_retention))
            self.retention_loaded = True

    @handler("tenant.manage")
    async def save_retention(self, form: dict[str, Any]) -> AsyncIterator[Any]:
        """Store the form; what is wrong is said beside the number."""
        if self.saving:
            return
        self.saving, self.days_error = True, ""
        yield
        try:
            days = chosen_days(str(form.get("kept") or ""), str(form.get("days") or ""))
            await perform(set_retention, days)
        except InvalidInputError as error:
            self.days_error = error.message
            return
        finally:
            self.saving = False
        self._show(days)
        self.form_number += 1
        yield toast("Retention saved", tone="success")

    def _show(self, days: int | None) -> None:
        text = str(days) if days is not None else ""
        self.kept = text if days is None or text in YEARS else DAYS
        self.days = "" if self.kept != DAYS else text


def chosen_days(kept: str, days: str) -> int | None:
    """The days of a filled-in form; None: for ever. Raises InvalidInputError."""
    if kept == FOREVER:
        return None
    text = kept if kept in YEARS else days.strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        raise InvalidInputError({"days": "Enter a whole number of days, at least 90."})
    return int(text)
