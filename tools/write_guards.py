"""Writes docs/guards.md from the list in tests/torture/guards: python tools/write_guards.py"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "guards.md"
HEAD = """\
# Guards, and the test that misses each

`make torture` takes every one of these {count} guards away, one at a time, in a copy of the
source; then the test beside it has to fail.

This page is written by `tools/write_guards.py` from `tests/torture/guards/`; a test compares the
two.
"""


def page() -> str:
    """The page as the list has it."""
    from tests.torture.mutations import MUTANTS, listed

    text = HEAD.format(count=len(MUTANTS))
    for kind, mutants in listed().items():
        title = kind.replace("-", " ").capitalize()
        text += f"\n## {title}\n\n| guard | in | test |\n| --- | --- | --- |\n"
        for one in mutants:
            tests = "<br>".join(f"`{test.removeprefix('tests/')}`" for test in one.tests)
            text += f"| {one.guard} | `{one.file}` | {tests} |\n"
    return text


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    PAGE.write_text(page())
