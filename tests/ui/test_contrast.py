"""Contrast of the design tokens, by WCAG 2.2: text 4.5 to 1, borders of controls 3 to 1."""

import re
from pathlib import Path

import pytest

from ecomops.ui.components.badges import TONES

STYLES = Path(__file__).parents[2] / "assets" / "styles"
PAIR = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
TOKENS = {name: pair for name, *pair in PAIR.findall((STYLES / "tokens.css").read_text())}

SURFACES = ("background", "panel", "hover")
TEXT = [
    *((ink, surface) for ink in ("ink", "muted", "faint", "accent") for surface in SURFACES),
    *((tone, f"{tone}-soft") for tone in ("green", "amber", "red", "blue", "purple", "accent")),
    *((tone, "panel") for tone in ("green", "amber", "red", "blue", "purple")),
    ("muted", "gray-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("ink", "accent-soft"),
    ("muted", "accent-soft"),
]
CONTROLS = [("line-strong", "panel"), ("accent", "panel"), ("accent", "background")]


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb``, as WCAG defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """From 1, the same, to 21, black on white."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_measure_itself() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "surface"), TEXT)
def test_text_can_be_read(text: str, surface: str, theme: int) -> None:
    assert contrast(TOKENS[text][theme], TOKENS[surface][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "surface"), CONTROLS)
def test_controls_can_be_made_out(edge: str, surface: str, theme: int) -> None:
    assert contrast(TOKENS[edge][theme], TOKENS[surface][theme]) >= 3


def test_every_tone_has_its_style() -> None:
    rules = (STYLES / "controls.css").read_text()
    assert all(f'.badge[data-tone="{tone}"]' in rules for tone in set(TONES.values()))


def test_every_token_in_use_exists() -> None:
    defined = set(re.findall(r"^\s*--([\w-]+):", "".join(all_styles()), re.M))
    used = set(re.findall(r"var\(--([\w-]+)\)", "".join(all_styles())))
    assert used <= defined


def all_styles() -> list[str]:
    return [path.read_text() for path in sorted(STYLES.glob("*.css"))]
