"""What the person at the terminal sees: one line a phase, and its duration."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

NAME_WIDTH = 14
CLEAR_LINE = "\r\x1b[2K"
FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
GREEN, RED, YELLOW, DIM, BOLD = ("\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[2m", "\x1b[1m")


class Phase:
    """A phase under way; `detail` says what is being done, and at the end what was done."""

    def __init__(self, name: str, detail: str) -> None:
        self.name = name
        self.detail = detail
        self.began = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


class Console:
    """Writes phases and notices: alive in a terminal, plain lines in a log."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout
        self.alive = self.stream.isatty() and os.environ.get("TERM") != "dumb"
        self.coloured = self.alive and "NO_COLOR" not in os.environ

    @contextmanager
    def phase(self, name: str, detail: str = "") -> Iterator[Phase]:
        """Show a phase while the block runs, then its outcome and duration."""
        phase = Phase(name, detail)
        done = threading.Event()
        spinner = threading.Thread(target=self._spin, args=(phase, done), daemon=True)
        if self.alive:
            spinner.start()
        try:
            yield phase
        except BaseException:
            self._finish(phase, done, spinner, "✗", RED)
            raise
        self._finish(phase, done, spinner, "✓", GREEN)

    def notice(self, text: str) -> None:
        """Something worth a line that is not a phase: a child that died, a file to look at."""
        clear = CLEAR_LINE if self.alive else ""
        self._write(f"{clear}{self._colour('!', YELLOW)} {text}\n")

    def say(self, text: str = "") -> None:
        """Plain words."""
        self._write(f"{text}\n")

    def bold(self, text: str) -> str:
        """The text, emphasised where the terminal can."""
        return self._colour(text, BOLD)

    def _finish(
        self, phase: Phase, done: threading.Event, spinner: threading.Thread, mark: str, hue: str
    ) -> None:
        done.set()
        if spinner.is_alive():
            spinner.join()
        duration = self._colour(f"{phase.seconds:6.1f} s", DIM)
        line = f"{self._colour(mark, hue)} {phase.name:<{NAME_WIDTH}} {duration}  {phase.detail}"
        self._write((CLEAR_LINE if self.alive else "") + line.rstrip() + "\n")

    def _spin(self, phase: Phase, done: threading.Event) -> None:
        frame = 0
        while not done.wait(0.1):
            frame = (frame + 1) % len(FRAMES)
            name = f"{phase.name:<{NAME_WIDTH}}"
            self._write(
                f"{CLEAR_LINE}{FRAMES[frame]} {name} {phase.seconds:6.0f} s  {phase.detail}"
            )

    def _colour(self, text: str, code: str) -> str:
        return f"{code}{text}\x1b[0m" if self.coloured else text

    def _write(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()
