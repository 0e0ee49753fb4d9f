"""The command line: help is instant, exit codes are honest, the compose file uses real commands."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import click
import psycopg
import pytest
import yaml
from click.testing import CliRunner

from ecomops.__main__ import main
from ecomops.kit.settings import load_settings
from ecomops.local.databases import create_databases
from ecomops.local.errors import LocalStackError
from ecomops.local.migrations import migrate
from ecomops.local.postgres import EmbeddedPostgres
from ecomops.local.project import ROOT
from ecomops.models.jobs import QUEUES
from tests.ports import own_port


def ecomops(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ecomops", *arguments],
        cwd=ROOT,
        env={"PATH": os.defpath, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def commands() -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    for name, command in main.commands.items():
        parts = command.commands if isinstance(command, click.Group) else {"": command}
        found |= {f"{name} {part}".strip(): leaf for part, leaf in parts.items()}
    return found


@pytest.mark.parametrize("command", sorted(commands()))
def test_every_command_explains_itself(command: str) -> None:
    result = CliRunner().invoke(main, [*command.split(), "--help"])
    assert result.exit_code == 0
    assert commands()[command].help
    options = (p for p in commands()[command].params if isinstance(p, click.Option))
    assert all(option.help for option in options)


def test_help_is_instant() -> None:
    began = time.monotonic()
    assert ecomops("--help").returncode == 0
    assert time.monotonic() - began < 1.5


def test_an_unknown_command_is_a_usage_error() -> None:
    assert ecomops("nonsense").returncode == 2


def test_a_wrong_setting_is_named_without_a_traceback(tmp_path: Path) -> None:
    result = ecomops("db", "url", ECOMOPS_PORT="many", ECOMOPS_DATA_DIR=str(tmp_path))
    assert result.returncode == 1
    assert "ECOMOPS_PORT" in result.stderr
    assert "Traceback" not in result.stderr


def test_db_url_prints_the_url_of_the_role_asked_for(tmp_path: Path) -> None:
    urls = {"DATABASE_URL": "postgresql://app", "DATABASE_OWNER_URL": "postgresql://owner"}
    assert ecomops("db", "url", ECOMOPS_DATA_DIR=str(tmp_path), **urls).stdout == (
        "postgresql://app\n"
    )
    assert ecomops("db", "url", "--owner", ECOMOPS_DATA_DIR=str(tmp_path), **urls).stdout == (
        "postgresql://owner\n"
    )


def test_db_url_without_a_database_says_what_to_do(tmp_path: Path) -> None:
    result = ecomops("db", "url", ECOMOPS_DATA_DIR=str(tmp_path))
    assert result.returncode == 1
    assert "make run" in result.stderr


def test_up_refuses_production(tmp_path: Path) -> None:
    result = ecomops(
        "up",
        ECOMOPS_ENV="production",
        ECOMOPS_BASE_URL="https://ecomops.example",
        ECOMOPS_DATA_DIR=str(tmp_path),
        ECOMOPS_SECRET_KEY="s" * 40,
        ECOMOPS_AUDIT_SIGNING_KEY="A" * 43 + "=",
        ECOMOPS_ENCRYPTION_KEYS="A" * 43 + "=",
        DATABASE_URL="postgresql://app",
        REDIS_URL="redis://elsewhere",
    )
    assert result.returncode == 1
    assert "ECOMOPS_ENV=local" in result.stderr


def test_up_stops_at_once_when_its_port_is_taken(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = ecomops("up", ECOMOPS_PORT=str(port), ECOMOPS_DATA_DIR=str(tmp_path))
    assert result.returncode == 1
    assert f"Port {port} is taken by" in result.stderr
    assert not (tmp_path / "postgres").exists()


def test_up_interrupted_before_it_is_up_says_so_in_its_exit_code(folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "ecomops", "up"],
        cwd=ROOT,
        env={"PATH": os.defpath, "ECOMOPS_DATA_DIR": str(folder / "data")}
        | {"ECOMOPS_PORT": str(own_port()), "ECOMOPS_SANDBOX_PORT": str(own_port())},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    seen = ""
    while "PostgreSQL" not in seen:
        line = process.stdout.readline()
        assert line, seen
        seen += line
    process.send_signal(signal.SIGINT)
    seen += process.communicate(timeout=30)[0]
    assert process.returncode == 130, seen
    assert "Stopping" in seen


@pytest.fixture
def fresh_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    with EmbeddedPostgres.temporary() as server:
        monkeypatch.setenv("ECOMOPS_DATA_DIR", str(tmp_path))
        monkeypatch.setenv("DATABASE_URL", server.url("ecomops_app", "app", "ecomops"))
        monkeypatch.setenv("DATABASE_OWNER_URL", server.url("ecomops_owner", "own", "ecomops"))
        yield server


def migrated(server: EmbeddedPostgres) -> subprocess.CompletedProcess[str]:
    names = ("DATABASE_URL", "DATABASE_OWNER_URL", "ECOMOPS_DATA_DIR")
    given = {name: os.environ[name] for name in names}
    return ecomops("migrate", **given, DATABASE_ADMIN_URL=server.admin_url)


def test_migrate_makes_roles_and_schema_and_can_be_repeated(
    fresh_database: EmbeddedPostgres,
) -> None:
    first, second = migrated(fresh_database), migrated(fresh_database)
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert first.stdout == second.stdout
    assert re.fullmatch(r"schema at revision \w+\n", first.stdout)
    with psycopg.connect(os.environ["DATABASE_URL"]) as app:
        row = app.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = user")
        assert row.fetchone() == (False, False)


def test_two_migrations_at_once_both_succeed(fresh_database: EmbeddedPostgres) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as both:
        results = list(both.map(migrated, [fresh_database] * 2))
    assert [result.returncode for result in results] == [0, 0], results


def test_migrate_without_the_application_role_says_how_to_make_it(
    fresh_database: EmbeddedPostgres,
) -> None:
    create_databases(fresh_database.admin_url, "ecomops", "own", "app")
    with psycopg.connect(fresh_database.admin_url, autocommit=True) as admin:
        admin.execute("REVOKE ALL ON DATABASE ecomops FROM ecomops_app")
        admin.execute("DROP ROLE ecomops_app")
    with pytest.raises(LocalStackError, match="DATABASE_ADMIN_URL"):
        migrate(load_settings())


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def own_services() -> dict[str, list[str]]:
    services = compose()["services"].items()
    return {name: part["command"] for name, part in services if part["image"] == "ecomops"}


def all_services() -> dict[str, dict[str, Any]]:
    services: dict[str, dict[str, Any]] = compose()["services"]
    return services


STARTED = {name: words for name, words in own_services().items() if name != "tools"}


@pytest.mark.parametrize(("service", "command"), STARTED.items())
def test_the_compose_file_starts_commands_that_exist(service: str, command: list[str]) -> None:
    found = main.commands[command[0]]
    found.make_context(command[0], command[1:])


def test_the_compose_file_has_every_part() -> None:
    workers = {f"worker-{queue}" for queue in QUEUES}
    assert set(STARTED) == {"migrate", "web", "beat"} | workers
    assert set(all_services()) - set(STARTED) == {"proxy", "postgres", "redis", "tools"}


def test_every_service_that_stays_says_whether_it_is_healthy() -> None:
    staying = {name: part for name, part in all_services().items() if part["restart"] != "no"}
    assert {name for name, part in staying.items() if "healthcheck" not in part} == set()
    for name, part in staying.items():
        if "alive" in part["healthcheck"]["test"]:
            command = part["command"]
            expected = command[command.index("--name") + 1] if "--name" in command else "beat"
            assert part["healthcheck"]["test"][-2:] == ["alive", expected], name


def test_only_the_proxy_can_be_reached_from_outside() -> None:
    assert {name for name, part in all_services().items() if part.get("ports")} == {"proxy"}
    on_edge = {name for name, part in all_services().items() if "edge" in part.get("networks", [])}
    assert on_edge == {"proxy", "web"}
    (edge,) = compose()["networks"]["edge"]["ipam"]["config"]
    trusted = all_services()["web"]["environment"]["ECOMOPS_TRUSTED_PROXIES"]
    assert trusted == edge["subnet"]
    default = re.fullmatch(r"\$\{\w+:-(.+)\}", trusted)
    assert default is not None
    assert ip_network(default[1]).is_private


def test_web_runs_several_times_and_nothing_binds_it_to_one_place() -> None:
    web = all_services()["web"]
    assert web["deploy"]["replicas"] >= 2
    assert not {"ports", "container_name"} & set(web)


def test_the_proxy_serves_the_address_people_type_and_passes_to_every_web() -> None:
    told = (ROOT / "deploy" / "Caddyfile").read_text()
    assert "./deploy/Caddyfile:/etc/caddy/Caddyfile:ro" in all_services()["proxy"]["volumes"]
    assert "\n{$ECOMOPS_BASE_URL} {\n" in told
    assert "name web" in told
    assert "port 3000" in told
    code = "\n".join(line for line in told.splitlines() if not line.lstrip().startswith("#"))
    assert code.count("{") == code.count("}") == 4
    assert "tls internal" not in told
    assert "trusted_proxies" not in told, "Caddy would believe a stranger's X-Forwarded-For"


def test_the_workers_of_the_compose_file_take_every_queue() -> None:
    queues = [
        queue
        for command in own_services().values()
        if command[0] == "worker"
        for queue in command[command.index("--queues") + 1].split(",")
    ]
    assert sorted(queues) == ["default", "export", "posting", "recon", "sync"]


def test_the_compose_file_holds_no_secret_of_its_own() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    secrets = re.findall(r"\$\{(\w*(?:PASSWORD|PASSPHRASE|KEYS?)\w*)(.{2})", text)
    assert secrets
    public = "ECOMOPS_AUDIT_FORMER_KEYS"
    assert {mark for name, mark in secrets if name != public} == {":?"}
