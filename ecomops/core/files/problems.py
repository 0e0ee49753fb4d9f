"""What is wrong with a file, by line and column."""

from dataclasses import dataclass, field

MOST_KEPT = 200
LONGEST_QUOTE = 80


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. ``line`` counts from 1 as an editor does; ``text`` is what stands there."""

    line: int
    column: str
    text: str
    message: str


@dataclass(slots=True)
class Problems:
    """All mistakes are counted, the first ones kept."""

    count: int = 0
    kept: list[Problem] = field(default_factory=list)

    def add(self, line: int, column: str, text: str, message: str) -> None:
        self.count += 1
        if len(self.kept) < MOST_KEPT:
            quote = text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"
            self.kept.append(Problem(line, column, quote, message))
