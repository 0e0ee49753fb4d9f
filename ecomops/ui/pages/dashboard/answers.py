"""The tiles, what needs somebody, and whether payouts tie out."""

from __future__ import annotations

import reflex as rx

from ecomops.ui import routes
from ecomops.ui.components.blanks import bone, failure, skeleton_list
from ecomops.ui.components.buttons import button
from ecomops.ui.components.cards import card
from ecomops.ui.components.icons import icon
from ecomops.ui.components.links import link
from ecomops.ui.pages.dashboard.charts import UNSEEN, arrivals_chart, volume_chart
from ecomops.ui.pages.dashboard.money import Tile
from ecomops.ui.pages.dashboard.needs import Difference, Need, Verdict
from ecomops.ui.pages.dashboard.state import DashboardState

TILES = 4
ICONS = ("plug-zap", "activity", "scale", "unlink", "ban", "hourglass", "file-x", "clock")
"""All that a need may show: icons are compiled into the page by name."""


def when_loaded(shown: rx.Component, waiting: rx.Component) -> rx.Component:
    """``shown`` once the figures are there; before that ``waiting``; or why they are not."""
    again = button("Try again", icon_name="rotate-cw", on_click=DashboardState.load_insights)
    failed = failure(DashboardState.insights_problem, DashboardState.insights_reference, again)
    loaded = rx.cond(DashboardState.insights_loaded, shown, waiting)
    return rx.cond(
        DashboardState.insights_problem != "", rx.el.section(failed, class_name="card"), loaded
    )


def currency_choice() -> rx.Component:
    """The currency of tiles and charts, where there are several: amounts are never added up."""
    choices = rx.foreach(
        DashboardState.currencies,
        lambda it: rx.el.li(
            link(
                it,
                to=f"{routes.DASHBOARD}?currency={it}",
                class_name="currency",
                custom_attrs={
                    "aria-current": rx.cond(it == DashboardState.currency, "true", "false")
                },
            )
        ),
    )
    shown = rx.el.nav(
        rx.el.ul(choices, class_name="currency-choice"),
        aria_label="Currency",
    )
    return rx.cond(DashboardState.currencies.length() > 1, shown)


def tiles() -> rx.Component:
    """The four figures that are looked at first."""
    shown = rx.el.ul(
        rx.foreach(DashboardState.tiles, lambda it: rx.el.li(_tile(it))),
        class_name="tiles",
        aria_label="Key figures",
    )
    bones = [rx.el.li(rx.el.div(bone("40%"), bone("70%", "20px"), bone("50%"),
                                class_name="card tile loading")) for _ in range(TILES)]  # fmt: skip
    waiting = rx.el.ul(*bones, class_name="tiles", aria_busy=True, aria_label="Key figures")
    return when_loaded(shown, waiting)


def _tile(it: Tile) -> rx.Component:
    inside = [
        rx.el.span(it.label, class_name="label"),
        rx.el.span(it.figure, rx.el.span(it.unit, class_name="unit"), class_name="figure"),
        rx.el.span(it.told, class_name="small muted"),
    ]
    leads = link(*inside, to=it.address, class_name="card tile", data_tone=it.tone)
    stays = rx.el.div(*inside, class_name="card tile")
    return rx.cond(it.address != "", leads, stays)


def volume() -> rx.Component:
    """The chart of volume and fees."""
    zone = rx.el.span(f"Days of {DashboardState.days_of}", class_name="small muted")
    return card(f"Volume and fees by day · {DashboardState.currency}", volume_chart(),
                actions=[zone])  # fmt: skip


def arrivals() -> rx.Component:
    """The chart of payouts."""
    return card(f"Payouts by arrival · {DashboardState.currency}", arrivals_chart())


def needs() -> rx.Component:
    """What needs somebody, or that nothing does."""
    rows = rx.el.ul(rx.foreach(DashboardState.needs, _need))
    calm = rx.el.p(
        icon("circle-check"), "Nothing needs you right now.", class_name="list-row all-well"
    )
    found = rx.cond(DashboardState.needs.length() > 0, rows, calm)
    loaded = rx.cond(DashboardState.insights_loaded, found, skeleton_list(3))
    return card("Needs you", loaded, class_name="list")


def _need(it: Need) -> rx.Component:
    mark = rx.match(it.icon, *[(name, icon(name)) for name in ICONS], icon("circle-alert"))
    title = rx.cond(
        it.address != "",
        link(it.title, to=it.address),
        rx.el.span(it.title, class_name="strong"),
    )
    return rx.el.li(
        rx.el.span(mark, class_name="need-mark", data_tone=it.tone),
        rx.el.div(title, rx.el.div(it.told, class_name="small muted"), class_name="grow"),
        class_name="list-row",
    )


def ties() -> rx.Component:
    """Does it tie out: how many payouts are the sum of their lines, and which are not."""
    bar = rx.el.div(
        rx.foreach(
            DashboardState.verdicts,
            lambda it: rx.el.span(class_name=f"bar {it.tone}", style={"width": it.width}),
        ),
        class_name="tie-bar",
        custom_attrs=UNSEEN,
    )
    rows = rx.el.ul(rx.foreach(DashboardState.verdicts, _verdict))
    untied = rx.cond(
        DashboardState.differences.length() > 0,
        rx.el.ul(rx.foreach(DashboardState.differences, _difference), class_name="differences"),
    )
    note = rx.cond(
        DashboardState.ties_capped, "Of the newest 10,000 payouts.", "Payouts of the last 30 days."
    )
    return card(
        "Does it tie out?",
        bar,
        rows,
        untied,
        rx.el.p(note, " A payout ties out when it is the sum of its lines.",
                class_name="small muted list-row"),
        class_name="list",
    )  # fmt: skip


def _verdict(it: Verdict) -> rx.Component:
    return rx.el.li(
        rx.el.span(class_name=f"swatch {it.tone}", custom_attrs=UNSEEN),
        link(it.words, to=it.address, class_name="grow"),
        rx.el.span(it.payouts, class_name="count strong"),
        class_name="list-row",
    )


def _difference(it: Difference) -> rx.Component:
    text = rx.el.div(
        link(it.payout, to=it.address, class_name="mono"),
        rx.el.div(f"{it.amount}, lines {it.lines}", class_name="small muted"),
        class_name="grow",
    )
    return rx.el.li(text, rx.el.span(it.difference, class_name="count off"), class_name="list-row")
