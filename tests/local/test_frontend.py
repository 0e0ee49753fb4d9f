"""When the front end counts as stale, and that one build serves every address."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecomops.local import frontend
from ecomops.local.errors import LocalStackError
from ecomops.local.project import ROOT
from ecomops.ui.same_origin import FULL_ADDRESS, connect_to_own_origin


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in {
        "rxconfig.py": "config",
        "requirements.txt": "reflex==0.10.1",
        "ecomops/ui/page.py": "page",
        "ecomops/local/up.py": "supervisor",
        "assets/logo.svg": "<svg/>",
        "tests/test_page.py": "test",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def mark_built(project: Path) -> None:
    page = project / frontend.BUILT_PAGE
    page.parent.mkdir(parents=True)
    page.write_text("<html/>")
    (project / frontend.STAMP).write_text(frontend.fingerprint(project))


@pytest.mark.parametrize(
    "name",
    ["rxconfig.py", "requirements.txt", "ecomops/ui/page.py", "assets/logo.svg", "assets/new.css"],
)
def test_a_changed_input_makes_the_build_stale(project: Path, name: str) -> None:
    mark_built(project)
    assert frontend.is_current(project)
    (project / name).write_text("changed")
    assert not frontend.is_current(project)


@pytest.mark.parametrize(
    "name",
    [
        "ecomops/local/up.py",
        "ecomops/ui/__pycache__/page.cpython-311.pyc",
        "assets/external/linked.js",
        "tests/test_page.py",
        "README.md",
    ],
)
def test_what_cannot_reach_a_page_does_not(project: Path, name: str) -> None:
    mark_built(project)
    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).write_text("changed")
    assert frontend.is_current(project)


def test_a_moved_file_is_a_change(project: Path) -> None:
    mark_built(project)
    (project / "assets/logo.svg").rename(project / "assets/mark.svg")
    assert not frontend.is_current(project)


def test_a_build_without_its_pages_is_stale(project: Path) -> None:
    mark_built(project)
    (project / frontend.BUILT_PAGE).unlink()
    assert not frontend.is_current(project)


def test_a_failed_build_leaves_no_stamp(project: Path, tmp_path: Path) -> None:
    mark_built(project)
    (project / "rxconfig.py").write_text("raise SystemExit('no such setting')")
    with pytest.raises(LocalStackError, match="could not be built"):
        frontend.build_if_stale(project, tmp_path / "data")
    assert not (project / frontend.STAMP).exists()


def test_the_lock_of_npm_packages_names_no_place_to_fetch_from() -> None:
    lock = (ROOT / "reflex.lock" / "package-lock.json").read_text()
    assert '"integrity"' in lock
    assert '"resolved"' not in lock


def reflex_source() -> str:
    import reflex_base

    web = Path(reflex_base.__file__).parent / ".templates" / "web"
    return (web / "utils" / "state.js").read_text()


def test_reflex_still_finds_its_server_where_we_change_it() -> None:
    changed = connect_to_own_origin(reflex_source())
    assert "endpoint.host = window.location.host;" in changed
    assert connect_to_own_origin(changed) == changed


def test_an_upgrade_that_moved_it_is_noticed() -> None:
    with pytest.raises(ValueError, match="has changed"):
        connect_to_own_origin(reflex_source().replace(FULL_ADDRESS, "const other = 1;"))


def test_our_names_of_reflexs_switches_are_its_own() -> None:
    from reflex_base.environment import environment

    from ecomops.local.web import PRODUCTION

    assert set(PRODUCTION) == {
        environment.REFLEX_ENV_MODE.name,
        environment.REFLEX_SKIP_COMPILE.name,
        environment.REFLEX_MOUNT_FRONTEND_COMPILED_APP.name,
    }
