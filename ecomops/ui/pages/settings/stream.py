"""The card of the audit stream, and the dialogs that it opens."""

from __future__ import annotations

import reflex as rx

from ecomops.ui.components.badges import status_badge
from ecomops.ui.components.blanks import notice
from ecomops.ui.components.buttons import busy_button, button
from ecomops.ui.components.cards import card
from ecomops.ui.components.copy import copy_button, copying
from ecomops.ui.components.dialogs import dialog
from ecomops.ui.components.fields import field
from ecomops.ui.components.values import Text
from ecomops.ui.pages.settings.snippet import VERIFY
from ecomops.ui.pages.settings.stream_state import SECRET, StreamState

EXISTS = StreamState.stream_url != ""
LOCKED = StreamState.expired
TYPED_SECRET: rx.Var[str] = rx.Var(f'document.getElementById("{SECRET}").value', _var_type=str)
"""Read when the button is pressed: the secret stands nowhere else."""


def stream_card() -> rx.Component:
    """Where events are sent, how that goes, and what can be done about it."""
    told = rx.el.p(
        "Each sealed event is posted to your own system within seconds, at least once and in "
        "order, as signed NDJSON: the same lines as an export, with their proof.",
        class_name="muted",
    )
    badge = rx.cond(EXISTS, status_badge(StreamState.stream_status))
    return rx.fragment(
        card(
            "Event stream",
            told,
            rx.cond(EXISTS, _standing()),
            _address(),
            rx.cond(EXISTS, _actions()),
            actions=[badge],
            class_name="stream",
        ),
        _checking(),
        _secret_dialog(),
        _replay_dialog(),
        _question(
            "rotate",
            "Replace the secret?",
            "The next delivery is signed with a new one. Until your system knows it, it will "
            "refuse what we send; that is sent again later.",
            "Replace Secret",
            StreamState.rotate_secret,
        ),
        _question(
            "delete",
            "Delete the stream?",
            "Nothing is sent any more, and where it stood is forgotten. The log stays.",
            "Delete Stream",
            StreamState.delete,
        ),
    )


def _standing() -> rx.Component:
    error = notice(
        rx.el.div(
            rx.el.p("The last delivery failed: ", StreamState.last_error),
            rx.cond(StreamState.next_try != "", rx.el.p("Next try: ", StreamState.next_try)),
        ),
        tone="error",
    )
    facts = rx.el.dl(
        _fact("Last delivery", StreamState.last_delivery),
        _fact("Delivered", StreamState.sent),
        _fact("Waiting", StreamState.waiting),
        _fact("Goes on from", StreamState.next_event),
        class_name="facts roomy",
    )
    return rx.fragment(rx.cond(StreamState.last_error != "", error), facts)


def _fact(name: str, value: Text) -> rx.Component:
    return rx.el.div(rx.el.dt(name), rx.el.dd(value))


def _address() -> rx.Component:
    save = busy_button(
        rx.cond(EXISTS, "Change Address", "Start Streaming"),
        busy=StreamState.busy == "url",
        busy_label="Saving",
        kind="primary",
        type="submit",
        locked=LOCKED,
    )
    return rx.el.form(
        field(
            "url",
            "Address",
            StreamState.url_error,
            hint="It begins with https:// and leads to the open internet.",
            type="url",
            default_value=StreamState.stream_url,
            placeholder="https://siem.example.com/ecomops",
            auto_complete="off",
            spell_check=False,
        ),
        rx.el.div(save, class_name="form-foot"),
        class_name="form",
        no_validate=True,
        key=f"stream-{StreamState.form_number}",
        on_submit=StreamState.save_url,
    )


def _actions() -> rx.Component:
    paused = StreamState.stream_status == "Paused"
    pause = button(
        "Pause", icon_name="pause", class_name="small", disabled=LOCKED, on_click=StreamState.pause
    )
    resume = button(
        "Resume", icon_name="play", class_name="small", disabled=LOCKED, on_click=StreamState.resume
    )
    test = busy_button(
        "Send test",
        busy=StreamState.busy == "test",
        busy_label="Sending",
        icon_name="send",
        class_name="small",
        on_click=StreamState.test,
    )
    return rx.el.div(
        rx.cond(paused, resume, pause),
        test,
        _asking("Replay from…", "history", "replay"),
        _asking("Replace secret…", "key-round", "rotate"),
        _asking("Delete…", "trash-2", "delete", "danger last"),
        class_name="card-actions",
    )


def _asking(label: str, icon_name: str, what: str, extra: str = "") -> rx.Component:
    return button(
        label,
        icon_name=icon_name,
        class_name=f"small {extra}".strip(),
        disabled=LOCKED,
        on_click=StreamState.ask(what),
    )


def _checking() -> rx.Component:
    copy = copy_button("Copy", VERIFY, "Snippet copied")
    return card(
        "Checking what arrives",
        rx.el.p(
            "Each request carries the header Ecomops-Signature: the time, and an HMAC-SHA256 with "
            "your secret over time and body. Answer with any 2xx status once you have kept the "
            "body. What is not answered so is sent again, later and later. Events may come twice "
            "and have an id to tell. docs/audit-log.md describes the lines.",
            class_name="muted",
        ),
        rx.el.pre(VERIFY, class_name="json", tab_index=0, role="region", aria_label="Snippet"),
        actions=[copy],
        class_name="checking",
    )


def _secret_dialog() -> rx.Component:
    """Always in the page, so that the secret finds its field."""
    shown = rx.el.div(
        rx.el.label("Secret", html_for=SECRET),
        rx.el.input(
            id=SECRET,
            type="text",
            read_only=True,
            auto_complete="off",
            placeholder="Gone with the last load of this page: replace it",
            class_name="input mono",
        ),
        class_name="field",
    )
    return dialog(
        "The stream's secret",
        rx.el.p("Keep it in your system now. It is stored encrypted and never shown again."),
        shown,
        rx.el.div(
            button("Copy", icon_name="copy", on_click=copying(TYPED_SECRET, "Secret copied")),
            button("I have kept it", kind="primary", on_click=StreamState.forget_secret),
            class_name="dialog-foot",
        ),
        name="stream-secret",
        shown=StreamState.secret_shown,
        on_close=StreamState.forget_secret,
    )


def _replay_dialog() -> rx.Component:
    form = rx.el.form(
        rx.el.p(
            "Everything from the beginning of a batch on is sent again, in order. An event's panel "
            "in the audit log names its batch."
        ),
        field(
            "batch",
            "From batch",
            StreamState.batch_error,
            hint="1 is the beginning of the log.",
            default_value="1",
            input_mode="numeric",
            auto_complete="off",
            max_length=18,
        ),
        rx.el.div(
            button("Cancel", on_click=StreamState.ask("")),
            button("Replay", kind="primary", type="submit"),
            class_name="dialog-foot",
        ),
        class_name="form",
        no_validate=True,
        on_submit=StreamState.replay,
    )
    asked = StreamState.asking == "replay"
    return dialog(
        "Replay from a batch",
        rx.cond(asked, form),
        name="replay",
        shown=asked,
        on_close=StreamState.ask(""),
    )


def _question(what: str, title: str, text: str, action: str, on_click: object) -> rx.Component:
    return dialog(
        title,
        rx.el.p(text),
        rx.el.div(
            button("Cancel", on_click=StreamState.ask("")),
            button(action, kind="danger", on_click=on_click),
            class_name="dialog-foot",
        ),
        name=f"{what}-stream",
        shown=StreamState.asking == what,
        on_close=StreamState.ask(""),
    )
