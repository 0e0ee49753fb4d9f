"""A connection's card, and the dialog that adds one."""

from __future__ import annotations

import reflex as rx

from ecomops.domains.connections.fields import CREDENTIAL_FIELDS
from ecomops.ui.components.badges import status_badge, tag
from ecomops.ui.components.blanks import notice
from ecomops.ui.components.buttons import busy_button, button
from ecomops.ui.components.dialogs import dialog
from ecomops.ui.components.fields import choice, field, field_error
from ecomops.ui.components.icons import icon
from ecomops.ui.components.links import plain_link
from ecomops.ui.components.providers import NAMES, provider_mark
from ecomops.ui.components.values import Text
from ecomops.ui.layouts.activity import Activity
from ecomops.ui.layouts.permitted import permitted
from ecomops.ui.pages.connections.state import FORM, Card, ConnectionsState

BRINGS = {"stripe": "Payments, refunds, disputes, payouts and fees"}
KEY_HINTS = {
    "stripe": "A restricted key with read access is enough. It is stored encrypted and never "
    "shown again."
}


def connection_card(card: Card) -> rx.Component:
    """Whose account, how it is, when it last synced, and what can be done with it."""
    head = rx.el.div(
        provider_mark(card.provider, card.provider_name),
        rx.el.div(
            rx.el.h2(card.label, class_name="ellipsis"),
            rx.el.div(card.provider_name, class_name="small muted"),
            class_name="names",
        ),
        rx.cond(card.sandbox, tag("Sandbox")),
        status_badge(card.status),
        class_name="connection-head",
    )
    facts = rx.el.dl(
        *_fact("Account", card.account),
        *_fact("Created", card.created),
        *_fact("Last sync", card.last_sync, title=card.last_sync_moment),
        class_name="facts",
    )
    trouble = rx.cond(card.error != "", notice(rx.el.p(card.error), tone="error"))
    return rx.el.li(head, trouble, facts, _actions(card), class_name="card connection", key=card.id)


def _fact(name: str, value: Text, **props: object) -> tuple[rx.Component, rx.Component]:
    return rx.el.dt(name), rx.el.dd(value, **props)


def _actions(card: Card) -> rx.Component:
    test = busy_button(
        "Test",
        busy=ConnectionsState.testing == card.id,
        busy_label="Testing",
        icon_name="plug-zap",
        class_name="small",
        on_click=ConnectionsState.test(card.id),
    )
    sync = busy_button(
        "Run Sync",
        busy=Activity.starting,
        busy_label="Starting",
        icon_name="refresh-cw",
        class_name="small",
        on_click=Activity.run_sync(card.id),
    )
    manage = permitted("connections.manage", test)
    return rx.el.div(manage, permitted("jobs.run", sync), class_name="card-actions")


def add_button(kind: str = "primary") -> rx.Component:
    """Opens the dialog, for those who may add connections."""
    opener = button(
        "Add Connection", icon_name="plus", kind=kind, on_click=ConnectionsState.begin_adding
    )
    return permitted("connections.manage", opener)


def add_dialog() -> rx.Component:
    """First the provider, then its form."""
    forms = rx.match(
        ConnectionsState.provider,
        *[(provider, _form(provider)) for provider in CREDENTIAL_FIELDS],
        _provider_choice(),
    )
    return dialog(
        rx.cond(
            ConnectionsState.provider == "",
            "Add Connection",
            f"Connect {ConnectionsState.provider_name}",
        ),
        rx.el.div(forms, key=ConnectionsState.form_number),
        name="add-connection",
        shown=ConnectionsState.adding,
        on_close=ConnectionsState.stop_adding,
    )


def _provider_choice() -> rx.Component:
    return rx.el.div(*[_provider_button(name) for name in CREDENTIAL_FIELDS], class_name="form")


def _provider_button(provider: str) -> rx.Component:
    return rx.el.button(
        provider_mark(provider, NAMES[provider]),
        rx.el.span(
            rx.el.span(NAMES[provider], class_name="strong"),
            rx.el.span(BRINGS[provider], class_name="small muted"),
            class_name="two-lines",
        ),
        icon("chevron-right"),
        type="button",
        class_name="provider-choice",
        on_click=ConnectionsState.choose_provider(provider),
    )


def _form(provider: str) -> rx.Component:
    errors = ConnectionsState.errors
    refused = rx.cond(
        errors.get(FORM, "") != "", notice(rx.el.p(errors.get(FORM, "")), tone="error")
    )
    label = field(
        "label",
        "Label",
        errors.get("label", ""),
        placeholder=f"Main {NAMES[provider]} account",
        max_length=100,
        auto_complete="off",
        auto_focus=True,
    )
    secrets = [
        field(
            name,
            words,
            errors.get(name, ""),
            hint=KEY_HINTS.get(provider, ""),
            type="password",
            auto_complete="off",
            custom_attrs={"spellCheck": "false"},
        )
        for name, words in CREDENTIAL_FIELDS[provider].items()
    ]
    save = busy_button(
        "Save Connection",
        busy=ConnectionsState.saving,
        busy_label="Saving",
        kind="primary",
        type="submit",
    )
    cancel = button("Cancel", on_click=ConnectionsState.stop_adding)
    return rx.el.form(
        refused,
        label,
        *secrets,
        rx.cond(ConnectionsState.sandbox_key_address != "", _environment()),
        rx.el.div(cancel, save, class_name="dialog-foot"),
        class_name="form",
        no_validate=True,
        on_submit=ConnectionsState.save_connection,
    )


def _environment() -> rx.Component:
    where = rx.fragment(
        "The simulator on this machine. Its key is the api_key at ",
        plain_link(
            ConnectionsState.sandbox_key_address,
            href=ConnectionsState.sandbox_key_address,
            target="_blank",
            rel="noreferrer",
        ),
        ".",
    )
    return rx.el.fieldset(
        rx.el.legend("Environment"),
        choice(
            "environment", "provider", "Provider", "Your real account; test-mode keys work too.",
            chosen=True,
        ),
        choice("environment", "sandbox", "Sandbox", where),
        field_error("environment-error", ConnectionsState.errors.get("environment", "")),
    )  # fmt: skip
