"""The command line: `python -m ecomops --help`.

Every import of consequence happens inside a command, so that help is instant.
"""

from __future__ import annotations

import signal
import sys
from datetime import datetime
from pathlib import Path

import click


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Run and look after ecomops: each part has a command of its own."""


@main.command()
def up() -> None:
    """Start everything on this machine; Ctrl-C stops all of it."""
    # Until the stack listens for it, Ctrl-C ends us as it ends any program.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from ecomops.local.up import up as run_stack

    sys.exit(run_stack())


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on (default: ECOMOPS_PORT).")
def web(host: str, port: int | None) -> None:
    """Serve the pages, their websocket and the HTTP routes on one port."""
    from ecomops.kit.logging import configure_logging
    from ecomops.kit.settings import get_settings
    from ecomops.local.web import serve

    settings = get_settings()
    configure_logging("web", settings.log_level)
    serve(host=host, port=port or settings.port, workers=settings.web_workers)


@main.command()
def build() -> None:
    """Compile the front end for production, unless it is current already."""
    from ecomops.kit.settings import get_settings
    from ecomops.local.frontend import build_if_stale
    from ecomops.local.project import ROOT

    built = build_if_stale(ROOT, get_settings().data_dir.absolute())
    click.echo("built" if built else "unchanged")


@main.command()
@click.option(
    "--queues",
    default="default,sync,recon,posting,export",
    show_default=True,
    help="Queues to take jobs from, separated by commas.",
)
@click.option("--concurrency", default=2, show_default=True, help="Jobs at the same time.")
@click.option("--name", default="worker", show_default=True, help="Name of this worker in logs.")
def worker(queues: str, concurrency: int, name: str) -> None:
    """Run jobs from the queues."""
    from ecomops.kit.settings import get_settings
    from workers.app import app
    from workers.sign_of_life import give_sign_of_life

    give_sign_of_life(get_settings().data_dir.absolute(), name)
    app.worker_main(
        [
            "worker",
            f"--queues={queues}",
            f"--concurrency={concurrency}",
            f"--hostname={name}@%h",
            "--without-gossip",
            "--without-mingle",
        ]
    )


@main.command()
def beat() -> None:
    """Ring for the jobs that are due. A second one at the same time does no harm."""
    from ecomops.kit.settings import get_settings
    from workers.app import app
    from workers.sign_of_life import give_sign_of_life

    data_dir = get_settings().data_dir.absolute()
    give_sign_of_life(data_dir, "beat")
    app.start(["beat", f"--schedule={data_dir / 'beat.schedule'}", "--pidfile="])


@main.command()
@click.argument("name")
@click.option(
    "--within", default=30, show_default=True, help="Seconds that the last sign may be old."
)
def alive(name: str, within: int) -> None:
    """Say whether the worker NAME, or beat, on this data directory does its work.

    The exit code is 1 when it does not: a health check for a container.
    """
    from ecomops.kit.settings import get_settings
    from workers.sign_of_life import seconds_since

    age = seconds_since(get_settings().data_dir.absolute(), name)
    if age is None or age > within:
        sys.exit(f"{name}: " + ("no sign of life" if age is None else f"silent for {age:.0f} s"))
    click.echo(f"{name}: alive")


@main.command()
@click.option("--port", type=int, help="Port to listen on (default: ECOMOPS_SANDBOX_PORT).")
@click.option("--seed", default=7, show_default=True, help="Same seed, same world.")
@click.option("--days", default=90, show_default=True, help="Days of history.")
@click.option("--orders-per-day", default=40, show_default=True, help="Orders on an average day.")
@click.option(
    "--scale", type=int, help="Roughly so many balance transactions, whatever the orders per day."
)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day after the last one of the history (UTC); default: today.",
)
def sandbox(
    port: int | None,
    seed: int,
    days: int,
    orders_per_day: int,
    scale: int | None,
    until: datetime | None,
) -> None:
    """Simulate Stripe on this machine, with a made-up but coherent account."""
    from ecomops.kit.settings import get_settings
    from ecomops.sandbox.server import serve

    serve(
        port=port or get_settings().sandbox_port,
        seed=seed,
        days=days,
        orders_per_day=orders_per_day,
        scale=scale,
        until=until.date() if until else None,
    )


@main.command()
def migrate() -> None:
    """Bring the database to the newest schema, as its owner."""
    from ecomops.kit.settings import get_settings
    from ecomops.local.migrations import migrate as apply

    click.echo(f"schema at revision {apply(get_settings())}")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write the whole database into FILE, encrypted; FILE must not exist."""
    from ecomops.kit.settings import get_settings
    from ecomops.local.backups.backup import backup as write

    made = write(get_settings(), file)
    click.echo(
        f"{file}: {made.rows} rows of {len(made.tables)} tables, schema {made.revision}, "
        f"{file.stat().st_size} bytes"
    )


