"""A connection's card, what can be done with it, and the question before it is revoked."""

from __future__ import annotations

import reflex as rx

from ecomops.ui import routes
from ecomops.ui.components.badges import status_badge, tag
from ecomops.ui.components.blanks import notice
from ecomops.ui.components.buttons import busy_button, button, link_button
from ecomops.ui.components.dialogs import dialog
from ecomops.ui.components.links import link
from ecomops.ui.components.providers import provider_mark
from ecomops.ui.components.values import Text
from ecomops.ui.layouts.activity import Activity
from ecomops.ui.layouts.permitted import permitted
from ecomops.ui.pages.connections.form_state import ConnectionForm
from ecomops.ui.pages.connections.state import Card, ConnectionsState

AGAIN = "Press Test to see whether it works again."


def connection_card(card: Card) -> rx.Component:
    """Whose account, how it is, when it last synced, and what can be done with it."""
    head = rx.el.div(
        provider_mark(card.provider, card.provider_name),
        rx.el.div(
            rx.el.h2(
                rx.cond(
                    card.files,
                    card.label,
                    link(card.label, to=f"{routes.CONNECTION}?id={card.id}"),
                ),
                class_name="ellipsis",
                title=card.label,
            ),
            rx.el.div(card.provider_name, class_name="small muted"),
            class_name="names",
        ),
        rx.cond(card.sandbox, tag("Sandbox")),
        rx.cond(card.files, tag("Files"), status_badge(card.status)),
        class_name="connection-head",
    )
    facts = rx.el.dl(
        *_fact("Account", card.account),
        *_fact("Created", card.created),
        *_fact(
            "Last sync",
            rx.fragment(card.last_sync, rx.cond(card.freshness == "Late", status_badge("Late"))),
            title=card.last_sync_moment,
        ),
        *_fact("Schedule", link(card.schedule, to=f"{routes.CONNECTION}?id={card.id}")),
        class_name="facts",
    )
    gone = card.status == "Revoked"
    return rx.el.li(
        head,
        rx.cond(card.error != "", _trouble(card)),
        rx.cond(card.same_as != "", _twice(card)),
        rx.cond(card.files, _files(), facts),
        rx.cond(gone | card.files, None, _actions(card)),
        class_name=rx.cond(gone, "card connection revoked", "card connection"),
        key=card.id,
    )


def _files() -> rx.Component:
    """Rows that people uploaded: there is no account to read, test or sync."""
    return rx.el.p(
        "Rows of payout reports that were uploaded under ",
        link("Imports", to=routes.IMPORTS),
        ". Nothing is read from an account.",
        class_name="small muted",
    )


def _fact(
    name: str, value: Text | rx.Component, **props: object
) -> tuple[rx.Component, rx.Component]:
    return rx.el.dt(name), rx.el.dd(value, **props)


def _twice(card: Card) -> rx.Component:
    """Nothing is counted twice, but rows change hands at each sync."""
    return notice(
        rx.el.p(
            f"'{card.same_as}' reads the same account. Records are kept once, under whichever "
            "synced last; revoke one of the two."
        ),
        tone="warn",
    )


def _trouble(card: Card) -> rx.Component:
    """What is wrong and what to do next."""
    return notice(
        rx.el.div(
            rx.el.p("This connection needs attention", class_name="strong"),
            rx.el.p(card.error),
            rx.cond(card.meaning != "", rx.el.p(card.meaning)),
            permitted("connections.manage", _remedy(card)),
        ),
        tone="error",
    )


def _remedy(card: Card) -> rx.Component:
    """How to mend it, step by step."""
    steps = rx.foreach(card.steps, lambda step: rx.el.li(step))
    return rx.el.details(
        rx.el.summary("How to mend it"), rx.el.ol(steps, rx.el.li(AGAIN)), class_name="remedy"
    )


def _actions(card: Card) -> rx.Component:
    sync = busy_button(
        "Run Sync",
        busy=Activity.starting,
        busy_label="Starting",
        icon_name="refresh-cw",
        locked=Activity.expired,
        class_name="small last",
        on_click=Activity.run_sync(card.id),
    )
    return rx.el.div(
        permitted("connections.manage", *_managing(card)),
        link_button("Open", f"{routes.CONNECTION}?id={card.id}", class_name="small"),
        permitted("jobs.run", sync),
        class_name="card-actions",
        role="group",
        aria_label=f"Actions for {card.label}",
    )


def _managing(card: Card) -> list[rx.Component]:
    test = busy_button(
        "Test",
        busy=ConnectionsState.testing == card.id,
        busy_label="Testing",
        locked=ConnectionsState.expired,
        class_name="small",
        on_click=ConnectionsState.test(card.id),
    )
    locked = {"class_name": "small", "disabled": ConnectionsState.expired}
    edit = ConnectionForm.begin_editing(card.id, card.provider, card.label)
    revoke = ConnectionsState.ask_to_revoke(card.id, card.label)
    return [
        test,
        button("Edit", on_click=edit, **locked),
        button("Revoke", kind="danger", on_click=revoke, **locked),
    ]


def add_button(kind: str = "primary") -> rx.Component:
    """Opens the dialog, for those who may add connections."""
    opener = button(
        "Add Connection",
        icon_name="plus",
        kind=kind,
        disabled=ConnectionForm.expired,
        on_click=ConnectionForm.begin_adding,
    )
    return permitted("connections.manage", opener)


def revoked_toggle() -> rx.Component:
    """Shows or hides revoked connections, by the address; nothing where there are none."""
    count = ConnectionsState.revoked_count
    hidden = rx.cond(
        count == 1, "1 revoked connection is hidden.", f"{count} revoked connections are hidden."
    )
    toggle = rx.cond(
        ConnectionsState.shows_all,
        link("Hide revoked", to=routes.CONNECTIONS),
        rx.fragment(hidden, link("Show all", to=f"{routes.CONNECTIONS}?all=1")),
    )
    return rx.cond(count > 0, rx.el.p(toggle, class_name="small muted revoked-toggle"))


def revoke_dialog() -> rx.Component:
    """Revoking cannot be taken back, so it is asked for twice."""
    return dialog(
        "Revoke connection",
        rx.el.p(
            "Are you sure you want to revoke the connection "
            f"'{ConnectionsState.revoke_label}'? "
            "This will stop all syncs using this connection."
        ),
        rx.el.div(
            button("Cancel", on_click=ConnectionsState.keep),
            button("Revoke", kind="danger", on_click=ConnectionsState.revoke),
            class_name="dialog-foot",
        ),
        name="revoke-connection",
        shown=ConnectionsState.revoke_id != "",
        on_close=ConnectionsState.keep,
    )
