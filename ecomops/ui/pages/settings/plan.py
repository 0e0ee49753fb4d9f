"""``/settings/plan``: what each plan allows, how much is used, and changing it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import reflex as rx

from ecomops.domains.plans.rules import PLANS
from ecomops.domains.workspace.plan import ChangePlan, change_plan
from ecomops.domains.workspace.usage import get_usage
from ecomops.ui import format as fmt
from ecomops.ui import routes
from ecomops.ui.components.blanks import notice
from ecomops.ui.components.buttons import busy_button, button
from ecomops.ui.components.cards import card
from ecomops.ui.components.dialogs import dialog
from ecomops.ui.components.icons import icon
from ecomops.ui.components.toasts import toast
from ecomops.ui.handlers import SIGNED_IN, handler
from ecomops.ui.layouts.frame import Frame
from ecomops.ui.layouts.permitted import permitted
from ecomops.ui.layouts.shell import shell
from ecomops.ui.pages.settings.frame import framed, loaded
from ecomops.ui.pages.settings.plan_words import (
    FEATURES,
    ORDER,
    connections_of,
    consequences,
    used_of,
)
from ecomops.ui.problems import shown_on_page
from ecomops.ui.registry import page
from ecomops.ui.session import context, perform
from ecomops.ui.state import AppState

PlanName = Literal["trial", "pro", "enterprise"]
AT_ONCE = "A change takes effect at once. Billing is by agreement: nothing is charged here."


@dataclass
class Used:
    """One thing that counts towards the plan, as text."""

    name: str
    value: str


class PlanState(AppState):
    """How much is used, and the change that a person was asked about."""

    used: list[Used] = []  # noqa: RUF012 - Reflex copies the default for each State
    plan_loaded: bool = False
    plan_problem: str = ""
    plan_reference: str = ""
    wanted: str = ""
    wanted_words: str = ""
    told: list[str] = []  # noqa: RUF012
    changing: bool = False

    @handler(SIGNED_IN)
    async def load_plan(self) -> None:
        """Count what is used."""
        self.changing = False
        with shown_on_page(self, "plan"):
            usage, plan = await perform(get_usage), (await context()).plan.name
            self.used = [Used(name, value) for name, value in used_of(usage, plan)]
            self.plan_loaded = True

    @handler("tenant.manage")
    async def ask_for(self, plan: PlanName) -> None:
        """Say what the change means before it is made."""
        usage, current = await perform(get_usage), (await context()).plan.name
        self.told = consequences(usage, current, plan, datetime.now(UTC), self.timezone)
        self.wanted, self.wanted_words = plan, fmt.words(plan)

    @handler("tenant.manage")
    async def stay(self) -> None:
        """Leave the plan as it is."""
        self.wanted = ""

    @handler("tenant.manage")
    async def change(self) -> AsyncIterator[Any]:
        """Move the workspace to the plan that was asked about."""
        wanted, words = self.wanted, self.wanted_words
        if not wanted or self.changing:
            return
        self.changing = True
        yield
        try:
            await perform(change_plan, ChangePlan(wanted))
        finally:
            self.wanted, self.changing = "", False
        yield toast(f"This workspace is on {words}", tone="success")
        yield AppState.load_shell
        yield PlanState.load_plan


@page(routes.PLAN, "Plan", SIGNED_IN, layout=shell(), on_load=[PlanState.load_plan])
def plan() -> rx.Component:
    """The plan now, what is used of it, and all plans side by side."""
    return framed(
        routes.PLAN,
        rx.cond(
            AppState.expired,
            notice(rx.el.p("The trial is over. Upgrade to make changes again."), tone="warn"),
        ),
        loaded(
            PlanState.plan_loaded,
            PlanState.plan_problem,
            PlanState.plan_reference,
            PlanState.load_plan,
            _now(),
            _all_plans(),
        ),
        _question(),
    )


def _now() -> rx.Component:
    facts = rx.el.dl(
        rx.foreach(PlanState.used, lambda it: rx.el.div(rx.el.dt(it.name), rx.el.dd(it.value))),
        class_name="facts roomy",
    )
    line = rx.el.p(Frame.plan_line, class_name="strong", data_tone=Frame.plan_tone)
    return card("Your plan", line, facts, class_name="list plan-now")


def _all_plans() -> rx.Component:
    head = rx.el.tr(rx.el.td(), *[_column(name) for name in ORDER])
    connections = [connections_of(PLANS[name]) for name in ORDER]
    rows = [
        _row("Connections", [rx.el.span(words) for words in connections]),
        _row("CSV files", [_included(True) for _ in ORDER]),
        *[
            _row(fmt.words(words), [_included(feature in PLANS[name].features) for name in ORDER])
            for feature, words in FEATURES.items()
        ],
    ]
    table = rx.el.table(rx.el.thead(head), rx.el.tbody(*rows), class_name="plans")
    choose = rx.el.div(*[_choice(name) for name in ORDER], class_name="plan-choices")
    managing = permitted(
        "tenant.manage", rx.el.div(choose, rx.el.p(AT_ONCE, class_name="hint"), class_name="form")
    )
    return card("Plans", table, managing)


def _column(name: str) -> rx.Component:
    here = rx.cond(AppState.plan_name == name, rx.el.span(" (yours)", class_name="small"))
    return rx.el.th(fmt.words(name), here, scope="col")


def _row(words: str, cells: list[rx.Component]) -> rx.Component:
    return rx.el.tr(rx.el.th(words, scope="row"), *[rx.el.td(cell) for cell in cells])


def _included(yes: bool) -> rx.Component:
    word = "Included" if yes else "Not included"
    mark = icon("check") if yes else icon("minus")
    return rx.el.span(mark, rx.el.span(word, class_name="visually-hidden"), data_yes=str(yes))


def _choice(name: str) -> rx.Component:
    """Upgrade or go back to one plan; nothing for the one that the workspace is on."""
    words = fmt.words(name)
    smaller = [other for other in ORDER if ORDER.index(other) < ORDER.index(name)]
    up = rx.Var.create(smaller).contains(AppState.plan_name)
    upgrade = button(f"Upgrade to {words}", kind="primary", on_click=PlanState.ask_for(name))
    back = button(f"Change to {words}", on_click=PlanState.ask_for(name))
    other = rx.cond(up, upgrade, back) if smaller else back
    return rx.cond((AppState.plan_name == "") | (AppState.plan_name == name), None, other)


def _question() -> rx.Component:
    words = PlanState.wanted_words
    return dialog(
        f"Change to {words}",
        rx.el.ul(rx.foreach(PlanState.told, lambda it: rx.el.li(it)), class_name="consequences"),
        rx.el.p(AT_ONCE),
        rx.el.div(
            button("Cancel", on_click=PlanState.stay),
            busy_button(
                "Change Plan",
                busy=PlanState.changing,
                busy_label="Changing",
                kind="primary",
                on_click=PlanState.change,
            ),
            class_name="dialog-foot",
        ),
        name="change-plan",
        shown=PlanState.wanted != "",
        on_close=PlanState.stay,
    )
