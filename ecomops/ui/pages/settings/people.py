"""``/settings/people``: who is in the workspace, and what each may do."""

from __future__ import annotations

import reflex as rx

from ecomops.ui import routes
from ecomops.ui.components.badges import status_badge, tag
from ecomops.ui.components.blanks import notice
from ecomops.ui.components.buttons import busy_button, button
from ecomops.ui.components.cards import card
from ecomops.ui.components.dialogs import dialog
from ecomops.ui.components.fields import field, select_field
from ecomops.ui.layouts.frame import ROLE_WORDS
from ecomops.ui.layouts.permitted import permitted
from ecomops.ui.layouts.shell import shell
from ecomops.ui.pages.settings.frame import framed, loaded
from ecomops.ui.pages.settings.people_state import FORM, PeopleState, Person
from ecomops.ui.registry import page

ROLE_HINTS = (
    ("Admin", "Everything, and these settings"),
    ("Finance", "Syncs, imports, reconciliation and journals"),
    ("Operations", "Syncs and schedules"),
    ("Read-only", "Looks and downloads"),
)


def actions() -> list[rx.Component]:
    """What the top bar offers."""
    add = button(
        "Add Person",
        icon_name="plus",
        kind="primary",
        disabled=PeopleState.expired,
        on_click=PeopleState.begin_adding,
    )
    return [permitted("users.manage", add)]


@page(
    routes.PEOPLE,
    "People",
    "users.manage",
    layout=shell(actions),
    on_load=[PeopleState.load_people],
)
def people() -> rx.Component:
    """One row a person."""
    rows = rx.el.ul(rx.foreach(PeopleState.people, _person))
    hints = [rx.el.div(rx.el.dt(role), rx.el.dd(told)) for role, told in ROLE_HINTS]
    return framed(
        routes.PEOPLE,
        loaded(
            PeopleState.people_loaded,
            PeopleState.people_problem,
            PeopleState.people_reference,
            PeopleState.load_people,
            card("People", rows, class_name="list"),
            card("What each role may do", rx.el.dl(*hints, class_name="facts"), class_name="roles"),
        ),
        _add_dialog(),
        _link_dialog(),
        _remove_dialog(),
    )


def _person(person: Person) -> rx.Component:
    names = rx.el.div(
        rx.el.div(person.name, rx.cond(person.is_self, tag("You")), class_name="strong ellipsis"),
        rx.el.div(person.email, class_name="small muted ellipsis"),
        class_name="names",
    )
    return rx.el.li(
        names,
        _role(person),
        rx.el.div(
            status_badge(person.status),
            rx.cond(
                person.status == "Active",
                rx.el.span(person.seen, class_name="small muted", title=person.seen_moment),
            ),
            class_name="person-status",
        ),
        rx.cond(person.is_self, rx.el.div(), _managing(person)),
        class_name="person-row",
        key=person.id,
    )


def _role(person: Person) -> rx.Component:
    """Changed where it stands; words alone where it cannot be."""
    choice = rx.el.select(
        *[rx.el.option(words, value=role) for role, words in ROLE_WORDS.items()],
        value=person.role,
        class_name="select",
        aria_label=f"Role of {person.name}",
        disabled=PeopleState.expired,
        on_change=lambda role: PeopleState.set_role(person.id, role),
    )
    fixed = person.is_self | (person.status != "Active")
    return rx.cond(fixed, rx.el.span(person.role_words, class_name="muted"), choice)


def _managing(person: Person) -> rx.Component:
    invited = (person.status == "Invited") | (person.status == "Link expired")
    link = busy_button(
        rx.cond(invited, "New Link", "Password Link"),
        busy=PeopleState.making_id == person.id,
        busy_label="Making",
        class_name="small",
        on_click=PeopleState.new_link(person.id),
    )
    leave = button(
        rx.cond(invited, "Withdraw", "Deactivate"),
        kind="danger",
        class_name="small",
        on_click=PeopleState.ask_to_remove(person.id, person.name, invited),
    )
    back = button(
        "Reactivate",
        class_name="small",
        disabled=PeopleState.expired,
        on_click=PeopleState.reactivate(person.id),
    )
    return rx.el.div(
        rx.cond(person.status == "Deactivated", back, rx.fragment(link, leave)),
        class_name="person-actions",
        role="group",
        aria_label=f"Actions for {person.name}",
    )


def _add_dialog() -> rx.Component:
    wrong = PeopleState.errors.get(FORM, "")
    form = rx.el.form(
        rx.cond(wrong != "", notice(rx.el.p(wrong), tone="error")),
        field(
            "email",
            "Email",
            PeopleState.errors.get("email", ""),
            type="email",
            auto_complete="off",
            auto_focus=True,
        ),
        field(
            "name", "Name", PeopleState.errors.get("name", ""), auto_complete="off", max_length=200
        ),
        select_field(
            "role",
            "Role",
            PeopleState.errors.get("role", ""),
            [(role, words) for role, words in ROLE_WORDS.items()],
            default_value="readonly",
        ),
        rx.el.div(
            button("Cancel", on_click=PeopleState.stop_adding),
            busy_button(
                "Make Link",
                busy=PeopleState.saving,
                busy_label="Making",
                kind="primary",
                type="submit",
            ),
            class_name="dialog-foot",
        ),
        class_name="form",
        no_validate=True,
        key=PeopleState.form_number,
        on_submit=PeopleState.add_person,
    )
    return dialog(
        "Add person",
        form,
        name="add-person",
        shown=PeopleState.adding,
        on_close=PeopleState.stop_adding,
    )


def _link_dialog() -> rx.Component:
    copy = rx.el.button(
        "Copy",
        type="button",
        class_name="button",
        custom_attrs={"data-copies": "link"},
    )
    return dialog(
        "One-time link",
        rx.el.p(
            f"For {PeopleState.link_email}. It works once, until {PeopleState.link_until}, "
            "and is not shown again."
        ),
        rx.cond(PeopleState.link_told != "", notice(rx.el.p(PeopleState.link_told))),
        rx.el.div(
            rx.el.input(
                id="link",
                class_name="input mono",
                value=PeopleState.link_address,
                read_only=True,
                aria_label="Link",
            ),
            copy,
            class_name="copied",
        ),
        rx.el.div(
            button("Done", kind="primary", on_click=PeopleState.close_link),
            class_name="dialog-foot",
        ),
        name="one-time-link",
        shown=PeopleState.link_address != "",
        on_close=PeopleState.close_link,
    )


def _remove_dialog() -> rx.Component:
    invited, name = PeopleState.leaving_invited, PeopleState.leaving_name
    return dialog(
        rx.cond(invited, "Withdraw invitation", "Deactivate person"),
        rx.el.p(
            rx.cond(
                invited,
                f"The link for {name} will lead nowhere.",
                f"{name} is signed out everywhere at once and cannot come in again until "
                "reactivated. Nothing that they did is lost.",
            )
        ),
        rx.el.div(
            button("Cancel", on_click=PeopleState.keep),
            button(
                rx.cond(invited, "Withdraw", "Deactivate"),
                kind="danger",
                on_click=PeopleState.remove,
            ),
            class_name="dialog-foot",
        ),
        name="remove-person",
        shown=PeopleState.leaving_id != "",
        on_close=PeopleState.keep,
    )
