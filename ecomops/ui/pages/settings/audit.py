"""``/settings/audit``: how long the log keeps payloads, and where its events are sent."""

from __future__ import annotations

import reflex as rx

from ecomops.ui import routes
from ecomops.ui.components.buttons import busy_button
from ecomops.ui.components.cards import card
from ecomops.ui.components.fields import choice, field
from ecomops.ui.components.links import link
from ecomops.ui.handlers import handler
from ecomops.ui.layouts.shell import shell
from ecomops.ui.pages.settings.frame import framed, loaded
from ecomops.ui.pages.settings.retention_state import DAYS, FOREVER, YEARS, RetentionState
from ecomops.ui.pages.settings.stream import stream_card
from ecomops.ui.pages.settings.stream_state import StreamState
from ecomops.ui.registry import page
from ecomops.ui.state import AppState


class AuditSettings(AppState):
    """What the page of the settings loads as it opens."""

    @handler("tenant.manage")
    async def load_audit_settings(self) -> list[object]:
        """This alone is called as the page opens, so that a denial is one denial."""
        return [RetentionState.load_retention, StreamState.load_stream]


@page(
    routes.AUDIT_SETTINGS,
    "Audit log",
    "tenant.manage",
    layout=shell(),
    on_load=[AuditSettings.load_audit_settings],
)
def audit_settings() -> rx.Component:
    """Retention, then the stream."""
    return framed(
        routes.AUDIT_SETTINGS,
        loaded(
            RetentionState.retention_loaded,
            RetentionState.retention_problem,
            RetentionState.retention_reference,
            RetentionState.load_retention,
            card("Retention", _retention(), actions=[link("Open the audit log", to=routes.AUDIT)]),
        ),
        loaded(
            StreamState.stream_loaded,
            StreamState.stream_problem,
            StreamState.stream_reference,
            StreamState.load_stream,
            stream_card(),
        ),
    )


def _retention() -> rx.Component:
    kept = RetentionState.kept
    years = [choice("kept", days, words, "", chosen=kept == days) for days, words in YEARS.items()]
    save = busy_button(
        "Save Retention",
        busy=RetentionState.saving,
        busy_label="Saving",
        kind="primary",
        type="submit",
        locked=RetentionState.expired,
    )
    choices = rx.el.fieldset(
        rx.el.legend("Keep payloads and addresses"),
        choice("kept", FOREVER, "For ever", "", chosen=kept == FOREVER),
        *years,
        choice("kept", DAYS, "A number of days", "", chosen=kept == DAYS),
        _days(),
        class_name="kept",
    )
    return rx.el.form(
        rx.el.p(
            "The events themselves and their hashes always stay: who did what and when, and the "
            "proof that nobody altered it. After this time only the details of an event, its "
            "payload and the network address, are removed, once a day. That cannot be undone.",
            class_name="muted",
        ),
        choices,
        rx.el.div(save, class_name="form-foot"),
        class_name="form",
        no_validate=True,
        key=f"retention-{RetentionState.form_number}-{RetentionState.kept}",
        on_submit=RetentionState.save_retention,
    )


def _days() -> rx.Component:
    """Shown while its choice is chosen."""
    return field(
        "days",
        "Days",
        RetentionState.days_error,
        hint="At least 90.",
        default_value=RetentionState.days,
        input_mode="numeric",
        auto_complete="off",
        max_length=6,
    )
