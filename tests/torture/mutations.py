"""Guards that are taken away one at a time, and whether a test notices. They are in guards.toml.

A mutant is one exact piece of source put in another's place, in a copy of the repository.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
GUARDS = Path(__file__).with_name("guards.toml")
COPIED = ("ecomops", "tests", "workers", "alembic", "assets", "bench")
FILES = ("alembic.ini", "pyproject.toml", "rxconfig.py", ".importlinter", "docs", "Makefile")
LONGEST = 900
UNNOTICED = "its tests pass"


@dataclass(frozen=True)
class Mutant:
    """``guard`` in words; in ``file`` the text ``old`` becomes ``new``; ``tests`` must fail."""

    guard: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def __str__(self) -> str:
        return self.guard


MUTANTS = tuple(
    Mutant(**one | {"tests": tuple(one["tests"])})
    for one in tomllib.loads(GUARDS.read_text())["guard"]
)


@contextmanager
def copied() -> Iterator[Path]:
    """A copy of the repository to be ruined."""
    with TemporaryDirectory(prefix="ecomops-mutants-") as folder:
        place = Path(folder)
        for name in COPIED:
            skipped = shutil.ignore_patterns("__pycache__", "node_modules")
            shutil.copytree(ROOT / name, place / name, ignore=skipped)
        for name in FILES:
            (place / name).symlink_to(ROOT / name)
        yield place


def survives(mutant: Mutant, place: Path) -> str:
    """Empty when a test noticed the mutant; else what happened instead."""
    file = place / mutant.file
    source = file.read_text()
    if source.count(mutant.old) != 1:
        return f"its source stands {source.count(mutant.old)} times in {mutant.file}"
    file.write_text(source.replace(mutant.old, mutant.new))
    try:
        return _unnoticed(mutant, place)
    finally:
        file.write_text(source)


def _unnoticed(mutant: Mutant, place: Path) -> str:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *mutant.tests]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ECOMOPS_", "PYTEST_"))}
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
        environment.pop(name, None)
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    try:
        ended = subprocess.run(
            command, cwd=place, env=environment, capture_output=True, text=True, timeout=LONGEST
        )
    except subprocess.TimeoutExpired:
        return ""  # Something waits for ever that did not before.
    # 1: tests failed. Anything but that and 0 is no verdict about the guard.
    verdicts = {0: UNNOTICED, 1: ""}
    return verdicts.get(ended.returncode, f"pytest ended with {ended.returncode}")
