"""`make run` installs once, and says in a sentence what a machine lacks."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from ecomops.local.project import ROOT


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """tools/install.py, working on an empty folder and without a network."""
    spec = importlib.util.spec_from_file_location("install", ROOT / "tools" / "install.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.chdir(tmp_path)
    for name, value in {"ROOT": tmp_path, "VENV": tmp_path / ".venv"}.items():
        monkeypatch.setattr(module, name, str(value))
    monkeypatch.setattr(module, "PYTHON", str(tmp_path / ".venv" / "bin" / "python"))
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / "requirements.txt").write_text("reflex==0.10.1\n")
    return module


@pytest.fixture
def installed(install: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    calls: list[list[str]] = []
    monkeypatch.setattr(install, "install", calls.append)
    monkeypatch.setattr(install, "make_environment", lambda: None)
    return calls


def test_it_installs_again_only_when_the_pins_change(
    install: ModuleType, installed: list[list[str]], tmp_path: Path
) -> None:
    install.main(["requirements.txt"])
    install.main(["requirements.txt"])
    assert installed == [["requirements.txt"]]
    (tmp_path / "requirements.txt").write_text("reflex==0.10.2\n")
    install.main(["requirements.txt"])
    assert len(installed) == 2


def test_an_interrupted_install_is_done_again(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch, installed: list[list[str]]
) -> None:
    def fail(_files: list[str]) -> None:
        raise SystemExit("no network")

    with monkeypatch.context() as patch:
        patch.setattr(install, "install", fail)
        with pytest.raises(SystemExit):
            install.main(["requirements.txt"])
    install.main(["requirements.txt"])
    assert installed == [["requirements.txt"]]


def test_an_old_python_is_told_what_to_do(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install.sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer, and this is 3\.9\. Name"):
        install.main(["requirements.txt"])
