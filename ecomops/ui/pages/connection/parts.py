"""What is known of a connection."""

from __future__ import annotations

import reflex as rx

from ecomops.ui.components.badges import status_badge, tag
from ecomops.ui.components.blanks import notice
from ecomops.ui.components.cards import card
from ecomops.ui.components.values import Text
from ecomops.ui.pages.connection.state import Comparison, ConnectionState, Pair


def streams() -> rx.Component:
    """When each kind of record was last read."""
    rows = rx.el.ul(rx.foreach(ConnectionState.streams, _pair))
    none = _nothing("Nothing has been read yet. Run a sync to begin.")
    shown = rx.cond(ConnectionState.streams.length() > 0, rows, none)
    return card("Last read", shown, class_name="list")


def account() -> rx.Component:
    """What the last test learned of the account; first what the credentials do not let us see."""
    gaps = rx.el.div(rx.foreach(ConnectionState.gaps, lambda it: rx.el.p(it)))
    rows = rx.el.dl(
        rx.foreach(
            ConnectionState.facts, lambda it: rx.el.div(rx.el.dt(it.name), rx.el.dd(it.value))
        ),
        class_name="facts roomy",
    )
    shown = rx.fragment(
        rx.cond(ConnectionState.gaps.length() > 0, notice(gaps, tone="warn")),
        rx.cond(
            ConnectionState.facts.length() > 0,
            rows,
            _nothing("Shown after a test of the connection."),
        ),
    )
    return card("Account", shown, class_name="list")


def deliveries() -> rx.Component:
    """The newest webhooks that came in."""
    rows = rx.el.ul(rx.foreach(ConnectionState.deliveries, _delivery))
    none = _nothing("None has arrived yet.")
    shown = rx.cond(ConnectionState.deliveries.length() > 0, rows, none)
    return card("Latest webhooks", shown, class_name="list")


def _delivery(pair: Pair) -> rx.Component:
    text = rx.el.div(
        rx.el.div(pair.name, class_name="mono wrapped small"),
        rx.el.div(pair.hint, class_name="small muted"),
        class_name="grow",
    )
    return rx.el.li(text, tag(pair.value), class_name="list-row")


def comparisons() -> rx.Component:
    """How the last weeks compare with the provider, stream by stream."""
    rows = rx.el.ul(rx.foreach(ConnectionState.comparisons, _comparison))
    none = _nothing(
        "Once a day the last five weeks are compared with the provider, record by record. "
        "What was missed is fetched, and what differs is listed here."
    )
    shown = rx.cond(ConnectionState.comparisons.length() > 0, rows, none)
    return card("Completeness", shown, class_name="list")


def _pair(pair: Pair) -> rx.Component:
    return rx.el.li(
        rx.el.span(pair.name, class_name="grow"),
        rx.el.span(pair.value, class_name="muted wrapped"),
        class_name="list-row",
    )


def _comparison(it: Comparison) -> rx.Component:
    ids = rx.cond(it.listed != "", rx.el.div(it.listed, class_name="small mono wrapped"))
    told = rx.el.div(it.counts, " · ", it.when, class_name="small muted")
    return rx.el.li(
        rx.el.div(rx.el.div(it.stream), told, ids, class_name="grow"),
        rx.cond(it.good, status_badge("Equal"), rx.el.span(it.verdict, class_name="badge",
                                                           data_tone="amber")),
        class_name="list-row",
    )  # fmt: skip


def _nothing(words: Text) -> rx.Component:
    return rx.el.p(words, class_name="muted list-row")
