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
    "Paused": "amber",
    "Failing": "red",
    "Success": "green",
    "Denied": "amber",
}
"""Tone of each status, by its words on screen; a status that is not here is gray."""


def status_badge(words: Text) -> rx.Component:
    """The badge of a status, given in words for people such as ``In transit``."""
    return rx.el.span(words, class_name="badge", data_tone=_tone(TONES, words))


CATEGORIES = {
    "Auth": "blue",
    "Connection": "green",
    "Job": "amber",
    "Recon": "purple",
    "Journal": "purple",
    "Billing": "purple",
    "Entitlement": "red",
    "Security": "red",
}
"""Tone of each category of audit events, by its words on screen; others are gray."""


def category_badge(words: Text) -> rx.Component:
    """What an audit event is about, as a badge without the dot of a status."""
    tone = _tone(CATEGORIES, words)
    return rx.el.span(words, class_name="badge category", data_tone=tone)


def _tone(tones: dict[str, str], words: Text) -> Text:
    return rx.Var.create(tones)[words] if isinstance(words, rx.Var) else tones.get(words, "gray")


def tag(words: Text, **props: object) -> rx.Component:
    """A quiet label that is no status, such as Sandbox."""
    return rx.el.span(words, class_name="tag", **props)
