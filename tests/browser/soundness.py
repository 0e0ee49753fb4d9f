"""What every page must be, whatever it shows."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

GRAVE = ("serious", "critical")
RUN_AXE = "() => axe.run({resultTypes: ['violations']})"
SETTLED = """() => Promise.allSettled(document.getAnimations()
  .filter(it => it.effect.getComputedTiming().iterations !== Infinity)
  .map(it => it.finished))"""
# Scrolls sideways by itself: what is wider than its box and is not meant to be.
TOO_WIDE = """() => [document.documentElement, document.querySelector("main")]
  .filter(box => box && box.scrollWidth > box.clientWidth)
  .map(box => `${box.tagName} ${box.scrollWidth} > ${box.clientWidth}`)"""


def settle(page: Page) -> None:
    """Wait until nothing on the page changes its colours any more."""
    page.evaluate(SETTLED)


def axe_violations(page: Page) -> list[str]:
    """What axe-core finds serious or critical on the page as it is now."""
    page.evaluate(AXE_SCRIPT)
    found: dict[str, Any] = page.evaluate(RUN_AXE)
    return [
        f"{violation['id']}: {node['target']} {node['html'][:120]}"
        for violation in found["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]


def too_wide(page: Page) -> list[str]:
    """Boxes that would make a person scroll sideways."""
    wide: list[str] = page.evaluate(TOO_WIDE)
    return wide
