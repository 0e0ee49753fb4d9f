"""How columns are arranged, as text: the server and the browser read and write the same."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecomops.local.node import BIN
from ecomops.local.project import ROOT
from ecomops.ui.pages.tables.layout import Placed, layout_text, parse_layout

NAMES = ["source_id", "amount", "currency", "fee_total", "p"]
PLAIN = parse_layout("", NAMES)
SCRIPT = """
import { readFileSync } from "node:fs";
const { parsed, written, moved, shifted, changed } = await import(process.argv[1]);
const { names, texts } = JSON.parse(readFileSync(0));
console.log(JSON.stringify(texts.map((text) => {
  const layout = parsed(text, names);
  return { layout, text: written(layout, names),
           moved: written(moved(layout, names[1], names[3], true), names),
           shifted: written(shifted(layout, names[2], -1), names),
           pinned: written(changed(layout, names[3], { pinned: true }), names) };
})));
"""
PARTS = st.builds(
    lambda minus, name, width, pin: f"{minus}{name}{width}{pin}",
    st.sampled_from(("", "-")),
    st.sampled_from([*NAMES, "unheard", "", "P", "--"]),
    st.sampled_from(("", "-140", "-64", "-640", "-63", "-641", "-9999", "-1e3", "-٣٣٣")),
    st.sampled_from(("", "-p", "-p-p")),
)
TEXTS = st.lists(PARTS, max_size=7).map(".".join)


def in_browser(texts: list[str]) -> list[dict[str, Any]]:
    """What the browser's script makes of each text."""
    script = ROOT / "assets" / "explorer" / "layout.js"
    done = subprocess.run(
        [BIN / "node", "--input-type=module", "--eval", SCRIPT, "--", script.as_uri()],
        input=json.dumps({"names": NAMES, "texts": texts}),
        capture_output=True,
        text=True,
        check=True,
    )
    answer: list[dict[str, Any]] = json.loads(done.stdout)
    return answer


def test_as_it_comes_the_first_column_is_pinned_and_the_text_is_empty() -> None:
    assert (Placed("source_id", pinned=True), *map(Placed, NAMES[1:])) == PLAIN
    assert layout_text(PLAIN, NAMES) == ""


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("amount-140", (Placed("source_id", pinned=True), Placed("amount", width=140))),
        ("source_id.amount-p", (Placed("amount", pinned=True), Placed("source_id"))),
        ("-source_id", (Placed("source_id", hidden=True), Placed("amount"))),
        ("source_id-12-p", (Placed("source_id", pinned=True), Placed("amount"))),
    ],
)
def test_a_column_may_be_hidden_wider_pinned_and_elsewhere(
    text: str, first: tuple[Placed, ...]
) -> None:
    assert parse_layout(text, NAMES)[: len(first)] == first


@pytest.mark.parametrize("text", ["unheard.amount!.-", "..", "p-9999", "AMOUNT", "-p-p-p"])
def test_what_makes_no_sense_is_left_out(text: str) -> None:
    assert layout_text(parse_layout(text, NAMES), NAMES) == ""


def test_a_table_without_any_column_is_shown_as_it_comes() -> None:
    assert parse_layout(".".join(f"-{name}" for name in NAMES), NAMES) == PLAIN


@given(TEXTS)
def test_the_text_reproduces_the_layout(text: str) -> None:
    layout = parse_layout(text, NAMES)
    assert sorted(placed.name for placed in layout) == sorted(NAMES)
    assert parse_layout(layout_text(layout, NAMES), NAMES) == layout


def test_the_browser_reads_and_writes_the_same() -> None:
    texts: list[str] = []

    @given(TEXTS)
    def collect(text: str) -> None:
        texts.append(text)

    collect()
    for text, told in zip(texts, in_browser(texts), strict=True):
        layout = parse_layout(text, NAMES)
        assert told["layout"] == [asdict(placed) for placed in layout], text
        assert told["text"] == layout_text(layout, NAMES), text


def test_the_browser_moves_and_pins_columns() -> None:
    plain, pinned = in_browser(["", "amount-p"])
    assert plain["moved"] == "source_id-p.currency.fee_total"
    assert plain["shifted"] == "source_id-p.currency"
    assert plain["pinned"] == "source_id-p.fee_total-p"
    assert pinned["moved"] == "source_id-p.currency.fee_total"
