"""The charts: bars that are links for those who see and point, and a table for everybody.

The bars are hidden from screen readers and from the Tab key, as thirty stops would be in the way;
what they say stands, with the same links, in the table below each chart.
"""

from __future__ import annotations

import reflex as rx

from ecomops.ui.components.links import link
from ecomops.ui.components.values import Text
from ecomops.ui.pages.dashboard.money import ArrivalDay, MoneyDay, Part
from ecomops.ui.pages.dashboard.scale import Tick
from ecomops.ui.pages.dashboard.state import DashboardState

UNSEEN = {"aria-hidden": "true"}


def volume_chart() -> rx.Component:
    """Volume by day, and below it, on a scale of their own, the fees."""
    days, currency = DashboardState.money_days, DashboardState.currency
    return _chart(
        f"Volume and fees by day in {currency}",
        _plot(
            DashboardState.volume_ticks,
            rx.foreach(days, lambda it: _money_bar(it, it.volume_height, it.payments_address, "")),
        ),
        _plot(
            DashboardState.fee_ticks,
            rx.foreach(days, lambda it: _money_bar(it, it.fees_height, it.fees_address, "fees")),
            class_name="plot low",
        ),
        _axis(rx.foreach(days, lambda it: rx.el.span(it.axis))),
        table=_table(
            ("Day", "Payments", f"Volume, {currency}", f"Fees, {currency}"),
            rx.foreach(days, _money_row),
        ),
    )


def arrivals_chart() -> rx.Component:
    """Payouts by the day on which they arrive."""
    days = DashboardState.arrival_days
    return _chart(
        f"Payouts by arrival in {DashboardState.currency}",
        _legend(),
        _plot(DashboardState.arrival_ticks, rx.foreach(days, _arrival_bar)),
        _axis(rx.foreach(days, lambda it: rx.el.span(it.axis))),
        table=_table(("Day", "Payouts"), rx.foreach(days, _arrival_row)),
    )


def _chart(name: Text, *drawn: rx.Component, table: rx.Component) -> rx.Component:
    shown = rx.el.details(
        rx.el.summary("Show as a table", class_name="small muted"), table, class_name="as-table"
    )
    return rx.el.figure(*drawn, shown, class_name="chart", role="group", aria_label=name)


def _plot(ticks: rx.Var[list[Tick]], bars: rx.Component, class_name: str = "plot") -> rx.Component:
    lines = rx.foreach(
        ticks, lambda it: rx.el.span(it.label, class_name="tick-line", style={"bottom": it.height})
    )
    return rx.el.div(
        rx.el.div(lines, class_name="tick-lines"),
        rx.el.div(bars, class_name="bars"),
        class_name=class_name,
        custom_attrs=UNSEEN,
    )


def _axis(labels: rx.Component) -> rx.Component:
    return rx.el.div(labels, class_name="axis", custom_attrs=UNSEEN)


def _money_bar(it: MoneyDay, height: Text, address: Text, tone: str) -> rx.Component:
    tip = rx.el.span(
        rx.el.span(it.day, class_name="strong"),
        rx.el.span(f"{it.volume} {DashboardState.currency} · {it.payments}"),
        rx.el.span(f"Fees {it.fees} {DashboardState.currency}"),
        class_name="tip",
    )
    return link(
        rx.el.span(class_name=f"bar {tone}".strip(), style={"height": height}),
        tip,
        to=address,
        class_name="day",
        tab_index=-1,
    )


def _money_row(it: MoneyDay) -> rx.Component:
    return rx.el.tr(
        rx.el.th(it.day, scope="row"),
        rx.el.td(it.payments),
        rx.el.td(link(it.volume, to=it.payments_address), class_name="number"),
        rx.el.td(link(it.fees, to=it.fees_address), class_name="number"),
    )


def _arrival_bar(it: ArrivalDay) -> rx.Component:
    parts = rx.foreach(
        it.parts,
        lambda part: rx.el.span(class_name=f"bar {part.tone}", style={"height": part.height}),
    )
    told = rx.foreach(it.parts, lambda part: rx.el.span(_told(part)))
    nothing = rx.cond(it.parts.length() == 0, rx.el.span("No payouts", class_name="muted"))
    return link(
        parts,
        rx.el.span(rx.el.span(it.day, class_name="strong"), told, nothing, class_name="tip"),
        to=it.address,
        class_name=rx.cond(it.today, "day today", "day"),
        tab_index=-1,
    )


def _told(part: Part) -> Text:
    return f"{part.words}: {part.amount} {DashboardState.currency} · {part.payouts}"


def _arrival_row(it: ArrivalDay) -> rx.Component:
    told = rx.foreach(it.parts, lambda part: rx.el.div(link(_told(part), to=part.address)))
    none = rx.cond(it.parts.length() == 0, rx.el.span("None", class_name="muted"))
    return rx.el.tr(rx.el.th(it.day, scope="row"), rx.el.td(told, none))


def _legend() -> rx.Component:
    """What the colours mean, with the sum of each; each leads to its payouts."""
    one = rx.foreach(
        DashboardState.arrival_parts,
        lambda it: rx.el.li(
            rx.el.span(class_name=f"swatch {it.tone}", custom_attrs=UNSEEN),
            link(it.words, to=it.address),
            rx.el.span(f"{it.amount} · {it.payouts}", class_name="muted"),
        ),
    )
    none = rx.el.p("No payouts in these days.", class_name="small muted")
    return rx.cond(
        DashboardState.arrival_parts.length() > 0, rx.el.ul(one, class_name="legend small"), none
    )


def _table(heads: tuple[Text, ...], rows: rx.Component) -> rx.Component:
    head = rx.el.tr(*[rx.el.th(name, scope="col") for name in heads])
    table = rx.el.table(rx.el.thead(head), rx.el.tbody(rows), class_name="plain-table")
    return rx.el.div(
        table, class_name="plain-table-region", tab_index=0, role="region", aria_label="Day by day"
    )
