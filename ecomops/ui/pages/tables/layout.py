"""How the columns of a table are arranged, as text for its address. Pure.

``assets/explorer/layout.js`` reads and writes the same in the browser, where columns are dragged;
a test holds them together. The columns in their order, joined by dots:
``source_id-p.amount-140.-currency``. A minus before a name hides the column, a number behind it is
its width in pixels, ``-p`` pins it to the left. Columns that are not named follow as they come,
the table's first one pinned.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

NARROWEST, WIDEST = 64, 640
_PART = re.compile(r"(-?)([a-z][a-z0-9_]*?)(?:-([0-9]{2,3}))?(-p)?")


@dataclass(frozen=True, slots=True)
class Placed:
    """A column in its place. ``width`` is in pixels; 0: as wide as its kind needs."""

    name: str
    hidden: bool = False
    width: int = 0
    pinned: bool = False

    def __str__(self) -> str:
        hidden = "-" if self.hidden else ""
        width = f"-{self.width}" if self.width else ""
        return f"{hidden}{self.name}{width}{'-p' if self.pinned else ''}"


def parse_layout(text: str, names: Sequence[str]) -> tuple[Placed, ...]:
    """All columns in the order of the screen, pinned ones first; nonsense is left out."""
    found: dict[str, Placed] = {}
    for part in text.split("."):
        placed = _placed(part)
        if placed and placed.name in names and placed.name not in found:
            found[placed.name] = placed
    every = [*found.values(), *_as_they_come(names, found.values())]
    if all(placed.hidden for placed in every):
        every = _as_they_come(names, ())
    return tuple(sorted(every, key=lambda placed: not placed.pinned))


def layout_text(layout: Sequence[Placed], names: Sequence[str]) -> str:
    """The shortest text that means the layout."""
    named = len(layout)
    while named and [*layout[named - 1 :]] == _as_they_come(names, layout[: named - 1]):
        named -= 1
    return ".".join(map(str, layout[:named]))


def _as_they_come(names: Sequence[str], named: Iterable[Placed]) -> list[Placed]:
    taken = {placed.name for placed in named}
    return [Placed(name, pinned=name == names[0]) for name in names if name not in taken]


def _placed(part: str) -> Placed | None:
    match = _PART.fullmatch(part)
    if match is None:
        return None
    hidden, name, digits, pinned = match.groups()
    width = int(digits or 0)
    fits = NARROWEST <= width <= WIDEST
    return Placed(name, hidden == "-", width if fits else 0, pinned is not None)
