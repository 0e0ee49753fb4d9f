"""The Connections page."""

from __future__ import annotations

import reflex as rx

from ecomops.ui import routes
from ecomops.ui.components.blanks import blank, failure, skeleton_list
from ecomops.ui.components.buttons import button
from ecomops.ui.components.cards import card
from ecomops.ui.layouts.activity import Activity
from ecomops.ui.layouts.shell import shell
from ecomops.ui.pages.connections import parts
from ecomops.ui.pages.connections.form import connection_dialog
from ecomops.ui.pages.connections.form_state import ConnectionForm
from ecomops.ui.pages.connections.state import ConnectionsState
from ecomops.ui.registry import page


def actions() -> list[rx.Component]:
    """What the top bar offers."""
    return [parts.add_button()]


@page(
    routes.CONNECTIONS,
    "Connections",
    "connections.view",
    layout=shell(actions),
    on_load=(
        ConnectionsState.load_connections, ConnectionForm.load_form, Activity.load_jobs,
    ),
)  # fmt: skip
def connections() -> rx.Component:
    """A card for each connection."""
    return rx.el.div(
        rx.cond(
            ConnectionsState.connections_problem != "",
            _failed(),
            rx.cond(ConnectionsState.connections_loaded, _cards(), _loading()),
        ),
        connection_dialog(),
        parts.revoke_dialog(),
        class_name="stack",
    )


def _cards() -> rx.Component:
    cards = rx.el.ul(
        rx.foreach(ConnectionsState.cards, parts.connection_card), class_name="connection-grid"
    )
    shown = rx.cond(ConnectionsState.cards.length() > 0, cards, _none())
    return rx.fragment(shown, parts.revoked_toggle())


def _none() -> rx.Component:
    return rx.el.section(
        blank(
            "No connections yet",
            "Connect NetSuite, and Shopify or Stripe to bring in payments, payouts and fees.",
            parts.add_button("plain"),
            icon_name="plug",
        ),
        class_name="card",
    )


def _loading() -> rx.Component:
    return rx.el.div(card("Loading", skeleton_list(3)), class_name="connection-grid")


def _failed() -> rx.Component:
    again = button("Try again", icon_name="rotate-cw", on_click=ConnectionsState.load_connections)
    text, reference = ConnectionsState.connections_problem, ConnectionsState.connections_reference
    return rx.el.section(failure(text, reference, again), class_name="card")
