"""What a page complains about behind a person's back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, ConsoleMessage, Page

REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`CSP ${event.effectiveDirective} refused ${event.blockedURI}: ${event.sample}`);
});
"""


@dataclass
class Troubles:
    """Errors of the console, of scripts and of the Content-Security-Policy in a context.

    ``expected`` are regular expressions of what a test provokes.
    """

    expected: Sequence[str] = ()
    found: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("page", self._watch_page)

    @property
    def unexpected(self) -> list[str]:
        return [text for text in self.found if not any(re.search(p, text) for p in self.expected)]

    def _watch_page(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.found.append(f"{page.url}: {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "assert") or "Content Security Policy" in message.text:
            self.found.append(f"{message.location.get('url', '')}: {message.text}")
