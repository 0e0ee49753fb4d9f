"""The seal of the log above its events: how far it reaches, and whether it holds."""

from __future__ import annotations

import reflex as rx

from ecomops.ui.components.buttons import busy_button, button
from ecomops.ui.components.copy import copy_icon
from ecomops.ui.components.dialogs import dialog
from ecomops.ui.components.fields import field
from ecomops.ui.components.icons import icon
from ecomops.ui.components.links import link
from ecomops.ui.components.progress import progress_bar
from ecomops.ui.pages.audit.event_state import EventState
from ecomops.ui.pages.audit.exporting import VERIFY_COMMAND
from ecomops.ui.pages.audit.seal_state import SealState

TOLD = (
    "Within about a second, new events are sealed: their fingerprints go into a batch, the batch "
    "is chained to the one before it by its hash, and signed with this installation's key.",
    "Whoever changes, removes, adds or reorders a sealed event, even in the database itself, "
    "breaks that chain; only who holds the signing key could forge another. Verify now walks all "
    "of it and names the first place that does not fit.",
    "Copy the seal and keep it elsewhere: a log that ends before a seal you have kept was cut "
    "off. Every export carries its proof and is checked without this server.",
)


def seal_strip() -> rx.Component:
    """The newest seal, its meaning in a sentence, and Verify now."""
    return rx.el.section(
        rx.el.div(
            icon("shield-check"),
            rx.el.div(_line(), _sentence(), class_name="seal-text"),
            _verify(),
            class_name="seal-line",
        ),
        _outcome(),
        _meaning(),
        class_name="seal",
        aria_label="Seal of the log",
    )


def _line() -> rx.Component:
    known = rx.fragment(
        rx.el.span(SealState.seal_line, title=SealState.seal_when),
        " · hash ",
        rx.el.span(SealState.seal_hash, class_name="mono"),
        copy_icon("Copy the seal", SealState.seal_copied, "Seal copied"),
    )
    waiting = rx.cond(SealState.seal_loaded, "Nothing is sealed yet", "Looking for the seal")
    problem = rx.cond(SealState.seal_problem != "", SealState.seal_problem, waiting)
    return rx.el.p(rx.cond(SealState.seal_line != "", known, problem), class_name="strong")


def _sentence() -> rx.Component:
    opener = rx.el.button(
        "What this means", type="button", class_name="as-link", on_click=SealState.explain(True)
    )
    return rx.el.p(
        "Nobody can change, remove or reorder a sealed event without it showing. ",
        opener,
        class_name="small muted",
    )


def _verify() -> rx.Component:
    return busy_button(
        "Verify now",
        busy=SealState.verifying,
        busy_label="Verifying",
        class_name="small",
        on_click=SealState.verify_now,
    )


def _outcome() -> rx.Component:
    running = rx.el.div(
        progress_bar("Verification", SealState.walked_percent),
        rx.el.span(SealState.walked, class_name="small muted figures"),
        class_name="seal-progress",
    )
    event = link("Open the event", to=EventState.open_prefix + SealState.verdict_event_id)
    told = rx.el.div(
        rx.cond(SealState.intact, icon("circle-check"), icon("circle-alert")),
        rx.el.p(
            rx.el.span(SealState.verdict, class_name="strong"),
            " ",
            SealState.verdict_detail,
            " ",
            rx.cond(SealState.verdict_event_id != "", event),
        ),
        class_name=rx.cond(SealState.intact, "verdict", "verdict broken"),
    )
    failed = rx.el.div(
        icon("circle-alert"),
        rx.el.p(SealState.verify_problem, " Reference ", SealState.verify_reference),
        class_name="verdict broken",
    )
    shown = rx.cond(
        SealState.verifying,
        running,
        rx.cond(SealState.verify_problem != "", failed, rx.cond(SealState.verdict != "", told)),
    )
    return rx.el.div(shown, role="status", aria_live="polite")


def _meaning() -> rx.Component:
    command = rx.el.p(
        rx.el.code(VERIFY_COMMAND, class_name="mono"),
        " checks an exported file. docs/audit-log.md describes the format.",
    )
    form = rx.el.form(
        field(
            "kept",
            "A seal that you kept",
            SealState.kept_error,
            hint="Paste what Copy the seal gave you then. The log must still hold it.",
            auto_complete="off",
            spell_check=False,
        ),
        rx.el.div(
            button("Close", on_click=SealState.explain(False)),
            button("Verify against it", kind="primary", type="submit"),
            class_name="dialog-foot",
        ),
        class_name="form",
        no_validate=True,
        on_submit=SealState.verify_kept,
    )
    return dialog(
        "What the seal means",
        *[rx.el.p(paragraph) for paragraph in TOLD],
        command,
        rx.cond(SealState.explaining, form),
        name="about-seals",
        shown=SealState.explaining,
        on_close=SealState.explain(False),
    )
