"""The compiled front end: when it is stale, and how it is built."""

from __future__ import annotations

import hashlib
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

from ecomops.local.children import spawn, stop_process, tail
from ecomops.local.errors import LocalStackError
from ecomops.local.logs import fresh_log
from ecomops.local.node import BIN, npm_environment
from ecomops.local.space import TO_BUILD, require_space

WEB = ".web"
BUILT_PAGE = f"{WEB}/build/client/404.html"
STAMP = f"{WEB}/ecomops.fingerprint"
UNFINISHED = f"{WEB}/node_modules/.ecomops-building"
INPUT_FILES = ("rxconfig.py", "requirements.txt")
INPUT_FOLDERS = ("ecomops", "assets", "reflex.lock")
# Nothing in these can reach a page; all else may, as an initial value or a label.
OUTSIDE = ("ecomops/local", "ecomops/sandbox")


def fingerprint(project: Path) -> str:
    """Digest of everything the compiled pages are made from."""
    digest = hashlib.sha256()
    for path in sorted(_inputs(project)):
        digest.update(f"{path.relative_to(project)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_current(project: Path) -> bool:
    """Whether the built pages are those of the sources as they are now."""
    stamp = project / STAMP
    built = stamp.exists() and (project / BUILT_PAGE).exists()
    return built and stamp.read_text().strip() == fingerprint(project)


def build_if_stale(project: Path, data_dir: Path) -> bool:
    """Build unless the build is current; says whether it built."""
    if is_current(project):
        return False
    data_dir.mkdir(parents=True, exist_ok=True)
    build(project, reflex_dir=data_dir / "reflex", log=fresh_log(data_dir / "logs", "build"))
    return True


def build(project: Path, *, reflex_dir: Path, log: Path) -> None:
    """Compile the pages for production into `.web`.

    Raises LocalStackError with the end of the log.
    """
    (project / STAMP).unlink(missing_ok=True)
    unfinished = project / UNFINISHED
    if unfinished.exists():
        # Neither npm nor Reflex mends every half-made folder.
        shutil.rmtree(project / WEB, ignore_errors=True)
    require_space(project, TO_BUILD, setting="")
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    unfinished.touch()
    process = spawn(
        [BIN / "python", "-m", "reflex", "export", "--frontend-only", "--no-zip"],
        log=log,
        env=npm_environment(reflex_dir),
        cwd=project,
    )
    try:
        code = process.wait()
    finally:
        stop_process(process, signal.SIGTERM, seconds=2)
    if code != 0:
        raise LocalStackError(f"The front end could not be built; see {log}\n{tail(log, lines=25)}")
    (project / STAMP).write_text(fingerprint(project) + "\n")
    unfinished.unlink(missing_ok=True)


def _inputs(project: Path) -> Iterator[Path]:
    yield from (path for name in INPUT_FILES if (path := project / name).is_file())
    for folder in INPUT_FOLDERS:
        for path in (project / folder).rglob("*"):
            if path.is_file() and _counts(path.relative_to(project)):
                yield path


def _counts(path: Path) -> bool:
    skipped = path.suffix == ".pyc" or any(path.is_relative_to(outside) for outside in OUTSIDE)
    # Reflex links assets of installed packages there while it compiles.
    return not skipped and not path.is_relative_to("assets/external")
