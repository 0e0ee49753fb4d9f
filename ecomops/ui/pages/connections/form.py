"""The dialog that adds a connection or edits one: first the provider, then its fields."""

from __future__ import annotations

import reflex as rx

from ecomops.domains.connections.fields import OFFERED
from ecomops.domains.connections.methods import METHODS, Method
from ecomops.ui.components.blanks import notice
from ecomops.ui.components.buttons import busy_button, button
from ecomops.ui.components.dialogs import dialog
from ecomops.ui.components.fields import choice, field, field_error, text_area
from ecomops.ui.components.icons import icon
from ecomops.ui.components.links import plain_link
from ecomops.ui.components.providers import NAMES, provider_mark
from ecomops.ui.components.upgrading import wrong_or_over_plan
from ecomops.ui.pages.connections.form_state import FORM, ConnectionForm

BRINGS = {
    "netsuite": "Your books: where journals will be posted",
    "shopify": "Orders, payments, refunds and payouts of a shop",
    "stripe": "Payments, refunds, disputes, payouts and fees",
}
KEPT = "stored encrypted and never shown again."
KEY_HINTS = {
    ("netsuite", "account_id"): "Setup, Company, Company Information: 1234567, or 1234567_SB1.",
    ("netsuite", "consumer_secret"): "Key and secret are shown once, with the integration record.",
    ("netsuite", "client_id"): "On the integration record, under OAuth 2.0.",
    ("netsuite", "client_secret"): f"Shown once, with the integration record. It is {KEPT}",
    ("netsuite", "certificate_id"): "Setup, Integration, OAuth 2.0 Client Credentials Setup.",
    ("netsuite", "private_key"): f"The PEM of the uploaded certificate's own key. It is {KEPT}",
    ("netsuite", "token_secret"): f"Shown once, with the access token. All four are {KEPT}",
    ("shopify", "shop_domain"): "As in your-store.myshopify.com.",
    ("shopify", "api_key"): "Of the app in your shop; Shopify also calls it the Client ID.",
    ("shopify", "api_secret"): f"The app's secret or a custom app's access token. It is {KEPT}",
    ("stripe", "client_id"): "Your platform's, in Stripe's Connect settings: ca_….",
    ("stripe", "platform_key"): "Used once, to finish the consent; it is not kept.",
    ("stripe", "api_key"): f"A restricted key with read access is enough. It is {KEPT}",
}
PLAIN = frozenset({"account_id", "certificate_id", "client_id", "shop_domain"})
"""Credentials that are no secret: they are seen as they are typed."""
KEEP_STORED = "Leave empty to keep the stored ones. To replace them, enter all of them."


def connection_dialog() -> rx.Component:
    """One dialog for both; its fields are made anew each time it opens."""
    forms = rx.match(
        ConnectionForm.provider,
        *[(provider, _form(provider)) for provider in OFFERED],
        _provider_choice(),
    )
    name = ConnectionForm.provider_name
    adding = rx.cond(ConnectionForm.provider == "", "Add Connection", f"Connect {name}")
    return dialog(
        rx.cond(ConnectionForm.editing == "", adding, f"Edit {name} connection"),
        rx.el.div(forms, key=ConnectionForm.form_number),
        name="connection-form",
        shown=ConnectionForm.form_open,
        on_close=ConnectionForm.close_form,
    )


def _provider_choice() -> rx.Component:
    return rx.el.div(*[_provider_button(name) for name in OFFERED], class_name="form")


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
        on_click=ConnectionForm.choose_provider(provider),
    )


