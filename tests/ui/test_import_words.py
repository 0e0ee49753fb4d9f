"""Imports as they are written on screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from ecomops.connectors.shopify import files as shopify
from ecomops.connectors.stripe import files as stripe
from ecomops.core.files.bank import STATEMENT
from ecomops.core.files.fields import Field
from ecomops.domains.imports.schemas import Counts, ImportView
from ecomops.ui.pages.imports.state import counts, import_row
from ecomops.ui.pages.imports.words import LAYOUTS, span, totals, value_text

VIEW = ImportView(
    id=UUID(int=7),
    kind="bank",
    layout="bank",
    status="completed",
    file_name="november.csv",
    file_hash=b"\x01" * 32,
    counts=Counts(1200, 1000, 0, 200, 0),
    sums={"EUR": "-1234.50", "JPY": "1200"},
    first_day=date(2026, 11, 1),
    last_day=date(2026, 11, 30),
    account="Main",
    by="ada@example.com",
    created_at=datetime(2026, 12, 1, 8, 30, tzinfo=UTC),
)


def test_an_import_in_words() -> None:
    row = import_row(VIEW, datetime(2026, 12, 1, 8, 35, tzinfo=UTC), "Europe/Berlin")
    assert row.about == "Main · 1 Nov 2026 to 30 Nov 2026"
    assert row.counts == "1,000 new · 200 unchanged"
    assert row.sums == "EUR \N{MINUS SIGN}1,234.50 · JPY 1,200"
    assert (row.when, row.moment) == ("5 minutes ago", "1 Dec 2026, 09:30 CET")
    assert (row.status, row.undoable) == ("Completed", True)


@pytest.mark.parametrize(("kind", "status"), [("stripe", "completed"), ("bank", "undone")])
def test_what_cannot_be_undone_has_no_button(kind: str, status: str) -> None:
    view = replace(VIEW, kind=kind, status=status)
    assert not import_row(view, VIEW.created_at, "UTC").undoable


def test_nothing_new_is_said() -> None:
    assert counts(replace(VIEW, counts=Counts(0, 0, 0, 0, 0))) == "Nothing in it"
    assert counts(replace(VIEW, counts=Counts(2, 0, 1, 0, 1))) == "1 changed · 1 left out"


def test_a_span_of_one_day_is_told_once() -> None:
    assert span(date(2026, 11, 1), date(2026, 11, 1)) == "1 Nov 2026"
    assert span(None, None) == ""


def test_totals_are_exact_and_never_one_sum() -> None:
    assert totals({"KWD": "0.001", "USD": "922337203685477.58"}) == (
        "KWD 0.001 · USD 922,337,203,685,477.58"
    )


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("amount", -12345000, "\N{MINUS SIGN}1,234.50"),
        ("day", date(2026, 11, 1), "1 Nov 2026"),
        ("moment", datetime(2026, 11, 1, 8, tzinfo=UTC), "1 Nov 2026, 08:00 UTC"),
        ("text", "<b>", "<b>"),
        ("amount", None, ""),
    ],
)
def test_a_value_as_it_would_be_stored(kind: str, value: object, text: str) -> None:
    assert value_text(Field("f", "F", kind, ()), value, "USD") == text  # type: ignore[arg-type]


def test_every_layout_has_a_name() -> None:
    known = {it.name: it.label for it in (STATEMENT, *stripe.LAYOUTS, *shopify.LAYOUTS)}
    assert known == LAYOUTS
