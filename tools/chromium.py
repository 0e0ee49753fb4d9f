"""The Chromium of the browser tests and the screenshots: there, and started the same way."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tools.packages import install, may_install

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

QUIET = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def main() -> None:
    """Debian's package where we may install one, else Playwright's own build."""
    if shutil.which("chromium") or _playwright_has_one():
        return
    print("  Chromium       ...", flush=True)
    if not (may_install() and install("chromium")):
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


def launch(playwright: Playwright) -> Browser:
    """Debian's Chromium where there is one, else Playwright's own; it makes no calls of its own."""
    sandboxed = [] if os.geteuid() else ["--no-sandbox"]
    found = shutil.which("chromium")
    return playwright.chromium.launch(executable_path=found, args=[*QUIET, *sandboxed])


def _playwright_has_one() -> bool:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


if __name__ == "__main__":
    main()
