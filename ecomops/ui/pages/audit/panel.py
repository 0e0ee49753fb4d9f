"""One event in full: its fields, its payload, its seal, and what belongs to the same operation."""

from __future__ import annotations

import reflex as rx

from ecomops.ui.components.badges import category_badge, status_badge
from ecomops.ui.components.blanks import failure
from ecomops.ui.components.copy import copy_button, copy_icon
from ecomops.ui.components.icons import icon
from ecomops.ui.components.json_view import json_view
from ecomops.ui.components.links import link
from ecomops.ui.components.panel import side_panel
from ecomops.ui.pages.audit.event_state import EventState
from ecomops.ui.pages.audit.facts import Fact
from ecomops.ui.pages.audit.parts import TRACE
from ecomops.ui.pages.audit.rows import EventLine


def event_panel() -> rx.Component:
    """The event that is open, or why it cannot be shown."""
    broken = failure(EventState.event_problem, EventState.event_reference)
    content = rx.cond(EventState.event_problem != "", broken, _content())
    panel = side_panel(
        rx.cond(EventState.event_problem != "", "Event", EventState.event_action),
        content,
        label="Event",
        close=EventState.close_address,
        key=EventState.event_id,
    )
    return rx.cond(EventState.event_id != "", panel)


def _content() -> rx.Component:
    badges = rx.el.div(
        category_badge(EventState.event_category),
        status_badge(EventState.event_status),
        class_name="badges",
    )
    copies = rx.el.div(
        copy_button("Copy as JSON", EventState.event_json, "Event copied", icon_name="braces"),
        copy_button("Copy link", EventState.event_link, "Link copied", icon_name="link"),
        class_name="badges",
    )
    fields = rx.el.dl(rx.foreach(EventState.event_facts, _fact), class_name="panel-facts")
    return rx.fragment(
        rx.el.div(badges, copies, class_name="event-head"), fields, _payload(), _seal(), _related()
    )


def _fact(fact: Fact) -> rx.Component:
    copied = copy_icon(f"Copy {fact.name}", fact.value)
    value = rx.el.span(fact.value, class_name=rx.cond(fact.copied, "mono", ""))
    return rx.el.div(rx.el.dt(fact.name), rx.el.dd(value, rx.cond(fact.copied, copied)))


def _payload() -> rx.Component:
    removed = rx.el.p(
        "The payload was removed when its time was over; its hash stays in the sealed log.",
        class_name="muted",
    )
    shown = json_view(EventState.event_payload, "Payload")
    return rx.el.div(
        rx.el.h3("Payload"), rx.cond(EventState.event_payload.length() > 0, shown, removed)
    )


def _seal() -> rx.Component:
    there = rx.el.p(icon("shield-check", size=14), EventState.event_sealed, class_name="sealed")
    waiting = rx.el.p("Not sealed yet. That takes about a second.", class_name="muted")
    return rx.el.div(rx.el.h3("Seal"), rx.cond(EventState.event_sealed != "", there, waiting))


def _related() -> rx.Component:
    whole = link("Show as a trace", to=TRACE + EventState.event_correlation)
    head = rx.el.div(rx.el.h3("Events of the same operation"), whole, class_name="related-head")
    more = rx.el.p("There are more of them than fit in here: see the trace.", class_name="muted")
    return rx.el.div(
        head,
        rx.el.ol(rx.foreach(EventState.related, _related_event), class_name="related"),
        rx.cond(EventState.more_related, more),
    )


def _related_event(row: EventLine) -> rx.Component:
    here = EventState.event_id == row.id
    opener = link(
        row.action,
        to=EventState.open_prefix + row.id,
        class_name="mono row-link",
        custom_attrs={"aria-current": rx.cond(here, "true", "false")},
    )
    return rx.el.li(
        rx.el.span(row.when, class_name="small muted"),
        opener,
        status_badge(row.status),
        data_open=rx.cond(here, "true", "false"),
        key=row.id,
    )
