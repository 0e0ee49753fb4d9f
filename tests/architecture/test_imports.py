"""The import contracts are there, and each of them breaks when it is broken."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.rules import ROOT

LAYERS = [
    {"ecomops.ecomops"},
    {"ecomops.ui", "ecomops.api", "ecomops.mcp", "workers", "ecomops.local"},
    {"ecomops.operations"},
    {"ecomops.runtime"},
    {"ecomops.workflows"},
    {"ecomops.domains"},
    {"ecomops.connectors", "ecomops.models"},
    {"ecomops.core"},
    {"ecomops.kit"},
]

# One import that breaks each contract; the file gets it as its last line.
PLANTED = {
    "Imports point downwards": ("ecomops/kit/ids.py", "import ecomops.core.money"),
    "Domains form a DAG": ("ecomops/domains/access/rules.py", "import ecomops.domains.sync.store"),
    "Pages do not know each other": (
        "ecomops/ui/pages/jobs/parts.py",
        "import ecomops.ui.pages.tables.parts",
    ),
    "Domains see connector records, never a provider client": (
        "ecomops/domains/sync/store.py",
        "import ecomops.connectors.stripe.client",
    ),
    "Only the UI imports reflex": ("ecomops/domains/jobs/service.py", "import reflex"),
    "Only workers and runtime import celery": ("ecomops/api/health.py", "import celery"),
    "The core is pure": ("ecomops/core/money.py", "import httpx"),
    "The provider sandbox knows nothing of the product": (
        "ecomops/sandbox/oracle.py",
        "import ecomops.connectors.stripe.money",
    ),
}


@pytest.fixture(scope="module")
def contracts() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    return parser


def test_the_layers_are_those_of_the_architecture(contracts: configparser.ConfigParser) -> None:
    told = contracts["importlinter:contract:layers"]["layers"].split("\n")
    layers = [{name.strip("() ") for name in layer.split("|")} for layer in told if layer.strip()]
    assert layers == LAYERS


def test_every_contract_is_tried_below(contracts: configparser.ConfigParser) -> None:
    names = {contracts[s]["name"] for s in contracts.sections() if ":contract:" in s}
    assert names - PLANTED.keys() <= {"Providers do not know each other"}
    assert names >= PLANTED.keys()


def test_each_contract_notices_an_import_that_breaks_it(tmp_path: Path) -> None:
    for package in ("ecomops", "workers"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__py*"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    for file, line in PLANTED.values():
        with (tmp_path / file).open("a") as source:
            source.write(f"\n{line}\n")
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [linter, "--no-cache", "--config", ".importlinter"],
        cwd=tmp_path, text=True, capture_output=True,
    )  # fmt: skip
    told = " ".join(done.stdout.split())
    assert done.returncode == 1, done.stdout
    for name in PLANTED:
        assert f"{name} BROKEN" in told, name
