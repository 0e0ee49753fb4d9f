"""Where a file is dropped or chosen; ``imports.js`` posts it and goes on to its preview."""

from __future__ import annotations

import reflex as rx

from ecomops.ui import routes
from ecomops.ui.components.icons import icon
from ecomops.ui.native_form import native_form
from ecomops.ui.pages.imports.words import KINDS
from ecomops.ui.state import AppState


def drop_zone() -> rx.Component:
    """What kind of file it is, and the file: dropped, or chosen by pointer or keyboard."""
    kinds = rx.el.div(
        rx.el.label("What are you importing?", html_for="kind"),
        rx.el.select(
            *[rx.el.option(label, value=kind) for kind, label in KINDS.items()],
            id="kind",
            name="kind",
            class_name="input",
            disabled=AppState.expired,
        ),
        class_name="field",
    )
    chosen = rx.el.label(
        icon("file-up", size=20),
        rx.el.span("Choose a CSV file", class_name="strong"),
        rx.el.span("or drop it here. Up to 20 MB and 200,000 lines.", class_name="small muted"),
        rx.el.input(
            type="file",
            id="file",
            name="file",
            accept=".csv,.txt,.tsv,text/csv,text/plain",
            class_name="visually-hidden",
            disabled=AppState.expired,
            aria_label="Choose a CSV file",
            custom_attrs={"aria-describedby": "upload-error"},
        ),
        html_for="file",
        class_name="drop-zone",
    )
    return rx.el.section(
        native_form(
            kinds,
            chosen,
            rx.el.p(class_name="small muted", role="status", custom_attrs={"data-upload-told": ""}),
            rx.el.p(
                id="upload-error",
                class_name="field-error",
                role="alert",
                custom_attrs={"data-upload-error": ""},
            ),
            action=routes.POST_UPLOAD,
            method="post",
            class_name="form",
            custom_attrs={"data-upload": routes.IMPORT_PREVIEW},
        ),
        class_name="card",
    )
