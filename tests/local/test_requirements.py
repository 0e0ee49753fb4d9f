"""A fresh machine gets everything the code imports, and learns nothing of ours."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest

from ecomops.local.project import ROOT

PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==[^ ]+$", re.MULTILINE)
OURS = {"bench", "ecomops", "tests", "tools", "workers"}


def pins(name: str) -> set[str]:
    return {plain(found) for found in PINNED.findall((ROOT / name).read_text())}


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(folders: tuple[str, ...]) -> set[str]:
    files = chain.from_iterable((ROOT / folder).rglob("*.py") for folder in folders)
    modules = set(chain.from_iterable(modules_of(file) for file in files))
    return modules - set(sys.stdlib_module_names) - OURS


def modules_of(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def missing(folders: tuple[str, ...], pinned: set[str]) -> set[str]:
    brings = packages_distributions()
    return {
        module
        for module in imported(folders)
        if not pinned & {plain(name) for name in brings.get(module, [])}
    }


def test_what_the_product_imports_is_pinned() -> None:
    assert missing(("ecomops", "workers", "alembic"), pins("requirements.txt")) == set()


def test_what_tests_and_tools_import_is_pinned() -> None:
    pinned = pins("requirements.txt") | pins("requirements-dev.txt")
    assert missing(("tests", "tools", "bench"), pinned) == set()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_the_pins_hold_nothing_else(name: str) -> None:
    text = (ROOT / name).read_text()
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert lines
    assert [line for line in lines if not PINNED.match(line)] == []
    assert not re.search(r"://|--index|--find-links|--trusted", text)
