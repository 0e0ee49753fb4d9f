"""The audit log, for admins."""

from __future__ import annotations

import reflex as rx

from ecomops.ui import routes
from ecomops.ui.layouts.activity import Activity
from ecomops.ui.layouts.shell import shell
from ecomops.ui.pages.audit import parts
from ecomops.ui.pages.audit.exporting import export_menu
from ecomops.ui.pages.audit.filters import filters
from ecomops.ui.pages.audit.panel import event_panel
from ecomops.ui.pages.audit.seal import seal_strip
from ecomops.ui.pages.audit.state import AuditState
from ecomops.ui.registry import page


def actions() -> list[rx.Component]:
    """What the top bar offers."""
    return [export_menu()]


@page(
    routes.AUDIT,
    "Audit Log",
    "audit.view",
    layout=shell(actions, flush=True),
    on_load=(AuditState.load_log, Activity.load_jobs),
)
def audit() -> rx.Component:
    """The seal above, the events below it, and beside them the one that is open."""
    events = rx.el.div(
        parts.toolbar(), filters(), parts.trace(), parts.table(), parts.foot(),
        class_name="list-side",
    )  # fmt: skip
    both = rx.el.div(events, event_panel(), class_name="beside", on_unmount=AuditState.leave)
    return rx.fragment(seal_strip(), both)
