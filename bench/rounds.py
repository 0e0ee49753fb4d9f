"""Two ways of doing the same, taken in turns, so that a busy machine slows both."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Seconds:
    """Median time of each."""

    ours: float
    reference: float


def timed(work: Work) -> float:
    """Seconds that ``work`` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def in_turns(ours: Work, reference: Work, *, rounds: int) -> Seconds:
    """Do both ``rounds`` times, each first in half of them."""
    gc.collect()  # What came before is not to be paid for here.
    found: tuple[list[float], list[float]] = ([], [])
    turns = list(zip((ours, reference), found, strict=True))
    for number in range(rounds):
        for work, spent in turns if number % 2 == 0 else reversed(turns):
            spent.append(timed(work))
    return Seconds(median(found[0]), median(found[1]))
