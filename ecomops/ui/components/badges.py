"""Badges: a word, a dot and a tone. Colour never speaks alone."""

import reflex as rx

from ecomops.ui.components.values import Text

TONES = {
    "Active": "green",
    "Fresh": "green",
    "Equal": "green",
    "Late": "amber",
    "Broken": "red",
    "Completed": "green",
    "Invited": "blue",
    "Link expired": "amber",
    "Paid": "green",
    "Settled": "green",
    "Won": "green",
    "Ready": "green",
    "Posted": "green",
    "Charged": "green",
    "Pending": "amber",
    "Partially paid": "amber",
    "Needs response": "amber",
    "Unsettled": "amber",
    "Open": "amber",
    "Authorized": "blue",
    "In transit": "blue",
    "Running": "blue",
    "Preparing": "blue",
    "Under review": "blue",
    "Refunded": "purple",
    "Partially refunded": "purple",
    "Returned": "purple",
    "Failed": "red",
    "Error": "red",
    "Lost": "red",
    "Dead": "red",
}
"""Tone of each status, by its words on screen; a status that is not here is gray."""


def status_badge(words: Text) -> rx.Component:
    """The badge of a status, given in words for people such as ``In transit``."""
    tone = rx.Var.create(TONES)[words] if isinstance(words, rx.Var) else TONES.get(words, "gray")
    return rx.el.span(words, class_name="badge", data_tone=tone)


def tag(words: Text, **props: object) -> rx.Component:
    """A quiet label that is no status, such as Sandbox."""
    return rx.el.span(words, class_name="tag", **props)
