"""`make run` installs once, and says in a sentence what a machine lacks."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
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
    monkeypatch.setattr(module, "LOG", str(tmp_path / ".venv" / "install.log"))
    monkeypatch.setattr(module, "UNFINISHED", str(tmp_path / ".venv" / "installing"))
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / "requirements.txt").write_text("reflex==0.10.1\n")
    return module


@pytest.fixture
def installed(install: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    monkeypatch.setattr(install, "has_pip", lambda: True)
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


def test_it_can_be_read_by_a_python_of_ten_years_ago() -> None:
    source = (ROOT / "tools" / "install.py").read_text()
    ast.parse(source, feature_version=(3, 6))


def test_a_real_old_python_is_told_too(tmp_path: Path) -> None:
    """The version check comes before anything that such a Python could not do."""
    source = (ROOT / "tools" / "install.py").read_text()
    pretend = f"import sys; sys.version_info = (3, 8, 0)\n{source}"
    script = tmp_path / "install.py"
    script.write_text(pretend)
    done = subprocess.run([sys.executable, script, "x.txt"], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("ecomops needs Python 3.11 or newer, and this is 3.8.")
    assert done.stderr.count("\n") == 1


def test_packages_of_a_killed_install_are_not_trusted(
    install: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    monkeypatch.setattr(install, "make_environment", lambda: made.append("environment"))
    monkeypatch.setattr(install, "has_pip", lambda: True)

    def killed(_files: list[str]) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(install, "install", killed)
        with pytest.raises(KeyboardInterrupt):
            install.main(["requirements.txt"])
    assert made == []
    monkeypatch.setattr(install, "install", lambda _files: None)
    install.main(["requirements.txt"])
    assert made == ["environment"]


def test_an_environment_killed_before_it_had_pip_is_made_anew(
    install: ModuleType, tmp_path: Path
) -> None:
    assert not install.has_pip()
    python = tmp_path / ".venv" / "bin" / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    assert not install.has_pip()
    install.make_environment()
    assert install.has_pip()


@pytest.mark.parametrize(
    ("log", "told"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("No matching distribution", "Packages could not be installed; see"),
    ],
)
def test_a_failed_install_says_why_and_may_be_tried_again(
    install: ModuleType, tmp_path: Path, log: str, told: str
) -> None:
    python = tmp_path / ".venv" / "bin" / "python"
    python.write_text(f"#!/bin/sh\n[ \"$3\" = --version ] || {{ echo '{log}'; exit 1; }}\n")
    python.chmod(0o755)
    with pytest.raises(SystemExit, match=told):
        install.main(["requirements.txt"])
    assert not (tmp_path / ".venv" / "installing").exists()
