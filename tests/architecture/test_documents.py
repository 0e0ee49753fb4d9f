"""What the documents promise to tell, they tell."""

from __future__ import annotations

import importlib
import pkgutil
import re

import click
import pytest

import ecomops
from ecomops.__main__ import main
from ecomops.domains.access.rules import PERMISSIONS
from ecomops.kit.errors import EcomopsError
from ecomops.kit.settings import Settings
from tests.architecture.rules import ROOT
from tools import write_guards
from tools.write_permissions import PAGE, page

OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
ERRORS = (ROOT / "docs" / "errors.md").read_text()
ROW = re.compile(r"^\| `(\w+)` \| ?(\d*) \| (.+) \| (.+) \|$", re.MULTILINE)
SETTINGS = [str(field.validation_alias) for field in Settings.model_fields.values()]


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_explained(name: str) -> None:
    assert re.search(rf"^\| `{name}` \| .+ \| .{{8,}} \|$", OPERATIONS, re.MULTILINE)


def test_every_explained_setting_is_one() -> None:
    explained = set(re.findall(r"^\| `([A-Z][A-Z_]+)` \|", OPERATIONS, re.MULTILINE))
    assert explained - set(SETTINGS) == {"DATABASE_ADMIN_URL"}, "read by migrate alone"


def test_the_example_file_names_settings_only() -> None:
    named = set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    compose = {"POSTGRES_PASSWORD", "ECOMOPS_OWNER_PASSWORD", "ECOMOPS_APP_PASSWORD"}
    assert named - set(SETTINGS) - compose - {"REDIS_PASSWORD"} == set()


def commands(group: click.Group, path: str = "") -> list[str]:
    found = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += commands(command, f"{path}{name} ")
        else:
            found.append(f"{path}{name}")
    return found


@pytest.mark.parametrize("command", commands(main))
def test_every_command_is_explained(command: str) -> None:
    assert re.search(rf"^\| `{command}[ `]", OPERATIONS, re.MULTILINE)


@pytest.mark.parametrize("command", commands(main))
def test_every_command_helps(command: str) -> None:
    found: click.Command = main
    for name in command.split():
        assert isinstance(found, click.Group)
        found = found.commands[name]
    assert found.help


def errors() -> dict[str, set[int]]:
    """Code → the statuses it is answered with, over every class of the product."""
    for module in pkgutil.walk_packages(ecomops.__path__, "ecomops."):
        if not module.name.startswith(("ecomops.ecomops", "ecomops.__main__")):
            importlib.import_module(module.name)
    found: dict[str, set[int]] = {}
    waiting: list[type[EcomopsError]] = [EcomopsError]
    while waiting:
        kind = waiting.pop()
        found.setdefault(kind.code, set()).add(kind.status)
        waiting += kind.__subclasses__()
    return found


def test_every_error_is_explained_with_its_status() -> None:
    explained = {code: status for code, status, *_ in ROW.findall(ERRORS)}
    ours = {code: {str(status) for status in statuses} for code, statuses in errors().items()}
    of_jobs_alone = {"attempts_exhausted": ""}
    assert {code: {status} for code, status in explained.items()} == ours | {
        code: {status} for code, status in of_jobs_alone.items()
    }


def test_the_permissions_page_is_the_table_in_the_code() -> None:
    assert PAGE.read_text() == page(), "run: python tools/write_permissions.py"
    assert page().count("✓") == sum(map(len, PERMISSIONS.values()))


def test_the_guards_page_is_the_list_that_is_tried() -> None:
    assert write_guards.PAGE.read_text() == write_guards.page(), "run: python tools/write_guards.py"


def test_links_between_the_documents_lead_somewhere() -> None:
    for document in [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"
