"""One connection: how fresh it is, and what keeps it so."""

from __future__ import annotations

import reflex as rx

from ecomops.ui import routes
from ecomops.ui.components.badges import status_badge
from ecomops.ui.components.blanks import failure, notice, skeleton_list
from ecomops.ui.components.buttons import busy_button, button, link_button
from ecomops.ui.components.cards import card
from ecomops.ui.components.providers import provider_mark
from ecomops.ui.layouts.activity import Activity
from ecomops.ui.layouts.permitted import permitted
from ecomops.ui.layouts.shell import shell
from ecomops.ui.pages.connection import forms, parts
from ecomops.ui.pages.connection.accounts import AccountsState, followed_accounts
from ecomops.ui.pages.connection.state import ConnectionState
from ecomops.ui.registry import page


def actions() -> list[rx.Component]:
    """What the top bar offers."""
    return [link_button("Back to Connections", routes.CONNECTIONS, icon_name="arrow-left")]


@page(
    routes.CONNECTION,
    "Connection",
    "connections.view",
    layout=shell(actions),
    on_load=(
        ConnectionState.load_connection, AccountsState.load_accounts, Activity.load_jobs,
    ),
)  # fmt: skip
def connection() -> rx.Component:
    """Freshness first, then what can be changed, then what is known."""
    again = button("Try again", icon_name="rotate-cw", on_click=ConnectionState.load_connection)
    failed = failure(ConnectionState.details_problem, ConnectionState.details_reference, again)
    loaded = rx.cond(ConnectionState.details_loaded, _loaded(), card("Loading", skeleton_list(4)))
    return rx.el.div(
        rx.cond(
            ConnectionState.details_problem != "",
            rx.el.section(failed, class_name="card"),
            loaded,
        ),
        class_name="stack",
    )


def _loaded() -> rx.Component:
    live = ConnectionState.connection_status != "Revoked"
    return rx.fragment(
        _head(),
        rx.cond(
            live,
            rx.el.div(
                permitted("schedules.manage", forms.schedule()),
                permitted("jobs.run", forms.backfill()),
                class_name="columns even",
            ),
        ),
        rx.cond(
            ConnectionState.webhook_address != "",
            rx.el.div(forms.webhooks(), parts.deliveries(), class_name="columns"),
        ),
        rx.cond(live, permitted("connections.manage", followed_accounts())),
        rx.el.div(parts.streams(), parts.account(), class_name="columns"),
        parts.comparisons(),
        forms.backfill_dialog(),
    )


def _head() -> rx.Component:
    names = rx.el.div(
        rx.el.h2(ConnectionState.connection_label, class_name="ellipsis"),
        rx.el.div(ConnectionState.provider_name, class_name="small muted"),
        class_name="names",
    )
    facts = rx.el.dl(
        rx.el.dt("Last sync"), rx.el.dd(ConnectionState.last_sync),
        rx.el.dt("Next sync"), rx.el.dd(ConnectionState.next_run),
        class_name="facts",
    )  # fmt: skip
    return rx.el.section(
        rx.el.div(
            provider_mark(ConnectionState.provider, ConnectionState.provider_name),
            names,
            rx.cond(
                ConnectionState.freshness != "",
                status_badge(ConnectionState.freshness),
                status_badge(ConnectionState.connection_status),
            ),
            class_name="connection-head",
        ),
        facts,
        rx.cond(ConnectionState.connection_error != "", _trouble()),
        rx.cond(ConnectionState.connection_status != "Revoked", permitted("jobs.run", _run_sync())),
        class_name="card connection",
    )


def _run_sync() -> rx.Component:
    sync = busy_button(
        "Run Sync",
        busy=Activity.starting,
        busy_label="Starting",
        icon_name="refresh-cw",
        class_name="small",
        locked=Activity.expired,
        on_click=Activity.run_sync(ConnectionState.connection_id),
    )
    return rx.el.div(sync, class_name="card-actions")


def _trouble() -> rx.Component:
    return notice(rx.el.p(ConnectionState.connection_error), tone="error")
