"""A start that cannot succeed says why in a sentence; one that was broken off is mended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from ecomops.local import frontend, space
from ecomops.local.databases import create_databases
from ecomops.local.errors import LocalStackError
from ecomops.local.local_env import check_local_env
from ecomops.local.ports import kept_port
from ecomops.local.postgres import EmbeddedPostgres
from ecomops.local.project import ROOT
from ecomops.local.space import require_space
from ecomops.local.strays import MARK, end_strays_of
from ecomops.local.system_errors import in_words
from tests.ports import own_port

PORTS = {"ECOMOPS_PORT": str(own_port()), "ECOMOPS_SANDBOX_PORT": str(own_port())}


def up(data_dir: Path, *, before: str = "") -> str:
    """What a start that must fail says; `before` is code that runs in its process first."""
    code = f"{before}\nimport runpy, sys; sys.argv = ['ecomops', 'up']\n"
    code += "runpy.run_module('ecomops', None, '__main__')"
    done = subprocess.run(
        [sys.executable, "-B", "-c", code],
        cwd=ROOT,
        env={"PATH": os.defpath, "ECOMOPS_DATA_DIR": str(data_dir)} | PORTS,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    assert done.stderr.startswith("Error: ")
    return done.stderr


def eventually(condition: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


# What a person has to put right.


def test_a_data_directory_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = up(tmp_path / "file" / "data")
    assert f"cannot write to {tmp_path}/file/data (Not a directory)" in told
    assert "ECOMOPS_DATA_DIR" in told
    assert told.count("\n") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="/sys and /proc")
def test_a_data_directory_where_nobody_may_write() -> None:
    told = up(Path("/sys/ecomops"))
    assert "cannot write to /sys/ecomops" in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("number", [13, 1, 30])
def test_a_refusal_of_the_system_is_put_in_words(number: int) -> None:
    error = OSError(number, os.strerror(number), "/data/local.env")
    told = in_words(error)
    assert told is not None
    assert f"/data/local.env ({os.strerror(number)})" in told
    assert "Give its account the right" in told
    assert in_words(OSError(5, "I/O error")) is None


@pytest.mark.parametrize(
    "content", [b"\x00\xff\xfe garbage", b"ECOMOPS_SECRET_KEY=x\nhalf a li", b"A=\x01\x02\n"]
)
def test_a_corrupted_local_env(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "local.env").write_bytes(content)
    told = up(tmp_path)
    assert f"{tmp_path}/local.env is damaged in line" in told
    assert "Put your copy of it back" in told
    assert (tmp_path / "local.env").read_bytes() == content


def test_lost_keys_are_never_replaced_while_there_is_a_database(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "data").mkdir(parents=True)
    assert "has lost ECOMOPS_ENCRYPTION_KEYS" in up(tmp_path)
    assert not (tmp_path / "local.env").exists()


def test_a_file_that_a_person_has_edited_is_fine(tmp_path: Path) -> None:
    (tmp_path / "local.env").write_text(
        "# mine\n\nECOMOPS_PORT = 3001\nECOMOPS_BASE_URL=http://ü\n"
    )
    check_local_env(tmp_path)


def test_a_database_of_another_postgresql(folder: Path) -> None:
    data = folder / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("19\n")
    (folder / "local.env").write_text("ECOMOPS_ENCRYPTION_KEYS=" + "A" * 43 + "=\n")
    told = up(folder)
    assert "is PostgreSQL 19, and this ecomops has 18" in told
    assert "restore" in told
    assert told.count("\n") == 1


def test_a_schema_of_a_newer_ecomops(tmp_path: Path) -> None:
    with EmbeddedPostgres.temporary() as server:
        create_databases(server.admin_url, "ecomops", "own", "app")
        owner = server.url("ecomops_owner", "own", "ecomops")
        with psycopg.connect(owner) as database:
            database.execute("CREATE TABLE alembic_version (version_num text)")
            database.execute("INSERT INTO alembic_version VALUES ('9999')")
        done = subprocess.run(
            [sys.executable, "-m", "ecomops", "migrate"],
            cwd=ROOT,
            env={
                "PATH": os.defpath,
                "ECOMOPS_DATA_DIR": str(tmp_path),
                "DATABASE_OWNER_URL": owner,
                "DATABASE_URL": server.url("ecomops_app", "app", "ecomops"),
            },
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 1
    assert "schema revision 9999, which this code does not know" in done.stderr
    assert done.stderr.count("\n") == 1


def test_too_little_room_is_noticed_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = "import shutil, collections; U = collections.namedtuple('U', 'total used free')\n"
    told = up(tmp_path, before=f"{few}shutil.disk_usage = lambda _: U(1, 1, 16_000_000)")
    assert "Only 16 MB are free" in told
    assert "ECOMOPS_DATA_DIR" in told
    assert told.count("\n") == 1
    assert not (tmp_path / "postgres").exists()
    require_space(tmp_path, 1)
    with pytest.raises(LocalStackError, match="MB are free"):
        require_space(tmp_path, space.MEGABYTE**3)


@pytest.mark.slow
def test_a_disk_that_fills_up_while_it_starts(folder: Path) -> None:
    """A file that may not grow is what a full disk looks like to a server."""
    limit = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))"
    )
    told = up(folder, before=limit)
    assert "initdb failed" in told or "No room to write" in told
    assert not (folder / "postgres" / "data").exists()


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """Sixteen megabytes, if this machine lets us mount."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m,mode=0711", "tmpfs", place], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("tmpfs cannot be mounted here")
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.mark.slow
def test_a_really_full_disk(tiny_disk: Path, tmp_path: Path) -> None:
    for parent in tiny_disk.parents:
        if parent.is_relative_to("/tmp/pytest-of-root"):
            parent.chmod(0o711)
    told = up(tiny_disk, before="from ecomops.local import space\nspace.MEGABYTE = 1")
    assert "Only 1" in told
    enough = "import ecomops.local.stack as s\ns.require_space = lambda *_: None"
    told = up(tiny_disk, before=enough)
    assert f"The disk of {tiny_disk} is full. Make room" in told.splitlines()[0]