@main.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def restore(file: Path) -> None:
    """Fill an empty server from the backup in FILE, and compare."""
    from ecomops.kit.settings import get_settings
    from ecomops.local.backups.restore import restore as fill

    made = fill(get_settings(), file)
    click.echo(
        f"Restored {made.rows} rows of {len(made.tables)} tables, schema {made.revision}, as of "
        f"{made.made_at}: all equal to what was backed up, and the audit trail with it."
    )


@main.command()
def demo() -> None:
    """Make the demo workspace with its sandbox connection, and start a sync."""
    from ecomops.local.demo import seed

    seed()


@main.group()
def plan() -> None:
    """The plan of a workspace: trial, pro or enterprise."""


@plan.command("set")
@click.argument("slug")
@click.argument("name", metavar="PLAN", type=click.Choice(["trial", "pro", "enterprise"]))
def plan_set(slug: str, name: str) -> None:
    """Put the workspace SLUG on PLAN. It is audited as done by the system."""
    from ecomops.local.administration import set_plan

    set_plan(slug, name)
    click.echo(f"{slug} is on {name}.")


@main.group()
def people() -> None:
    """The people of a workspace, for an operator when no admin can sign in."""


@people.command("add")
@click.argument("slug")
@click.argument("email")
@click.argument("role", type=click.Choice(["admin", "finance", "ops", "readonly"]))
def people_add(slug: str, email: str, role: str) -> None:
    """Invite EMAIL to the workspace SLUG as ROLE, and print the link to join."""
    from ecomops.local.administration import invite_person

    click.echo(invite_person(slug, email, role))


@people.command("link")
@click.argument("slug")
@click.argument("email")
def people_link(slug: str, email: str) -> None:
    """Print a new link for EMAIL of SLUG: to join, or to choose a new password."""
    from ecomops.local.administration import link_for_person

    click.echo(link_for_person(slug, email))


@main.group()
def keys() -> None:
    """The keys that encrypt stored credentials."""


@keys.command("rotate")
def keys_rotate() -> None:
    """Encrypt all credentials anew with the first of ECOMOPS_ENCRYPTION_KEYS.

    Put the new key in front of the old ones, restart, rotate, then take the old ones away. It may
    be interrupted and run again.
    """
    from ecomops.local.administration import rotate_keys

    done = rotate_keys()
    click.echo(f"{done.resealed} re-encrypted, {done.unreadable} unreadable")
    sys.exit(1 if done.unreadable else 0)


@main.group()
def audit() -> None:
    """The audit log's proofs."""


@audit.command("verify")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--public-key", "keys", multiple=True, help="Trust this key (base64) alone.")
def audit_verify(file: Path, keys: tuple[str, ...]) -> None:
    """Check an exported audit log; needs nothing but FILE. The exit code is 1 if it was changed."""
    from ecomops.core.audit_log import key_id
    from ecomops.local.audit_file import in_words, verify_file

    try:
        _ = [key_id(key) for key in keys]
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--public-key") from None
    click.echo(f"{file}: {in_words(verify_file(file, keys))}")


@audit.command("key")
def audit_key() -> None:
    """Print the public key that seals are signed with, and its id."""
    from ecomops.domains.audit.keys import signing_key

    key = signing_key()
    click.echo(f"{key.public} {key.id}")


@main.group()
def db() -> None:
    """The database of this installation."""


@db.command("url")
@click.option("--owner", is_flag=True, help="As the owner of the tables, not as the application.")
def db_url(owner: bool) -> None:
    """Print the connection string, password included."""
    from ecomops.kit.settings import get_settings

    settings = get_settings()
    url = settings.database_owner_url if owner else settings.database_url
    if not url.get_secret_value():
        raise click.ClickException("No database is configured. Start it first: make run")
    click.echo(url.get_secret_value())


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(arguments: tuple[str, ...]) -> None:
    """Measure ecomops against reference implementations; writes bench.json."""
    from bench import main as measure

    sys.exit(measure(list(arguments)))


def run() -> None:
    """Run the command line; what goes wrong is said in words, not as a traceback."""
    from pydantic import ValidationError

    from ecomops.kit.errors import EcomopsError
    from ecomops.local.errors import LocalStackError
    from ecomops.local.system_errors import in_words

    try:
        main(prog_name="python -m ecomops")
    except ValidationError as error:
        lines = (f"  {'.'.join(map(str, e['loc']))} {e['msg']}" for e in error.errors())
        sys.exit("\n".join(["Error: these settings are wrong", *lines]))
    except (EcomopsError, LocalStackError) as error:
        sys.exit(f"Error: {error}")
    except UnicodeDecodeError:
        sys.exit(
            "Error: .env or local.env is not a text file. Put your copy of it back; see "
            "docs/operations.md."
        )
    except OSError as error:
        told = in_words(error)
        if told is None:
            raise
        sys.exit(f"Error: {told}")


if __name__ == "__main__":
    run()
