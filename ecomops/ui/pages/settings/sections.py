"""The sections of the settings. Another one is another line here, and a page at its address."""

from __future__ import annotations

from dataclasses import dataclass

from ecomops.ui import routes


@dataclass(frozen=True, slots=True)
class Section:
    """One page of the settings; shown to everybody, or to whom has ``permission``."""

    label: str
    route: str
    icon: str
    told: str
    permission: str = ""


SECTIONS = (
    Section(
        "Workspace", routes.WORKSPACE, "building-2",
        "Name, time zone, currency and fiscal year", "tenant.manage",
    ),
    Section("Plan", routes.PLAN, "layers", "What it allows and how much of it is used"),
    Section(
        "People", routes.PEOPLE, "users", "Who is in the workspace, and their roles", "users.manage"
    ),
    Section(
        "Audit log", routes.AUDIT_SETTINGS, "scroll-text",
        "How long details are kept, and where events are sent", "tenant.manage",
    ),
    Section("Account", routes.ACCOUNT, "circle-user-round", "Your name, password, browsers, theme"),
)  # fmt: skip
