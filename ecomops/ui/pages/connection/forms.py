"""What can be changed about a connection: schedule, backfill, webhooks."""

from __future__ import annotations

from typing import Any

import reflex as rx

from ecomops.ui.components.badges import tag
from ecomops.ui.components.blanks import notice
from ecomops.ui.components.buttons import busy_button
from ecomops.ui.components.cards import card
from ecomops.ui.components.fields import field
from ecomops.ui.components.upgrading import wrong_or_over_plan
from ecomops.ui.layouts.permitted import permitted
from ecomops.ui.pages.connection.state import ConnectionState

COMMON = (
    ("0 * * * *", "Every hour"),
    ("0 6 * * *", "Every day at 06:00"),
    ("0 6 * * 1-5", "On weekdays at 06:00"),
)
STRIPE_SIGNS = (
    "Stripe shows it beside the endpoint; it begins with whsec_. "
    "It is stored encrypted and never shown again."
)
SHOPIFY_SIGNS = (
    "An app's webhooks are signed with its API Secret, which is stored already. Enter the one of "
    "the shop's settings only if you create webhooks there."
)


def schedule() -> rx.Component:
    """When to sync by itself, with a preview in words."""
    options = rx.el.datalist(*[rx.el.option(words, value=cron) for cron, words in COMMON],
                             id="schedules")  # fmt: skip
    runs = rx.cond(
        ConnectionState.cron_next.length() > 0,
        rx.el.p("Next: ", ConnectionState.cron_next.join("; "), class_name="small muted"),
    )
    told = rx.el.div(
        rx.el.p(ConnectionState.cron_words, class_name="strong"), runs, aria_live="polite"
    )
    return _form(
        "Schedule",
        ConnectionState.save_schedule,
        field(
            "cron",
            "When to sync",
            ConnectionState.form_errors.get("cron", ""),
            hint=f"Minute, hour, day, month, weekday, in {ConnectionState.timezone} time. "
            "Leave empty to sync by hand only.",
            default_value=ConnectionState.cron,
            placeholder="0 6 * * *",
            list="schedules",
            auto_complete="off",
            on_change=ConnectionState.preview.debounce(300),
        ),
        options,
        told,
        name="schedule",
        action="Save Schedule",
    )


def backfill() -> rx.Component:
    """Read a stretch of the past again."""
    days = [
        field(name, label, ConnectionState.form_errors.get(name, ""), type="date")
        for name, label in (("first", "From"), ("last", "To"))
    ]
    return _form(
        "Backfill",
        ConnectionState.backfill,
        rx.el.p(
            "Reads these days again, both included. Regular syncs go on from where they are.",
            class_name="hint",
        ),
        rx.el.div(*days, class_name="field-row"),
        name="backfill",
        action="Start Backfill",
    )


def webhooks() -> rx.Component:
    """Where the provider may tell us of changes."""
    address = rx.el.code(ConnectionState.webhook_address, class_name="mono wrapped")
    signed = rx.cond(
        ConnectionState.webhooks_signed, tag("Signatures are checked"), tag("No signing secret")
    )
    where = rx.el.p(
        f"Have {ConnectionState.provider_name} send its events here, and rows change within "
        "moments: ",
        class_name="hint",
    )
    return card(
        "Webhooks",
        rx.el.div(
            where,
            address,
            permitted("connections.manage", _secret()),
            class_name="card-body form",
        ),
        actions=[signed],
    )


def _secret() -> rx.Component:
    return rx.el.form(
        _wrong("secret"),
        field(
            "webhook_secret",
            "Signing Secret",
            ConnectionState.form_errors.get("webhook_secret", ""),
            hint=rx.cond(ConnectionState.provider == "shopify", SHOPIFY_SIGNS, STRIPE_SIGNS),
            type="password",
            auto_complete="off",
        ),
        _submit("secret", "Save Secret"),
        class_name="form",
        no_validate=True,
        key=f"secret-{ConnectionState.form_number}",
        on_submit=ConnectionState.save_secret,
    )


def _form(
    title: str, on_submit: Any, *children: rx.Component, name: str, action: str
) -> rx.Component:
    form = rx.el.form(
        _wrong(name),
        *children,
        _submit(name, action),
        class_name="form card-body",
        no_validate=True,
        key=f"{name}-{ConnectionState.form_number}",
        on_submit=on_submit,
    )
    return card(title, form)


def _wrong(name: str) -> rx.Component:
    said = ConnectionState.form_errors.get(name, "")
    return rx.cond(said != "", notice(wrong_or_over_plan(said), tone="error"))


def _submit(name: str, label: str) -> rx.Component:
    return rx.el.div(
        busy_button(
            label,
            busy=ConnectionState.busy == name,
            busy_label="Saving",
            kind="primary",
            type="submit",
            locked=ConnectionState.expired,
        ),
        class_name="form-foot",
    )
