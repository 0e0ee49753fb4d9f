"""The Run Sync button, wherever it stands."""

from __future__ import annotations

import reflex as rx

from ecomops.ui.components.buttons import Kind, busy_button
from ecomops.ui.layouts.activity import Activity
from ecomops.ui.layouts.permitted import permitted


def run_sync_button(kind: Kind = "plain", class_name: str = "") -> rx.Component:
    """Starts a sync of all connections and opens the Jobs page; for those who may."""
    return permitted(
        "jobs.run",
        busy_button(
            "Run Sync",
            busy=Activity.starting,
            busy_label="Starting",
            locked=Activity.expired,
            icon_name="refresh-cw",
            kind=kind,
            class_name=class_name,
            on_click=Activity.run_sync(""),
        ),
    )
