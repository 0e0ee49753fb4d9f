"""The panel of the open row: its money, what belongs to it, all its fields, what happened to it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from ecomops.domains.tables.catalog import TableSpec
from ecomops.ui.components.badges import status_badge
from ecomops.ui.components.blanks import failure
from ecomops.ui.components.buttons import button, icon_button
from ecomops.ui.components.copy import copy_button, copy_icon
from ecomops.ui.components.icons import icon
from ecomops.ui.components.json_view import json_view
from ecomops.ui.components.links import link, plain_link
from ecomops.ui.components.panel import side_panel
from ecomops.ui.components.values import Flag
from ecomops.ui.pages.tables.row_facts import Fact, MakeupRow, Relative
from ecomops.ui.pages.tables.row_state import OpenRow

_ROW: Any = OpenRow.row
_MAKEUP: Any = OpenRow.makeup


def row_panel(spec: TableSpec) -> rx.Component:
    """Beside the table while a row is open; over all of it on a phone."""
    is_open: Flag = (OpenRow.row_id != "") & (OpenRow.row_table == spec.name)
    title = rx.el.span(
        rx.el.span(_ROW.title, class_name="mono"), status_badge(_ROW.status), class_name="row-title"
    )
    panel = side_panel(
        rx.cond(_ROW, title, "Row"),
        rx.cond(_ROW, _content()),
        rx.cond(OpenRow.row_problem != "", _problem()),
        label="Row",
        key="row",
        actions=_actions(),
    )
    return rx.cond(is_open, panel)


def _actions() -> rx.Component:
    def step(label: str, icon_name: str, by: int) -> rx.Component:
        return icon_button(label, icon_name, custom_attrs={"data-step": str(by)})

    return rx.fragment(step("Row above", "chevron-up", -1), step("Row below", "chevron-down", 1))


def _problem() -> rx.Component:
    again = button("Try again", icon_name="rotate-cw", on_click=OpenRow.load_row)
    return failure(OpenRow.row_problem, OpenRow.row_reference, again)


def _content() -> rx.Component:
    provider = plain_link(
        icon("external-link", size=14),
        rx.el.span("Open in ", _ROW.provider),
        href=_ROW.provider_url,
        target="_blank",
        rel="noopener noreferrer",
        class_name="button small",
    )
    return rx.fragment(
        rx.el.dl(rx.foreach(_ROW.money, _amount), class_name="row-money"),
        rx.el.div(
            copy_button("Copy ID", _ROW.source_id, "ID copied"),
            rx.cond(_ROW.provider_url != "", provider),
            class_name="row-actions",
        ),
        rx.cond(_MAKEUP, _makeup()),
        rx.cond((_ROW.relatives.length() > 0) | (_ROW.more.length() > 0), _relatives()),
        rx.el.section(
            rx.el.h3("Fields"), rx.el.dl(rx.foreach(_ROW.facts, _fact), class_name="panel-facts")
        ),
        _raw(),
        rx.cond(OpenRow.events.length() > 0, _events()),
    )


def _makeup() -> rx.Component:
    named = (("Category", ""), ("Lines", "num"), ("Gross", "num"), ("Fee", "num"), ("Net", "num"))
    table = rx.el.table(
        rx.el.thead(
            rx.el.tr(*[rx.el.th(name, scope="col", class_name=kind) for name, kind in named])
        ),
        rx.el.tbody(rx.foreach(_MAKEUP.rows, _made_of)),
        rx.el.tfoot(_made_of(_MAKEUP.total)),
        class_name="makeup",
        aria_label="Lines by category",
    )
    region = rx.el.div(
        table,
        class_name="makeup-region",
        role="region",
        aria_label="What it is made of",
        tab_index=0,
    )
    lines = link("Open its lines", to=_MAKEUP.lines_address)
    return rx.el.section(
        rx.el.h3("What it is made of"),
        rx.cond(_MAKEUP.rows.length() > 0, region),
        rx.el.p(
            rx.cond(_MAKEUP.tone == "good", icon("circle-check")),
            rx.cond(_MAKEUP.tone == "bad", icon("circle-alert")),
            rx.el.span(_MAKEUP.verdict, " ", rx.cond(_MAKEUP.rows.length() > 0, lines)),
            class_name="makeup-verdict " + _MAKEUP.tone,
        ),
    )


def _made_of(row: MakeupRow) -> rx.Component:
    return rx.el.tr(
        rx.el.th(row.category, scope="row"),
        rx.el.td(row.lines, class_name="num"),
        rx.el.td(row.gross, class_name="num"),
        rx.el.td(row.fee, class_name="num"),
        rx.el.td(row.net, class_name="num"),
    )


def _amount(fact: Fact) -> rx.Component:
    return rx.el.div(
        rx.el.dt(fact.label),
        rx.el.dd(fact.text, copy_icon(f"Copy {fact.label}", fact.exact)),
    )


def _fact(fact: Fact) -> rx.Component:
    value = rx.cond(
        fact.text != "",
        rx.fragment(
            rx.el.span(fact.text, class_name=rx.cond(fact.kind == "id", "mono", "")),
            copy_icon(f"Copy {fact.label}", fact.exact),
        ),
        rx.el.span("\N{EM DASH}", class_name="faint"),
    )
    return rx.el.div(rx.el.dt(fact.label), rx.el.dd(value))


def _relatives() -> rx.Component:
    return rx.el.section(
        rx.el.h3("Belongs together"),
        rx.el.ul(rx.foreach(_ROW.relatives, _relative), class_name="relatives"),
        rx.foreach(_ROW.more, lambda more: rx.el.p(more, class_name="hint")),
    )


def _relative(one: Relative) -> rx.Component:
    return rx.el.li(
        link(
            rx.el.span(one.relation, class_name="muted"),
            rx.el.span(one.name, class_name="mono ellipsis"),
            rx.el.span(one.amount, class_name="figure-small"),
            rx.cond(one.status != "", status_badge(one.status)),
            to=one.address,
            class_name="relative",
        )
    )


def _raw() -> rx.Component:
    opener = button(
        "Show raw data", icon_name="braces", class_name="small", on_click=OpenRow.show_raw
    )
    shown = rx.el.section(
        rx.el.div(
            rx.el.h3("Raw data"),
            copy_button("Copy", OpenRow.raw_text, "Raw data copied"),
            class_name="row-raw-head",
        ),
        json_view(OpenRow.raw, "Raw data"),
    )
    return rx.cond(OpenRow.raw.length() > 0, shown, rx.el.div(opener))


def _events() -> rx.Component:
    return rx.el.section(
        rx.el.h3("How it came in"),
        rx.el.ol(
            rx.foreach(
                OpenRow.events,
                lambda event: rx.el.li(
                    rx.el.span(event.action),
                    rx.el.span(event.actor, class_name="muted"),
                    rx.el.span(event.when, class_name="small muted when"),
                ),
            ),
            class_name="row-events",
        ),
    )