# What is mended.


def test_a_port_file_cut_short_is_made_anew(tmp_path: Path) -> None:
    record = tmp_path / "port"
    for content in ("", "54x", "99999999"):
        record.write_text(content)
        port = kept_port(record)
        assert record.read_text() == f"{port}\n"


@pytest.mark.slow
def test_a_start_killed_during_initdb_is_done_over(folder: Path) -> None:
    for pause in (0.0, 0.15):
        process = subprocess.Popen(
            [sys.executable, "-m", "ecomops", "up"],
            cwd=ROOT,
            env={"PATH": os.defpath, "ECOMOPS_DATA_DIR": str(folder)} | PORTS,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        eventually((folder / "postgres" / "data.draft").exists)
        time.sleep(pause)
        process.kill()
        process.wait()
        assert not (folder / "postgres" / "data").exists()
    with (
        EmbeddedPostgres(folder / "postgres", durable=False) as server,
        psycopg.connect(server.admin_url) as admin,
    ):
        assert admin.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.slow
def test_a_killed_build_is_begun_again_without_its_packages(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pages are made by something that takes its time, and leaves half a package."""
    (folder / "rxconfig.py").write_text("")
    fake = folder / "python"
    fake.write_text(
        "#!/bin/sh\nmkdir -p .web/node_modules/half .web/build/client\n"
        "[ -e slow ] && touch begun && sleep 60\ntouch .web/build/client/404.html\n"
    )
    fake.chmod(0o755)
    monkeypatch.setattr(frontend, "BIN", folder)
    monkeypatch.setattr(frontend, "npm_environment", lambda _: dict(os.environ))
    (folder / "slow").touch()
    child = os.fork()
    if not child:
        frontend.build_if_stale(folder, folder / "data")
        os._exit(0)
    eventually((folder / "begun").exists)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert not frontend.is_current(folder)
    (folder / ".web" / "node_modules" / "half" / "rubbish").touch()
    (folder / "slow").unlink()
    assert frontend.build_if_stale(folder, folder / "data")
    assert not (folder / ".web" / "node_modules" / "half" / "rubbish").exists()
    assert frontend.is_current(folder)
    assert not (folder / frontend.UNFINISHED).exists()


def test_a_lock_of_a_killed_supervisor_holds_nobody_up(tmp_path: Path) -> None:
    from ecomops.local.private_files import sole_owner

    (tmp_path / "up.lock").write_text("1\n")
    with sole_owner(tmp_path / "up.lock", "ecomops"):
        assert (tmp_path / "up.lock").read_text() == f"{os.getpid()}\n"


def test_what_an_earlier_supervisor_left_is_ended_and_nothing_else(tmp_path: Path) -> None:
    def sleeper(data_dir: Path) -> subprocess.Popen[bytes]:
        mark = f"{data_dir.resolve()}:1"
        return subprocess.Popen(["sleep", "60"], env={**os.environ, MARK: mark})

    ours, theirs = sleeper(tmp_path / "ours"), sleeper(tmp_path / "ours-not")
    try:
        end_strays_of(tmp_path / "ours")
        assert ours.poll() is not None
        assert theirs.poll() is None
    finally:
        for process in (ours, theirs):
            process.kill()
            process.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="/sys and /proc")
def test_grandchildren_do_not_outlive_a_killed_supervisor(tmp_path: Path) -> None:
    """A grandchild in a session of its own, whose parent ignores everything."""
    code = f"""
from pathlib import Path
import subprocess, sys, time
from ecomops.local.guard import Guard
from ecomops.local.strays import mark_children
mark_children(Path({str(tmp_path)!r}))
guard = Guard()
child = "import subprocess, time; p = subprocess.Popen(['sleep', '60'], start_new_session=True);"
child += "print(p.pid, flush=True); time.sleep(60)"
subprocess.Popen([sys.executable, "-c", child])
time.sleep(60)
"""
    owner = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE)
    assert owner.stdout is not None
    with owner:
        grandchild = int(owner.stdout.readline())
        owner.kill()
    eventually(lambda: not psutil.pid_exists(grandchild))