def _form(provider: str) -> rx.Component:
    adding = ConnectionForm.editing == ""
    wrong, ways = ConnectionForm.errors.get(FORM, ""), METHODS[provider]
    offers_sandbox = adding & (ConnectionForm.sandbox_key_address != "")
    return rx.el.form(
        rx.cond(wrong != "", notice(wrong_or_over_plan(wrong), tone="error")),
        _label(provider),
        rx.cond(offers_sandbox, _environment(provider)),
        _method_choice(provider),
        rx.cond(adding, None, rx.el.p(KEEP_STORED, class_name="hint")),
        rx.match(
            ConnectionForm.method, *[(it.name, _way(provider, it)) for it in ways], rx.fragment()
        ),
        _foot(),
        class_name="form",
        no_validate=True,
        on_submit=ConnectionForm.save_connection,
    )


def _label(provider: str) -> rx.Component:
    return field(
        "label",
        "Label",
        ConnectionForm.errors.get("label", ""),
        placeholder=f"Main {NAMES[provider]} account",
        default_value=ConnectionForm.edited_label,
        max_length=100,
        auto_complete="off",
        auto_focus=True,
    )


def _method_choice(provider: str) -> rx.Component:
    """How to connect; consent is for new connections, an Edit enters what is stored."""
    adding = ConnectionForm.editing == ""
    options = [
        rx.cond(adding, option, None) if way.consent else option
        for way in METHODS[provider]
        for option in [rx.el.option(way.label, value=way.name)]
    ]
    return rx.el.div(
        rx.el.label("How to connect", html_for="method"),
        rx.el.select(
            *options,
            id="method",
            name="method",
            value=ConnectionForm.method,
            class_name="input",
            on_change=ConnectionForm.choose_method,
        ),
        class_name="field",
    )


def _way(provider: str, way: Method) -> rx.Component:
    fields = [_credential(provider, name, words) for name, words in way.fields.items()]
    told = f"You will agree at {NAMES[provider]} and come back here, connected."
    return rx.fragment(*fields, rx.el.p(told, class_name="hint") if way.consent else None)


def _credential(provider: str, name: str, words: str) -> rx.Component:
    if name == "private_key":
        return _pem(provider, name, words)
    return field(
        name,
        words,
        ConnectionForm.errors.get(name, ""),
        hint=KEY_HINTS.get((provider, name), ""),
        type="text" if name in PLAIN else "password",
        auto_complete="off",
        custom_attrs={"spellCheck": "false", "autoCapitalize": "none"},
    )


def _pem(provider: str, name: str, words: str) -> rx.Component:
    """A private key has many lines."""
    return text_area(
        name, words, ConnectionForm.errors.get(name, ""), hint=KEY_HINTS[provider, name]
    )


def _foot() -> rx.Component:
    leaves = rx.Var.create([f"{provider}-{way.name}" for provider, ways in METHODS.items()
                            for way in ways if way.consent])  # fmt: skip
    going = leaves.contains(f"{ConnectionForm.provider}-{ConnectionForm.method}")
    save = busy_button(
        rx.cond(going, f"Continue to {ConnectionForm.provider_name}", "Save Connection"),
        busy=ConnectionForm.saving,
        busy_label="Saving",
        kind="primary",
        type="submit",
    )
    cancel = button("Cancel", on_click=ConnectionForm.close_form)
    back = button(
        "Back",
        icon_name="arrow-left",
        class_name="to-start",
        on_click=ConnectionForm.begin_adding,
    )
    adding = ConnectionForm.editing == ""
    return rx.el.div(rx.cond(adding, back), cancel, save, class_name="dialog-foot")


def _environment(provider: str) -> rx.Component:
    where = rx.fragment(
        f'The simulator on this machine. What to enter is under "{provider}" at ',
        plain_link(
            ConnectionForm.sandbox_key_address,
            href=ConnectionForm.sandbox_key_address,
            target="_blank",
            rel="noreferrer",
        ),
        ".",
    )
    real = "Your real account; test-mode keys work too."
    return rx.el.fieldset(
        rx.el.legend("Environment"),
        choice("environment", "provider", "Provider", real, chosen=True),
        choice("environment", "sandbox", "Sandbox", where),
        field_error("environment-error", ConnectionForm.errors.get("environment", "")),
    )
