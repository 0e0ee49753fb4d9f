"""Guards that are taken away one at a time, and whether a test notices. They are in ``guards/``.

A mutant is one exact piece of source put in another's place, in a copy of the repository.
"""

from __future__ import annotations

import compileall
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from py_compile import PycInvalidationMode
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
GUARDS = Path(__file__).with_name("guards")
COPIED = ("ecomops", "tests", "workers", "alembic", "assets", "bench", "tools")
LEFT_OUT = (".git", ".venv", ".ecomops", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".web")
"""All else that stands beside them is there as it is."""
LONGEST = 120
STRANGE = ("ECOMOPS_", "PYTEST_", "DATABASE_", "REDIS_")
UNNOTICED = "its tests pass"


@dataclass(frozen=True)
class Mutant:
    """``guard`` in words; in ``file`` the text ``old`` becomes ``new``; one of ``tests`` fails."""

    guard: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def __str__(self) -> str:
        return self.guard


def listed() -> dict[str, tuple[Mutant, ...]]:
    """All guards by kind, as they stand in the files of that name."""
    files = sorted(GUARDS.glob("*.toml"))
    return {file.stem: tuple(_read(tomllib.loads(file.read_text())["guard"])) for file in files}


def _read(guards: list[dict[str, object]]) -> Iterator[Mutant]:
    for one in guards:
        given = {name: str(one[name]) for name in ("guard", "file", "old", "new")}
        tests = one["tests"]
        assert isinstance(tests, list)
        yield Mutant(**given, tests=tuple(tests))


MUTANTS = tuple(mutant for kind in listed().values() for mutant in kind)


class Copy:
    """A copy of the repository to be ruined, and a process that runs its tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._said = folder / "said.txt"
        environment = {k: v for k, v in os.environ.items() if not k.startswith(STRANGE)}
        environment |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        self._warm = subprocess.Popen(
            [sys.executable, "tests/torture/warm.py", str(LONGEST)], cwd=folder, env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def run(self, tests: Iterable[str]) -> tuple[int, str]:
        """Pytest's exit code, or that of its death, and what it said."""
        assert self._warm.stdin is not None
        assert self._warm.stdout is not None
        request = [["-x", "-p", "no:cacheprovider", "--tb=short", *tests], str(self._said)]
        print(json.dumps(request), file=self._warm.stdin, flush=True)
        return int(self._warm.stdout.readline()), self._said.read_text(errors="replace")

    def close(self) -> None:
        """End the process."""
        self._warm.kill()
        self._warm.communicate()


@contextmanager
def copied() -> Iterator[Copy]:
    """A copy of the repository as it is now."""
    with TemporaryDirectory(prefix="ecomops-mutants-") as name:
        folder = Path(name)
        for part in COPIED:
            skipped = shutil.ignore_patterns("__pycache__", "node_modules")
            shutil.copytree(ROOT / part, folder / part, ignore=skipped)
            # By the source's digest: a change within the same second would not be seen by its time.
            compileall.compile_dir(
                folder / part, quiet=1, invalidation_mode=PycInvalidationMode.CHECKED_HASH
            )
        for path in ROOT.iterdir():
            if path.name not in (*COPIED, *LEFT_OUT):
                (folder / path.name).symlink_to(path)
        with closing(Copy(folder)) as copy:
            yield copy


def survives(mutant: Mutant, copy: Copy) -> str:
    """Empty when a test noticed the mutant; else what happened instead."""
    file = copy.folder / mutant.file
    source = file.read_text()
    if source.count(mutant.old) != 1:
        return f"its source stands {source.count(mutant.old)} times in {mutant.file}"
    file.write_text(source.replace(mutant.old, mutant.new))
    try:
        return _verdict(*copy.run(mutant.tests))
    finally:
        file.write_text(source)


def _verdict(code: int, said: str) -> str:
    # A test failed. That none could begin, or that it took too long, is no verdict on the guard.
    if code == 1 and "\nFAILED " in said:
        return ""
    return UNNOTICED if code == 0 else f"no verdict ({code}): {said[-1_000:]}"
